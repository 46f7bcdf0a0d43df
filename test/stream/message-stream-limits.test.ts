// receive({ timeout, signal }) and bytes, text, json({ timeout, signal }): one deadline holds for the whole
// call, and no bytes are lost if a call is given up.

import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { messageStream } from '../../src/entries/main.ts';
import type { IncomingMessage, MessageStream } from '../../src/entries/main.ts';
import { join } from '../support/bytes.ts';
import { encoded, pieces, stalled, streams } from '../support/message-streams.ts';
import { tcpPair, write } from '../support/sockets.ts';
import type { Pair } from '../support/sockets.ts';
import { deferred, emitted, rejection, turns, until } from '../support/waiting.ts';

const SHORT_MS = 40;
type Header = Record<string, unknown>;

interface Begun extends Pair {
  readonly stream: MessageStream<Header>;
  readonly message: IncomingMessage<Header>;
  /** The rest of the body, and one more message. */
  readonly rest: Uint8Array;
}

/** Makes a stream that has received the head of a message and `count` bytes of its body of 1000. */
async function begun(count: number): Promise<Begun> {
  const pair = await tcpPair();
  const stream = messageStream(pair.near);
  const bytes = encoded({ n: 1 }, 'x'.repeat(1000));
  const cut = bytes.length - 1000 + count;
  await write(pair.far, bytes.subarray(0, cut));
  const message = await stream.receive();
  if (message === undefined) {
    throw new Error('no message came');
  }
  return { ...pair, stream, message, rest: join([bytes.subarray(cut), encoded({ n: 2 }, 'two')]) };
}

/** Writes a byte in each turn, until `stop` has settled. */
async function dribble({ far }: Pair, stop: Promise<unknown>): Promise<void> {
  const state = { isOver: false };
  const over = (): void => {
    state.isOver = true;
  };
  stop.then(over, over);
  // Send so few bytes that the body is never whole.
  for (let sent = 0; !state.isOver; sent++) {
    if (sent < 300) {
      far.write('x');
    }
    await turn();
  }
}

describe('receive with a timeout', () => {
  test.each([
    ['the next message does not come', 1000],
    ['the rest of the body before does not come', 5],
    ['nothing of the body before comes', 0],
  ])('fails when %s, and the next call goes on', async (_, count) => {
    const { stream, far, rest } = await begun(count);
    expect(await rejection(stream.receive({ timeout: SHORT_MS }))).toMatchObject({
      name: 'ConnectionError',
      code: 'ERR_TIMEOUT',
      limit: SHORT_MS,
    });
    await write(far, rest);
    expect((await stream.receive({ timeout: 5000 }))?.header).toMatchObject({ n: 2 });
  });

  test('fails while somebody still waits for bytes of the body before', async () => {
    const { stream, message, far, rest } = await begun(5);
    message.body.on('data', () => undefined);
    const failed = new Promise((resolve) => void message.body.once('error', resolve));
    await turns(5);
    expect(await rejection(stream.receive({ timeout: SHORT_MS }))).toMatchObject({
      code: 'ERR_TIMEOUT',
    });
    expect(await failed).toMatchObject({ code: 'ERR_BODY_DISCARDED' });
    await write(far, rest);
    expect((await stream.receive())?.header).toMatchObject({ n: 2 });
  });

  test('is one deadline, also while the body before dribbles in', async () => {
    const set = await begun(1);
    const received = rejection(set.stream.receive({ timeout: SHORT_MS }));
    await dribble(set, received);
    expect(await received).toMatchObject({ code: 'ERR_TIMEOUT' });
  });

  test('of 0 gives what is there, also behind an unread body, else fails', async () => {
    const { stream, far, near, rest } = await begun(5);
    const failed = rejection(stream.receive({ timeout: 0 }));
    expect(await failed).toMatchObject({ code: 'ERR_TIMEOUT', limit: 0 });
    const before = near.bytesRead;
    await write(far, rest);
    // The kernel already has the bytes, so one look at the input is enough.
    await until(() => near.bytesRead > before || near.isPaused(), 'it came');
    expect((await stream.receive({ timeout: 0 }))?.header).toMatchObject({ n: 2 });
  });

  test('does not fail where the answer came while the process was busy', async () => {
    const { stream, far, rest } = await begun(1000);
    const received = stream.receive({ timeout: SHORT_MS });
    await write(far, rest);
    const end = performance.now() + 3 * SHORT_MS;
    while (performance.now() < end) {}
    expect((await received)?.header).toMatchObject({ n: 2 });
  });
});

describe('receive with a signal', () => {
  test('is given up by it, and loses nothing', async () => {
    const { stream, far, rest } = await begun(5);
    const controller = new AbortController();
    const received = rejection(stream.receive({ signal: controller.signal }));
    controller.abort(new Error('enough'));
    expect(await received).toMatchObject({
      code: 'ERR_ABORTED',
      cause: { message: 'enough' },
    });
    await write(far, rest);
    expect((await stream.receive())?.header).toMatchObject({ n: 2 });
  });

  test('gives a message that came before the abort, or keeps it for the next call', async () => {
    const { stream, far, near, rest } = await begun(1000);
    const controller = new AbortController();
    const received = stream.receive({ signal: controller.signal });
    const before = near.bytesRead;
    await write(far, rest);
    await until(() => near.bytesRead > before, 'it came');
    controller.abort();
    const message = await received.catch(() => stream.receive());
    expect(message?.header).toMatchObject({ n: 2 });
  });
});

