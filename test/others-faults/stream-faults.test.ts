// Faults of other implementations that concern sockets and streams. The name of a test says that this
// package does not have the fault. The number is that of the table which collects them.

import { once } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import {
  decodeStream,
  framed,
  lengthPrefixed,
  messages,
  messageStream,
} from '../../src/entries/main.ts';
import { hex, join, utf8 } from '../support/bytes.ts';
import { countingCodec } from '../support/counting-codec.ts';
import { tcpPair, write } from '../support/sockets.ts';
import { rejection, settled, until } from '../support/waiting.ts';
import { allWays } from '../support/ways-of-reading.ts';

const codec = lengthPrefixed();
const frame = (words: string): Uint8Array => join(codec.encode(utf8(words)));
const slowly = async (): Promise<void> => {
  await turn();
};
const promptly = async (): Promise<void> => undefined;

describe.each(allWays)('read with $name', ({ read }) => {
  test('1: an end exactly behind a prefix is not a clean one', async () => {
    const { near, far } = await tcpPair();
    far.end(hex('00000005'));
    expect((await read(near, promptly)).error).toMatchObject({ code: 'ERR_FRAME_TRUNCATED' });
  });

  test('2: an end inside a frame does not drop that frame in silence', async () => {
    const { near, far } = await tcpPair();
    far.end(hex('00000005 68656c'));
    expect(await read(near, promptly)).toMatchObject({
      frames: [],
      error: { code: 'ERR_FRAME_TRUNCATED', received: 7, length: 9 },
    });
  });

  test('6: empty frames do not vanish', async () => {
    const { near, far } = await tcpPair();
    far.end(hex('00000000 00000000'));
    expect((await read(near, promptly)).frames).toEqual(['', '']);
  });

  test('10: the good frame behind one that is too long comes with the same read', async () => {
    const { near, far } = await tcpPair();
    const reading = read(near, promptly, skipping());
    await write(far, join([frame('too long'), frame('ok')]));
    await until(() => near.bytesRead === 18, 'one read had both');
    far.end();
    expect(await reading).toEqual({ frames: ['ok'], error: undefined });
  });

  test('19: a thousand frames are a thousand values, and never merge again', async () => {
    const { near, far } = await tcpPair();
    const frames = Array.from({ length: 1000 }, (_, i) => String(i));
    far.end(join(frames.map(frame)));
    expect((await read(near, promptly)).frames).toEqual(frames);
  });

  test('20: the end of the connection destroys no frame that a slow consumer has not taken', async () => {
    const { near, far } = await tcpPair();
    const frames = Array.from({ length: 1000 }, (_, i) => String(i));
    far.end(join(frames.map(frame)));
    expect((await read(near, slowly)).frames).toHaveLength(1000);
  });
});

