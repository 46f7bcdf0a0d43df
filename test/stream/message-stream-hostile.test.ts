// Remotes that are hostile or merely slow, and sources that are so: what each of them costs a message stream,
// and which clock ends it.

import { Readable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { messageStream } from '../../src/entries/main.ts';
import type { IncomingMessage, MessageStreamOptions } from '../../src/entries/main.ts';
import { hex, join, utf8 } from '../support/bytes.ts';
import { encoded, stalled, streams } from '../support/message-streams.ts';
import { resetAfter, tcpPair, write } from '../support/sockets.ts';
import type { Pair } from '../support/sockets.ts';
import { stallElsewhere } from '../support/stall-clock.ts';
import { deferred, rejection, settled, turns, until } from '../support/waiting.ts';

const SHORT_MS = 40;
type Header = Record<string, unknown>;
type Read = (message: IncomingMessage<Header>) => Promise<unknown>;

const reads: Record<string, Read> = {
  'as a stream': async ({ body }) => {
    for await (const bytes of body) {
      expect(bytes).toBeInstanceOf(Uint8Array);
    }
  },
  'by bytes()': (message) => message.bytes(),
  'by json()': (message) => message.json(),
};

/** Reads to the end in one way, and returns how the reading ended. */
async function outcome(
  { near }: Pair,
  read: Read,
  options: MessageStreamOptions<Header> = {},
): Promise<unknown> {
  const stream = messageStream(near, options);
  return rejection(
    (async () => {
      for await (const message of stream) {
        await read(message);
      }
    })(),
  );
}

describe.each(Object.entries(reads))('a body that is read %s', (_, read) => {
  const bytes = encoded({}, '"a body of json"');

  test('whose remote stops is ERR_FRAME_STALLED, and the socket is gone', async () => {
    const pair = await tcpPair();
    await write(pair.far, bytes.subarray(0, -3));
    expect(await outcome(pair, read, { frameTimeout: SHORT_MS })).toMatchObject({
      name: 'ConnectionError',
      code: 'ERR_FRAME_STALLED',
    });
    expect(pair.near.destroyed).toBe(true);
  });

  test('whose remote resets in the middle is ERR_CONNECTION_LOST', async () => {
    const pair = await tcpPair();
    const lost = outcome(pair, read);
    await write(pair.far, bytes.subarray(0, -3));
    await resetAfter(pair, bytes.length - 3);
    expect(await lost).toMatchObject({ code: 'ERR_CONNECTION_LOST' });
  });

  test('whose remote ends in the middle is ERR_FRAME_TRUNCATED', async () => {
    const pair = await tcpPair();
    pair.far.end(bytes.subarray(0, -3));
    expect(await outcome(pair, read)).toMatchObject({
      name: 'ProtocolError',
      code: 'ERR_FRAME_TRUNCATED',
    });
  });

  test.each([
    ['a length that is no length', hex('ffffffff 00'), 'ERR_MESSAGE_HEADER_TOO_LARGE'],
    ['a header that is no JSON', hex('00000002 7b7b'), 'ERR_MESSAGE_HEADER_INVALID'],
    [
      'a header that is an array',
      join([hex('00000002'), utf8('[]')]),
      'ERR_MESSAGE_HEADER_INVALID',
    ],
    [
      'a negative body length',
      join([hex('00000011'), utf8('{"bodyLength":-1}')]),
      'ERR_MESSAGE_BODY_LENGTH',
    ],
    ['another protocol', utf8('GET / HTTP/1.1\r\n\r\n'), 'ERR_MESSAGE_HEADER_TOO_LARGE'],
  ])('and followed by %s comes first', async (__, garbage, code) => {
    const pair = await tcpPair();
    const { near, far } = pair;
    const stream = messageStream(near);
    await write(far, join([bytes, garbage]));
    const message = await stream.receive();
    if (message === undefined) {
      throw new Error('no message came');
    }
    await read(message);
    for (let again = 0; again < 2; again++) {
      expect(await rejection(stream.receive())).toMatchObject({
        name: 'ProtocolError',
        code,
        frameIndex: 1,
        byteOffset: bytes.length,
      });
    }
    // An answer can still be sent.
    await stream.send({ header: { error: 'garbage' } });
    await until(() => far.bytesRead > 0, 'it came');
  });
});

describe('frameTimeout', () => {
  test('counts the pieces of a streamed body as frames: a slow body is not a stalled one', async () => {
    const { near, far } = await tcpPair();
    const stream = messageStream(near, { frameTimeout: 10 * SHORT_MS });
    const length = 16;
    const bytes = encoded({}, 'x'.repeat(length));
    await write(far, bytes.subarray(0, -length));
    const collected = (await stream.receive())?.bytes();
    for (let i = 0; i < length; i++) {
      await stallElsewhere(SHORT_MS);
      await write(far, bytes.subarray(-length + i, bytes.length - length + i + 1));
    }
    expect(await collected).toHaveLength(length);
  });

  test('rests while nobody reads the body here', async () => {
    const { near, far } = await tcpPair();
    const stream = messageStream(near, { frameTimeout: SHORT_MS });
    const bytes = encoded({}, 'body');
    await write(far, bytes.subarray(0, -2));
    const message = await stream.receive();
    await stallElsewhere(SHORT_MS);
    await stallElsewhere(SHORT_MS);
    await write(far, bytes.subarray(-2));
    expect(await message?.text()).toBe('body');
  });

  test('ends a stream whose remote dribbles a header', async () => {
    const { near, far } = await tcpPair();
    const stalling = rejection(messageStream(near, { frameTimeout: SHORT_MS }).receive());
    far.write(hex('00001000'));
    while (!near.destroyed) {
      far.write(' ');
      await turn();
    }
    expect(await stalling).toMatchObject({ code: 'ERR_FRAME_STALLED' });
  });
});

test('a body that dribbles is ended by the limit of its call, and by close', async () => {
  const { near, far } = await tcpPair();
  const stream = messageStream(near);
  const bytes = encoded({}, 'x'.repeat(100_000));
  await write(far, bytes.subarray(0, -100_000));
  const message = await stream.receive();
  const state = { isOver: false };
  const dribbling = (async () => {
    while (!state.isOver) {
      far.write('x');
      await turn();
    }
  })();
  expect(await rejection(message?.bytes({ timeout: SHORT_MS }) ?? turn())).toMatchObject({
    code: 'ERR_TIMEOUT',
  });
  const reading = message?.bytes() ?? turn();
  const closing = stream.close({ within: SHORT_MS });
  expect(await rejection(reading)).toMatchObject({ code: 'ERR_CONNECTION_CLOSED' });
  // No bytes of this side were lost: only the remote's end was missing.
  await closing;
  expect(near.destroyed).toBe(true);
  state.isOver = true;
  await dribbling;
});

function* endless(): Generator<Buffer> {
  for (;;) {
    yield Buffer.alloc(256 * 1024);
  }
}

describe('a slow source is not a stall of the remote', () => {
  test('with frameTimeout and sendTimeout', async () => {
    const { near, far } = await tcpPair();
    const a = messageStream(near, { sendTimeout: SHORT_MS, frameTimeout: SHORT_MS });
    const b = messageStream(far);
    const gate = deferred();
    const body = (async function* slow() {
      yield 'sl';
      await gate.promise;
      yield 'ow';
    })();
    const sent = a.send({ header: {}, body, bodyLength: 4 });
    const reading = a.receive();
    const message = await b.receive();
    for (let i = 0; i < 3; i++) {
      await stallElsewhere(SHORT_MS);
    }
    gate.resolve();
    await sent;
    expect(await message?.text()).toBe('slow');
    b.destroy();
    await rejection(reading);
  });

  test('and a remote that takes nothing is one: ERR_SEND_STALLED, and the source is let go', async () => {
    const { near, far } = await tcpPair();
    const a = messageStream(near, { sendTimeout: SHORT_MS });
    far.pause();
    const source = Readable.from(endless());
    const length = 1024 ** 4;
    expect(await rejection(a.send({ header: {}, body: source, bodyLength: length }))).toMatchObject(
      {
        code: 'ERR_SEND_STALLED',
      },
    );
    await until(() => source.destroyed, 'the source is let go');
    expect(near.destroyed).toBe(true);
  });
});

describe('a source that is destroyed', () => {
  test.each([
    ['before it is sent', false],
    ['while it is sent', true],
  ])('%s ends the connection with ERR_MESSAGE_BODY_MISMATCH', async (_, isBegun) => {
    const { a, b, far } = await streams();
    const source = stalled();
    source.on('error', () => undefined);
    if (!isBegun) {
      source.destroy();
    }
    const sent = rejection(a.send({ header: {}, body: source, bodyLength: 5 }));
    if (isBegun) {
      await until(() => far.bytesRead > 0, 'the head came');
      source.destroy();
    }
    expect(await sent).toMatchObject({ code: 'ERR_MESSAGE_BODY_MISMATCH' });
    const read = (async () => {
      for await (const message of b) {
        await message.bytes();
      }
    })();
    expect(await rejection(read)).toMatchObject({
      code: expect.stringMatching(/ERR_FRAME_TRUNCATED|ERR_CONNECTION_LOST/) as unknown,
    });
  });

  test('and never ends, goes with the connection', async () => {
    const { a, far } = await streams();
    const source = stalled();
    const sent = rejection(a.send({ header: {}, body: source, bodyLength: 5 }));
    await until(() => far.bytesRead > 0, 'the head came');
    a.destroy(new Error('enough'));
    expect(await sent).toMatchObject({
      code: 'ERR_CONNECTION_CLOSED',
      cause: { message: 'enough' },
    });
    expect(source.destroyed).toBe(true);
  });
});

describe('with the clock turned by hand', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test('one byte a second of a body is ended by the timeout of its call', async () => {
    const { near, far } = await tcpPair();
    const stream = messageStream(near);
    const bytes = encoded({}, 'x'.repeat(60));
    far.write(bytes.subarray(0, -60));
    const message = await stream.receive();
    const read = rejection(message?.bytes({ timeout: 10_000 }) ?? turn());
    for (let second = 0; second < 10; second++) {
      far.write('x');
      await settled(() => near.bytesRead, 5);
      vi.advanceTimersByTime(1000);
      await turns(3);
    }
    expect(await read).toMatchObject({ code: 'ERR_TIMEOUT', limit: 10_000 });
    expect(vi.getTimerCount()).toBe(0);
  });
});
