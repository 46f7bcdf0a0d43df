// messageStream(): messages that carry bodies, in both directions, and the ways to read a body.

import { once } from 'node:events';
import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { messageStream } from '../../src/entries/main.ts';
import type { BodyStream } from '../../src/entries/main.ts';
import { join, utf8 } from '../support/bytes.ts';
import { encoded, pieces, streams } from '../support/message-streams.ts';
import { readToEnd, resetAfter, tcpPair, write } from '../support/sockets.ts';
import { rejection, settled } from '../support/waiting.ts';

const MIB = 1024 * 1024;

describe('a message', () => {
  test.each<[string, () => BodyStream | string | Uint8Array | undefined, string]>([
    ['no body', () => undefined, ''],
    ['text', () => '你好', '你好'],
    ['bytes', () => utf8('bytes'), 'bytes'],
    ['a Readable', () => Readable.from([utf8('from '), utf8('a stream')]), 'from a stream'],
    [
      'an async iterable',
      () => pieces('', 'from ', utf8('a '), '', 'generator', ''),
      'from a generator',
    ],
    ['an empty stream', () => pieces(), ''],
  ])('is sent with %s and received', async (_, body, expected) => {
    const { a, b } = await streams();
    const given = body();
    const length = Buffer.byteLength(expected);
    await a.send(
      given === undefined || typeof given === 'string' || given instanceof Uint8Array
        ? { header: { name: 'x' }, body: given }
        : { header: { name: 'x' }, body: given, bodyLength: length },
    );
    await a.end();
    const message = await b.receive();
    expect(message?.header).toEqual({ name: 'x', bodyLength: length });
    expect(message?.bodyLength).toBe(length);
    expect(await message?.text()).toBe(expected);
    expect(await b.receive()).toBeUndefined();
    expect(a.stats.sent.frames).toBe(1);
    expect(b.stats.received.frames).toBe(1);
  });

  test('takes the length of a streamed body from its header', async () => {
    const { a, b } = await streams();
    await a.send({ header: { bodyLength: 5 }, body: pieces('hello') });
    expect(await (await b.receive())?.text()).toBe('hello');
  });

  test('without a known length of its stream is refused, and nothing is written', async () => {
    const { a, b } = await streams();
    const body = Readable.from(['x']);
    expect(await rejection(a.send({ header: {}, body }))).toMatchObject({
      name: 'UsageError',
      code: 'ERR_FRAME_UNENCODABLE',
    });
    expect(body.destroyed).toBe(true);
    await a.send({ header: { next: true } });
    expect((await b.receive())?.header).toEqual({ next: true, bodyLength: 0 });
    expect(a.stats.sent.frames).toBe(1);
  });

  test('of the wrong shape is refused', async () => {
    const { a } = await streams();
    for (const wrong of [{ header: {}, body: null }, { header: {}, body: 5 }, { body: pieces() }]) {
      // @ts-expect-error: what only a caller without types can do
      expect(await rejection(a.send(wrong))).toMatchObject({
        code: 'ERR_FRAME_UNENCODABLE',
      });
    }
    expect(a.stats.sent).toMatchObject({ frames: 0, bytes: 0 });
  });

  test('is the same on the wire as one of messages()', async () => {
    const { near, far } = await tcpPair();
    const received = readToEnd(far);
    const a = messageStream(near);
    await a.send({ header: { n: 1 }, body: pieces('hel', 'lo'), bodyLength: 5 });
    await a.send({ header: { n: 2 }, body: 'world' });
    await a.end();
    expect(await received).toEqual(
      Buffer.concat([encoded({ n: 1 }, 'hello'), encoded({ n: 2 }, 'world')]),
    );
  });
});

