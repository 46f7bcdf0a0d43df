// A consumer that stops reading stops the sender, through the decoder, the socket and the kernel. Even inside
// a chunk, no value is decoded that the consumer has not asked for.

import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { decodeStream, framed, lengthPrefixed } from '../../src/entries/main.ts';
import { decodeStream as decodeWebStream } from '../../src/stream/web-streams.ts';
import { join } from '../support/bytes.ts';
import { countingCodec } from '../support/counting-codec.ts';
import { tcpPair, write } from '../support/sockets.ts';
import { settled, until } from '../support/waiting.ts';

const codec = lengthPrefixed();
/** 10 000 frames of 2 bytes. Together they have 60 000 bytes, which one read of a socket gives. */
const CHUNK = join(
  Array.from({ length: 10_000 }, (_, i) => codec.encode(Buffer.of(i >> 8, i & 255))).flat(),
);

describe('a chunk of 10 000 frames', () => {
  test('is decoded by a framed connection only as far as it is read', async () => {
    const { near, far } = await tcpPair();
    const counting = countingCodec();
    const connection = framed(near, counting.codec);
    await write(far, CHUNK);
    await until(() => connection.stats.buffered === CHUNK.length, 'all came');
    expect(counting.taken).toBe(0);
    let seen = 0;
    for await (const frame of connection) {
      expect(frame).toHaveLength(2);
      if (++seen === 3) {
        break;
      }
    }
    expect(await settled(() => counting.taken)).toBe(3);
    expect(connection.stats).toMatchObject({
      received: { frames: 3 },
      buffered: CHUNK.length - 18,
    });
  });

  test('is decoded by decodeStream with one value ahead of its reader', async () => {
    const counting = countingCodec();
    const stream = decodeStream(counting.codec);
    stream.write(CHUNK);
    const iterator = stream[Symbol.asyncIterator]();
    for (let i = 0; i < 3; i++) {
      await iterator.next();
    }
    expect(await settled(() => counting.taken)).toBeLessThanOrEqual(4);
    // The chunk is not used up, so the writer has to wait.
    expect(stream.writableLength).toBe(CHUNK.length);
  });

  test("stops after pause() on a decodeStream in a 'data' listener", async () => {
    const counting = countingCodec();
    const stream = decodeStream(counting.codec);
    let seen = 0;
    stream.on('data', () => {
      if (++seen === 3) {
        stream.pause();
      }
    });
    stream.write(CHUNK);
    await until(() => seen === 3, 'three frames');
    await settled(() => counting.taken);
    expect(seen).toBe(3);
    expect(counting.taken).toBeLessThanOrEqual(5);
  });

  test('is decoded by the web stream with no value ahead', async () => {
    const counting = countingCodec();
    const pair = decodeWebStream(counting.codec);
    const reader = pair.readable.getReader();
    const written = pair.writable.getWriter().write(CHUNK);
    for (let i = 0; i < 3; i++) {
      expect((await reader.read()).done).toBe(false);
    }
    expect(await settled(() => counting.taken)).toBe(3);
    await reader.cancel();
    await expect(written).rejects.toBeUndefined();
  });
});

describe('a remote that sends more than is read', () => {
  const ways = {
    'for await': (socket: Socket) => frames(framed(socket, codec)),
    batches: (socket: Socket) => flat(framed(socket, codec).batches()),
    decodeStream: (socket: Socket) => frames(socket.pipe(decodeStream(codec))),
    'web decodeStream': (socket: Socket) =>
      frames(Readable.toWeb(socket).pipeThrough(decodeWebStream(codec))),
  };

  test.each(Object.entries(ways))(
    'is stopped through the socket, and goes on when the consumer does (%s)',
    async (_, read) => {
      const { near, far } = await tcpPair();
      const iterator = read(near);
      const total = 32 * 1024 * 1024;
      const payload = Buffer.alloc(16 * 1024);
      const chunk = join(codec.encode(payload));
      let sent = 0;
      Readable.from(
        (function* chunks() {
          for (; sent < total; sent += chunk.length) {
            yield chunk;
          }
        })(),
      ).pipe(far);
      for (let i = 0; i < 3; i++) {
        await iterator.next();
      }
      const stopped = await settled(() => near.bytesRead);
      expect(stopped).toBeLessThan(1024 * 1024);
      expect(sent).toBeLessThan(total);
      let left = 0;
      for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) {
        left++;
      }
      expect(left + 3).toBe(Math.ceil(total / chunk.length));
    },
  );

  test('costs bounded memory: two chunks at most are held', async () => {
    const { near, far } = await tcpPair();
    const connection = framed(near);
    Readable.from(Array.from({ length: 400 }, () => CHUNK)).pipe(far);
    await connection.receive();
    await settled(() => near.bytesRead);
    expect(connection.stats.buffered + near.readableLength).toBeLessThanOrEqual(4 * 64 * 1024);
    expect(connection.stats.received.frames).toBe(1);
  });
});

async function* frames(source: AsyncIterable<unknown>): AsyncGenerator<unknown> {
  yield* source;
}

async function* flat(source: AsyncIterable<unknown[]>): AsyncGenerator<unknown> {
  for await (const batch of source) {
    yield* batch;
  }
}
