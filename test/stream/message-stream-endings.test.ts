// What the endings of a message stream wait for, and for how long: streamed bodies in line, sources that
// stall or give another length than declared, and remotes that read nothing.

import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { messageStream } from '../../src/entries/main.ts';
import type { MessageStream } from '../../src/entries/main.ts';
import { utf8 } from '../support/bytes.ts';
import { blocks, gated, pieces, stalled, streams } from '../support/message-streams.ts';
import { readToEnd, resetAfter, tcpPair, unixPair, write } from '../support/sockets.ts';
import type { Pair } from '../support/sockets.ts';
import { deferred, emitted, rejection, settled, turns, until } from '../support/waiting.ts';

const MIB = 1024 * 1024;
const LOST = 'ERR_CONNECTION_LOST';

interface Stage extends Pair {
  readonly stream: MessageStream<Record<string, unknown>>;
  readonly controller: AbortController;
}

/** Turns the clock, and lets its effects happen. */
async function pass(ms: number): Promise<void> {
  vi.advanceTimersByTime(ms);
  await turns(8);
}

function* failing(): Generator<string> {
  yield 'x';
  throw new Error('disk on fire');
}

describe('close({ within })', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test('waits for a source that stalls no longer than that, and then resets', async () => {
    const { a, near, far } = await streams();
    const source = stalled();
    const sent = rejection(a.send({ header: {}, body: source, bodyLength: 5 }));
    const inLine = rejection(a.send({ header: {} }));
    await until(() => far.bytesRead > 0, 'the body is begun');
    const closing = rejection(a.close({ within: 700 }));
    await pass(699);
    expect(near.destroyed).toBe(false);
    await pass(1);
    expect(await closing).toMatchObject({ name: 'ConnectionError', code: 'ERR_TIMEOUT' });
    for (const failed of [sent, inLine]) {
      expect(await failed).toMatchObject({ name: 'ConnectionError', code: 'ERR_TIMEOUT' });
    }
    expect([near.destroyed, source.destroyed]).toEqual([true, true]);
    expect(await a.closed).toMatchObject({ code: 'ERR_TIMEOUT' });
    expect(vi.getTimerCount()).toBe(0);
  });

  test('waits for a remote that reads nothing no longer than that', async () => {
    const { a, near, far } = await streams();
    far.pause();
    const sent = rejection(
      a.send({ header: {}, body: Readable.from(blocks(64)), bodyLength: 64 * MIB }),
    );
    await settled(() => a.stats.queued);
    const closing = rejection(a.close({ within: 700 }));
    await pass(700);
    expect(await closing).toMatchObject({
      code: 'ERR_TIMEOUT',
      queued: expect.any(Number) as unknown,
    });
    expect(await sent).toMatchObject({ code: 'ERR_TIMEOUT' });
    expect(near.destroyed).toBe(true);
  });

  test('of an await using scope is 5 s, and it leaves no timer', async () => {
    const { a, near, far } = await streams();
    const sent = rejection(a.send({ header: {}, body: stalled(), bodyLength: 5 }));
    await until(() => far.bytesRead > 0, 'the body is begun');
    const disposed = rejection(a[Symbol.asyncDispose]());
    await pass(4999);
    expect(near.destroyed).toBe(false);
    await pass(1);
    expect(await disposed).toMatchObject({ code: 'ERR_TIMEOUT' });
    expect(await sent).toMatchObject({ code: 'ERR_TIMEOUT' });
    expect(vi.getTimerCount()).toBe(0);
  });

  test('is shortened by a later call', async () => {
    const { a, near, far } = await streams();
    const sent = rejection(a.send({ header: {}, body: stalled(), bodyLength: 5 }));
    await until(() => far.bytesRead > 0, 'the body is begun');
    const closing = a.close();
    expect(a.close({ within: 100 })).toBe(closing);
    await pass(100);
    expect(await rejection(closing)).toMatchObject({ code: 'ERR_TIMEOUT' });
    expect(near.destroyed).toBe(true);
    await sent;
  });
});

test('both sides send 64 MiB, one closes: nobody waits for ever', async () => {
  const { a, b } = await streams();
  const length = 64 * MIB;
  const theirs = b.send({ header: {}, body: Readable.from(blocks(64)), bodyLength: length });
  const ours = a.send({ header: {}, body: Readable.from(blocks(64)), bodyLength: length });
  await settled(() => a.stats.queued + b.stats.queued);
  const closing = a.close({ within: 20_000 });
  await theirs;
  let received = 0;
  for await (const message of b) {
    for await (const bytes of message.body) {
      received += bytes.length;
    }
  }
  await ours;
  await b.close();
  await closing;
  expect(received).toBe(length);
});