describe('reading a body', () => {
  test('gives bytes, text and json', async () => {
    const { a, b } = await streams();
    for (let i = 0; i < 3; i++) {
      await a.send({ header: {}, body: '{"a":[1,2]}' });
    }
    expect(await (await b.receive())?.bytes()).toEqual(Buffer.from('{"a":[1,2]}'));
    expect(await (await b.receive())?.text()).toBe('{"a":[1,2]}');
    expect(await (await b.receive())?.json()).toEqual({ a: [1, 2] });
  });

  test('as text or JSON that it is not is a ProtocolError, and the next message follows', async () => {
    const { near, far } = await tcpPair();
    far.end(
      join([
        encoded({}, 'ok'),
        encoded({}, Uint8Array.of(0xff)),
        encoded({}, '{'),
        encoded({}, 'end'),
      ]),
    );
    const stream = messageStream(near);
    expect(await (await stream.receive())?.text()).toBe('ok');
    expect(await rejection((await stream.receive())?.text() ?? Promise.resolve())).toMatchObject({
      code: 'ERR_MESSAGE_BODY_INVALID',
      reason: 'utf8',
      frameIndex: 1,
      byteOffset: encoded({}, 'ok').length,
    });
    expect(await rejection((await stream.receive())?.json() ?? Promise.resolve())).toMatchObject({
      code: 'ERR_MESSAGE_BODY_INVALID',
      reason: 'json',
      frameIndex: 2,
    });
    expect(await (await stream.receive())?.text()).toBe('end');
  });

  test('above maxBodyLength is refused by bytes, text and json, not as a stream', async () => {
    const { near, far } = await tcpPair();
    const stream = messageStream(near, { maxBodyLength: 4 });
    far.end(join([encoded({}, '12345'), encoded({}, '12345'), encoded({}, '1234')]));
    const first = await stream.receive();
    for (const read of [() => first?.bytes(), () => first?.text(), () => first?.json()]) {
      expect(await rejection(read() ?? Promise.resolve())).toMatchObject({
        code: 'ERR_BODY_TOO_LARGE',
        length: 5,
        limit: 4,
      });
    }
    const second = await stream.receive();
    const chunks: unknown[] = await (second?.body ?? Readable.from([])).toArray();
    expect(chunks.join('')).toBe('12345');
    expect(await (await stream.receive())?.text()).toBe('1234');
  });

  test('that was left unread is dropped for the next message, and is ERR_BODY_DISCARDED then', async () => {
    const { a, b } = await streams();
    void a.send({ header: { n: 1 }, body: Buffer.alloc(300_000) });
    void a.send({ header: { n: 2 }, body: 'second' });
    const first = await b.receive();
    const second = await b.receive();
    expect(second?.header).toMatchObject({ n: 2 });
    expect(await rejection(first?.bytes() ?? Promise.resolve())).toMatchObject({
      name: 'UsageError',
      code: 'ERR_BODY_DISCARDED',
    });
    expect(await second?.text()).toBe('second');
  });

  test('that was begun and left is dropped as well', async () => {
    const { a, b } = await streams();
    void a.send({ header: { n: 1 }, body: Buffer.alloc(MIB) });
    void a.send({ header: { n: 2 }, body: 'second' });
    const first = await b.receive();
    const body = first?.body[Symbol.asyncIterator]();
    expect((await body?.next())?.done).toBe(false);
    const second = await b.receive();
    expect(await second?.text()).toBe('second');
    const rest = (async () => {
      while ((await body?.next())?.done === false) {}
    })();
    expect(await rejection(rest)).toMatchObject({ code: 'ERR_BODY_DISCARDED' });
  });

  test('a loop over messages drops the bodies it does not look at', async () => {
    const { a, b } = await streams();
    const sent = (async () => {
      for (let n = 0; n < 20; n++) {
        await a.send({ header: { n }, body: pieces('x'.repeat(5000)), bodyLength: 5000 });
      }
      await a.end();
    })();
    const seen: unknown[] = [];
    const lengths = new Set<number>();
    for await (const message of b) {
      seen.push(message.header['n']);
      if (seen.length % 2 === 0) {
        lengths.add((await message.bytes()).length);
      }
    }
    expect(seen).toEqual([...Array(20).keys()]);
    expect([...lengths]).toEqual([5000]);
    await sent;
  });

  test('can be cancelled by a timeout, also while an unread body is dropped', async () => {
    const { near, far } = await tcpPair();
    const stream = messageStream(near);
    const bytes = join([encoded({ n: 1 }, 'body'), encoded({ n: 2 })]);
    const cut = encoded({ n: 1 }, 'body').length - 2;
    await write(far, bytes.subarray(0, cut));
    expect((await stream.receive())?.header).toMatchObject({ n: 1 });
    expect(await rejection(stream.receive({ timeout: 10 }))).toMatchObject({ code: 'ERR_TIMEOUT' });
    await write(far, bytes.subarray(cut));
    expect((await stream.receive())?.header).toMatchObject({ n: 2 });
  });
});