describe('on a socket', () => {
  test('17: a length that is cut as 2 + rest is read at message 0', async () => {
    const { near, far } = await tcpPair();
    const stream = messageStream(near, { prefix: 'i32le', bodyLengthKey: 'total_size' });
    const wire = messages({ prefix: 'i32le', bodyLengthKey: 'total_size' });
    const bytes = join(wire.encode({ header: { filename: 'a' }, body: 'body' }));
    await write(far, bytes.subarray(0, 2));
    await until(() => near.bytesRead === 2, 'two bytes alone');
    await write(far, bytes.subarray(2));
    expect(await (await stream.receive())?.text()).toBe('body');
  });

  test('18: a frame of many reads is one frame', async () => {
    const { near, far } = await tcpPair();
    const connection = framed(near);
    const payload = Buffer.alloc(2_000_000, 'x');
    void framed(far).send(payload);
    expect((await connection.receive())?.length).toBe(payload.length);
  });

  test('21: a truncated body is not delivered as a whole message', async () => {
    const { near, far } = await tcpPair();
    const bytes = join(messages().encode({ header: {}, body: Buffer.alloc(1000) }));
    far.end(bytes.subarray(0, -402));
    expect(await rejection(framed(near, messages()).receive())).toMatchObject({
      code: 'ERR_FRAME_TRUNCATED',
    });
  });

  test('21: a truncated body is not delivered as a whole message, streamed', async () => {
    const { near, far } = await tcpPair();
    const bytes = join(messages().encode({ header: {}, body: Buffer.alloc(1000) }));
    far.end(bytes.subarray(0, -402));
    const message = await messageStream(near).receive();
    expect(await rejection(message?.bytes() ?? Promise.resolve())).toMatchObject({
      code: 'ERR_FRAME_TRUNCATED',
    });
  });

  test('24: half a character on one connection swallows nothing on another', async () => {
    const [a, b] = [await tcpPair(), await tcpPair()];
    const shared = messages();
    const [one, two] = [framed(a.near, shared), framed(b.near, shared)];
    const bytes = join(shared.encode({ header: { word: '粘包' }, body: '半包' }));
    const half = bytes.indexOf(0xe7) + 1;
    await write(a.far, bytes.subarray(0, half));
    await until(() => one.stats.buffered === half, 'half a character');
    await write(b.far, bytes);
    const whole = await two.receive();
    await write(a.far, bytes.subarray(half));
    expect(await one.receive()).toEqual(whole);
    expect(whole?.header).toMatchObject({ word: '粘包' });
    expect(String(whole?.body)).toBe('半包');
  });

  test('25: after pause() no further frame comes of a chunk of 10 000', async () => {
    const { near, far } = await tcpPair();
    const counting = countingCodec();
    const stream = near.pipe(decodeStream(counting.codec));
    let seen = 0;
    stream.on('data', () => {
      seen++;
      stream.pause();
    });
    await write(far, join(Array.from({ length: 10_000 }, () => frame('x'))));
    await until(() => seen === 1, 'the first');
    await settled(() => counting.taken);
    expect(seen).toBe(1);
    expect(counting.taken).toBeLessThanOrEqual(3);
  });

  test('26: a kept 16-byte copy does not pin the 64 KiB chunk that it came in', async () => {
    const { near, far } = await tcpPair();
    const connection = framed(near, codec, { copy: true });
    const kept: Uint8Array[] = [];
    const filler = 'x'.repeat(65_000);
    for (let i = 0; i < 100; i++) {
      await write(far, join([frame('16 bytes, exactly'.slice(0, 16)), frame(filler)]));
      const value = await connection.receive();
      if (value !== undefined) {
        kept.push(value);
      }
      await connection.receive();
    }
    const pinned = new Set(kept.map(({ buffer }) => buffer));
    expect([...pinned].reduce((sum, { byteLength }) => sum + byteLength, 0)).toBe(1600);
  });

  test('27: send does not queue 152 MiB in silence to a peer that never reads', async () => {
    const { near } = await tcpPair();
    const connection = framed(near, codec, { maxQueuedLength: 1024 * 1024 });
    const failures: unknown[] = [];
    for (let i = 0; i < 152; i++) {
      connection.send(Buffer.alloc(1024 * 1024)).catch((error: unknown) => failures.push(error));
      await turn();
    }
    const [failure] = failures;
    expect(failure).toMatchObject({ code: 'ERR_QUEUE_FULL' });
    expect(connection.stats.queued).toBeLessThanOrEqual(1024 * 1024 + 4);
  });

  test('29: too long a write rejects, and the connection goes on', async () => {
    const { near, far } = await tcpPair();
    const connection = framed(near, lengthPrefixed({ prefix: 'u8' }));
    expect(await rejection(connection.send(Buffer.alloc(300)))).toMatchObject({
      code: 'ERR_FRAME_UNENCODABLE',
      length: 300,
    });
    await connection.send(hex('61'));
    const [bytes] = await once(far, 'data');
    expect(bytes).toEqual(Buffer.from(hex('01 61')));
  });

  test('29: a bad varint is an error event with an error, and nothing else', async () => {
    const { near, far } = await tcpPair();
    const stream = near.pipe(decodeStream(lengthPrefixed({ prefix: 'varint' })));
    const failed = once(stream, 'error');
    await write(far, hex('ff*14'));
    const [error] = await failed;
    expect(error).toMatchObject({ name: 'ProtocolError', code: 'ERR_PREFIX_MALFORMED' });
  });

  test('30: a frame that breaks the limit is told with the limit, and what it looks like', async () => {
    const { near, far } = await tcpPair();
    const connection = framed(near);
    far.write('GET / HTTP/1.1\r\n');
    expect(await rejection(connection.receive())).toMatchObject({
      code: 'ERR_FRAME_TOO_LARGE',
      length: 0x47455420,
      limit: 8 * 1024 * 1024,
      hint: expect.stringContaining('HTTP'),
    });
  });
});

/** Skips frames above three bytes, whatever reads with it. */
function skipping(): ReturnType<typeof lengthPrefixed> {
  const inner = lengthPrefixed({ maxPayloadLength: 3 });
  return { ...inner, decoder: () => inner.decoder({ onSkip: () => undefined }) };
}
