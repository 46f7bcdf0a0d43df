// The options of a message stream and of its methods: a wrong option is refused before anything happens.

import { AsyncLocalStorage } from 'node:async_hooks';
import type { Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { messageStream } from '../../src/entries/main.ts';
import type { IncomingMessage } from '../../src/entries/main.ts';
import { encoded, streams } from '../support/message-streams.ts';
import { tcpPair, write } from '../support/sockets.ts';
import { rejection } from '../support/waiting.ts';

async function messageStreamOf(
  near: Socket,
  far: Socket,
): Promise<IncomingMessage<Record<string, unknown>>> {
  await write(far, encoded({}, 'x'.repeat(1000)));
  const message = await messageStream(near).receive();
  if (message === undefined) {
    throw new Error('no message came');
  }
  return message;
}

describe('misspelt and wrong options are refused by', () => {
  const wrong: readonly unknown[] = [{ timout: 5 }, { Signal: undefined }, null, 20, 'soon'];
  const reading = [
    ...wrong,
    { timeout: -1 },
    { timeout: '5' },
    { timeout: Number.NaN },
    { signal: 5 },
  ];
  const verbs: Record<string, readonly unknown[]> = {
    receive: reading,
    send: [...wrong, { timeout: 5 }, { signal: {} }],
    close: [...wrong, { within: -1 }, { within: '5' }, { discardUnread: true }],
  };

  test.each(Object.keys(verbs))('%s', async (verb) => {
    const { a } = await streams();
    for (const options of verbs[verb] ?? []) {
      const given = verb === 'send' ? [{ header: {} }, options] : [options];
      const method: unknown = Reflect.get(a, verb);
      if (typeof method !== 'function') {
        throw new Error(`there is no ${verb}`);
      }
      expect(await rejection(Reflect.apply(method, a, given))).toMatchObject({
        name: 'UsageError',
        code: 'ERR_OPTION',
      });
    }
    // A call that was refused has had no effect.
    await a.send({ header: {} });
    expect(a.stats.sent.frames).toBe(1);
  });

  test.each(['bytes', 'text', 'json'])('%s', async (verb) => {
    const { near, far } = await tcpPair();
    const message = await messageStreamOf(near, far);
    for (const options of reading) {
      const method: unknown = Reflect.get(message, verb);
      if (typeof method !== 'function') {
        throw new Error(`there is no ${verb}`);
      }
      expect(await rejection(Reflect.apply(method, message, [options]))).toMatchObject({
        name: 'UsageError',
        code: 'ERR_OPTION',
      });
    }
    expect(await message.bytes()).toHaveLength(1000);
  });

  test.each<[unknown]>([
    [{ maxbodyLength: 5 }],
    [{ onSkip: () => undefined }],
    [{ maxBodyLength: '5' }],
    [{ idleTimeout: 0 }],
    [null],
  ])('messageStream: %o', async (options) => {
    const { near } = await tcpPair();
    expect(() => Reflect.apply(messageStream, undefined, [near, options])).toThrow(
      expect.objectContaining({ name: 'UsageError', code: 'ERR_OPTION' }) as Error,
    );
    // The duplex is free again, too.
    expect(messageStream(near).duplex).toBe(near);
  });
});

test('parseHeader runs in the async context of whoever reads', async () => {
  const storage = new AsyncLocalStorage<string>();
  const contexts: unknown[] = [];
  const { near, far } = await tcpPair();
  const stream = messageStream(near, {
    parseHeader: (header: unknown) => {
      contexts.push(storage.getStore());
      return header;
    },
  });
  const reading = storage.run('the reader', () => stream.receive());
  await write(far, encoded({ n: 1 }));
  await reading;
  await write(far, encoded({ n: 2 }));
  await storage.run('the reader', () => stream.receive());
  expect(contexts).toEqual(['the reader', 'the reader']);
});