describe('the end of the connection', () => {
  test.each([
    ['inside a header', 6, 'ERR_FRAME_TRUNCATED'],
    ['inside a body', -2, 'ERR_FRAME_TRUNCATED'],
  ])('by FIN %s is reported after the good messages', async (_, cut, code) => {
    const { near, far } = await tcpPair();
    const good = encoded({ n: 1 }, 'good');
    far.end(join([good, encoded({ n: 2 }, 'half').subarray(0, cut)]));
    const stream = messageStream(near);
    const bodies: string[] = [];
    const looped = (async () => {
      for await (const message of stream) {
        bodies.push(await message.text());
      }
    })();
    expect(await rejection(looped)).toMatchObject({
      code,
      frameIndex: 1,
      byteOffset: good.length,
    });
    expect(bodies).toEqual(['good']);
  });

  test('by RST inside a body is reported after the good messages', async () => {
    const pair = await tcpPair();
    const bytes = join([encoded({ n: 1 }, 'good'), encoded({ n: 2 }, 'half').subarray(0, -2)]);
    const stream = messageStream(pair.near);
    const bodies: string[] = [];
    const looped = (async () => {
      for await (const message of stream) {
        bodies.push(await message.text());
      }
    })();
    void looped.catch(() => undefined);
    await write(pair.far, bytes);
    await resetAfter(pair, bytes.length);
    expect(await rejection(looped)).toMatchObject({ code: 'ERR_CONNECTION_LOST' });
    expect(bodies).toEqual(['good']);
  });

  test('is seen by who listens to the body as an event', async () => {
    const { near, far } = await tcpPair();
    far.end(encoded({}, 'half').subarray(0, -2));
    const message = await messageStream(near).receive();
    const [error]: unknown[] = await once(message?.body.resume() ?? Readable.from([]), 'error');
    expect(error).toMatchObject({ code: 'ERR_FRAME_TRUNCATED' });
  });
});

test('parseHeader gives the header its type, and refuses the rest', async () => {
  const { near, far } = await tcpPair();
  const stream = messageStream(near, {
    parseHeader(header) {
      const { name } = header;
      if (typeof name !== 'string') {
        throw new Error('name must be text');
      }
      return { name };
    },
  });
  far.end(join([encoded({ name: 'a.txt' }, 'x'), encoded({ name: 5 })]));
  const message = await stream.receive();
  expect(message?.header.name.toUpperCase()).toBe('A.TXT');
  expect(await rejection(stream.receive())).toMatchObject({
    code: 'ERR_MESSAGE_HEADER_INVALID',
    reason: 'schema',
    frameIndex: 1,
  });
});

test('the classic course layout: i32le, total_size', async () => {
  const pair = await tcpPair();
  const course = { prefix: 'i32le', bodyLengthKey: 'total_size' } as const;
  const [a, b] = [messageStream(pair.near, course), messageStream(pair.far, course)];
  await a.send({ header: { filename: 'a.txt', total_size: 3 }, body: pieces('abc') });
  const message = await b.receive();
  expect(message?.header).toEqual({ filename: 'a.txt', total_size: 3 });
  expect(await message?.text()).toBe('abc');
});

test('release in the middle of a body gives back the rest of it', async () => {
  const { near, far } = await tcpPair();
  const stream = messageStream(near);
  far.end(join([encoded({}, 'the body'), utf8(' and what follows')]));
  const message = await stream.receive();
  expect(message?.bodyLength).toBe(8);
  await settled(() => near.bytesRead);
  const chunks: unknown[] = await stream.release().toArray();
  expect(chunks.join('')).toBe('the body and what follows');
});