test('a scope that is left does not cut a streamed body that flows', async () => {
  const { a, b } = await streams();
  const length = 32 * MIB;
  const scope = (async () => {
    await using stream = a;
    void stream.send({ header: {}, body: Readable.from(blocks(32)), bodyLength: length });
  })();
  const message = await b.receive();
  let received = 0;
  for await (const bytes of message?.body ?? []) {
    received += bytes.length;
  }
  expect(await b.receive()).toBeUndefined();
  await b.close();
  await scope;
  expect(received).toBe(length);
  expect(await a.closed).toBeUndefined();
});

describe('what nobody awaits never ends the process', () => {
  test.each<[string, (stage: Stage) => void]>([
    ['close', ({ stream }) => void stream.close()],
    ['end', ({ stream }) => void stream.end()],
    ['asyncDispose', ({ stream }) => void stream[Symbol.asyncDispose]()],
    ['send', ({ stream }) => void stream.send({ header: {} })],
    [
      'send with a signal',
      ({ stream, controller }) => {
        void stream.send({ header: {}, body: Buffer.alloc(MIB) }, { signal: controller.signal });
      },
    ],
    [
      'a streamed send',
      ({ stream }) => void stream.send({ header: {}, body: stalled(), bodyLength: 3 }),
    ],
    [
      'a streamed send whose source fails',
      ({ stream }) => {
        const body = Readable.from(failing());
        void stream.send({ header: {}, body, bodyLength: 3 });
      },
    ],
  ])('%s, when the remote resets', async (_, act) => {
    const unhandled: unknown[] = [];
    const listener = (error: unknown): number => unhandled.push(error);
    process.on('unhandledRejection', listener);
    onTestFinished(() => void process.off('unhandledRejection', listener));
    const pair = await tcpPair();
    const controller = new AbortController();
    const stage = { ...pair, controller, stream: messageStream(pair.near) };
    const big = { header: {}, body: Buffer.alloc(8 * MIB) };
    void stage.stream.send(big);
    void stage.stream.send(big);
    act(stage);
    await turns(3);
    stage.far.resetAndDestroy();
    await emitted(stage.near, 'close');
    await turns(10);
    expect(unhandled).toEqual([]);
  });
});

describe('an ending in whose line a source breaks its word', () => {
  test.each(['end', 'close'] as const)('%s rejects with that', async (verb) => {
    const { a, b } = await streams();
    const sent = rejection(a.send({ header: {}, body: pieces('1234'), bodyLength: 5 }));
    const ended = rejection(a[verb]());
    expect(await ended).toBe(await sent);
    expect(await ended).toMatchObject({ code: 'ERR_MESSAGE_BODY_MISMATCH' });
    const looped = (async () => {
      for await (const message of b) {
        await message.bytes();
      }
    })();
    expect(await rejection(looped)).toMatchObject({
      code: expect.stringMatching(/ERR_FRAME_TRUNCATED|ERR_CONNECTION_LOST/) as unknown,
    });
  });

  test('over a unix socket the remote sees an unfinished message, and no clean end', async () => {
    const { near, far } = await unixPair();
    const b = messageStream(far);
    const sent = rejection(messageStream(near).send({ header: {}, body: pieces(), bodyLength: 5 }));
    const looped = (async () => {
      for await (const message of b) {
        await message.bytes();
      }
    })();
    expect(await rejection(looped)).toMatchObject({ code: 'ERR_FRAME_TRUNCATED' });
    await sent;
  });
});

describe('release', () => {
  test('is refused while a streamed body is sent, and not behind it', async () => {
    const { a, near, b } = await streams();
    const gate = deferred();
    const sent = a.send({ header: {}, bodyLength: 6, body: gated(gate.promise) });
    expect(() => a.release()).toThrow(
      expect.objectContaining({ name: 'UsageError', code: 'ERR_OPTION' }) as Error,
    );
    gate.resolve();
    await sent;
    expect(a.release()).toBe(near);
    near.end('more');
    expect(await (await b.receive())?.text()).toBe('before');
  });

  test('after a receive that was given up hands everything back', async () => {
    const { near, far } = await tcpPair();
    const stream = messageStream(near);
    await rejection(stream.receive({ timeout: 0 }));
    const released = stream.release();
    await write(far, utf8('plain'));
    far.end();
    released.resume();
    expect(String(await readToEnd(near))).toBe('plain');
    expect(await stream.closed).toBeUndefined();
  });
});

test('a loss while a message is awaited is reported, and after it again', async () => {
  const { a, near, far } = await streams();
  const reading = rejection(a.receive());
  await resetAfter({ near, far }, 0);
  expect(await reading).toMatchObject({ code: LOST });
  expect(await rejection(a.receive())).toMatchObject({ code: LOST });
  expect(await a.closed).toMatchObject({ code: LOST });
});