describe('a loop over messages', () => {
  test('that is left while it waits hands the next message to the next reader', async () => {
    const { stream, far, rest } = await begun(5);
    const iterator = stream[Symbol.asyncIterator]();
    const waiting = iterator.next();
    expect(await iterator.return?.()).toEqual({ done: true, value: undefined });
    expect(await waiting).toEqual({ done: true, value: undefined });
    await write(far, rest);
    expect((await stream.receive())?.header).toMatchObject({ n: 2 });
  });

  test('may be asked for several messages at once', async () => {
    const { near, far } = await tcpPair();
    const iterator = messageStream(near)[Symbol.asyncIterator]();
    const asked = [iterator.next(), iterator.next(), iterator.next()];
    far.end(join([encoded({ n: 1 }), encoded({ n: 2 })]));
    const answers = await Promise.all(asked);
    expect(answers.map(({ value }) => value?.header['n'])).toEqual([1, 2, undefined]);
  });

  test('beside a receive that waits is refused', async () => {
    const { stream, far, rest } = await begun(1000);
    const received = stream.receive();
    expect(await rejection(stream.receive())).toMatchObject({ code: 'ERR_CONCURRENT_READ' });
    expect(await rejection(stream[Symbol.asyncIterator]().next())).toMatchObject({
      code: 'ERR_CONCURRENT_READ',
    });
    await write(far, rest);
    expect((await received)?.header).toMatchObject({ n: 2 });
  });
});

describe.each(['bytes', 'text', 'json'] as const)('%s with limits', (verb) => {
  test('fails after the timeout, and can be asked again', async () => {
    const { near, far } = await tcpPair();
    const stream = messageStream(near);
    const bytes = encoded({}, '[1,2,3]');
    await write(far, bytes.subarray(0, -3));
    const message = await stream.receive();
    const read = (): Promise<unknown> =>
      message?.[verb]({ timeout: SHORT_MS }) ?? Promise.resolve(undefined);
    expect(await rejection(read())).toMatchObject({ code: 'ERR_TIMEOUT', limit: SHORT_MS });
    await write(far, bytes.subarray(-3));
    const expected = { bytes: Buffer.from('[1,2,3]'), text: '[1,2,3]', json: [1, 2, 3] };
    expect(await message?.[verb]({ timeout: 5000 })).toEqual(expected[verb]);
  });

  test('is one deadline while the body dribbles in', async () => {
    const set = await begun(1);
    const read = rejection(set.message[verb]({ timeout: SHORT_MS }));
    await dribble(set, read);
    expect(await read).toMatchObject({ code: 'ERR_TIMEOUT' });
  });

  test('is given up by its signal', async () => {
    const { message } = await begun(5);
    const controller = new AbortController();
    const read = rejection(message[verb]({ signal: controller.signal }));
    controller.abort();
    expect(await read).toMatchObject({ code: 'ERR_ABORTED' });
  });

  test('is told when the next message is asked for', async () => {
    const { message, stream, far, rest } = await begun(5);
    const read = rejection(message[verb]());
    const next = stream.receive();
    expect(await read).toMatchObject({ code: 'ERR_BODY_DISCARDED' });
    await write(far, rest);
    expect((await next)?.header).toMatchObject({ n: 2 });
    expect(await rejection(message[verb]())).toMatchObject({ code: 'ERR_BODY_DISCARDED' });
  });

  test('after setEncoding on the body is refused with a typed error', async () => {
    const { message } = await begun(1000);
    message.body.setEncoding('utf8');
    expect(await rejection(message[verb]())).toMatchObject({
      name: 'UsageError',
      code: 'ERR_OPTION',
    });
  });
});

test('a body that was collected in part is no stream any more', async () => {
  const { message } = await begun(5);
  await rejection(message.bytes({ timeout: 0 }));
  expect(await rejection(message.body.toArray())).toMatchObject({ code: 'ERR_BODY_DISCARDED' });
});

describe('send with a signal', () => {
  test('does not send a message whose turn has not come, and lets its source go', async () => {
    const { a, b } = await streams();
    const gate = deferred();
    const first = a.send({
      header: { n: 1 },
      body: (async function* slow() {
        await gate.promise;
        yield 'x';
      })(),
      bodyLength: 1,
    });
    const controller = new AbortController();
    const { signal } = controller;
    const source = stalled();
    const gone = emitted(source, 'close');
    const given = [
      rejection(a.send({ header: { n: 2 } }, { signal })),
      rejection(a.send({ header: { n: 3 }, body: source, bodyLength: 1 }, { signal })),
    ];
    const last = a.send({ header: { n: 4 } });
    controller.abort();
    for (const failed of given) {
      expect(await failed).toMatchObject({ code: 'ERR_ABORTED' });
    }
    gate.resolve();
    await Promise.all([first, last, gone]);
    await a.end();
    const seen: unknown[] = [];
    for await (const { header } of b) {
      seen.push(header['n']);
    }
    expect(seen).toEqual([1, 4]);
  });

  test('that was aborted before sends nothing', async () => {
    const { a } = await streams();
    const signal = AbortSignal.abort();
    for (const message of [
      { header: {}, body: 'x' },
      { header: {}, body: pieces('x'), bodyLength: 1 },
    ]) {
      expect(await rejection(a.send(message, { signal }))).toMatchObject({ code: 'ERR_ABORTED' });
    }
    expect(a.stats.sent.bytes).toBe(0);
  });

  test('stops waiting for a body that was begun, which goes on', async () => {
    const { a, b } = await streams();
    const gate = deferred();
    const controller = new AbortController();
    const body = (async function* slow() {
      yield 'ha';
      await gate.promise;
      yield 'lf';
    })();
    const sent = a.send({ header: {}, body, bodyLength: 4 }, { signal: controller.signal });
    const message = await b.receive();
    controller.abort();
    expect(await rejection(sent)).toMatchObject({ code: 'ERR_ABORTED' });
    gate.resolve();
    expect(await message?.text()).toBe('half');
  });
});
