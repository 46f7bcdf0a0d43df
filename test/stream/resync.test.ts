// A connection whose codec has resync: gaps are counted and published, and a frame that stalls does not end
// the connection.

import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { Duplex } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { decodeStream, framed, lengthPrefixed, resync } from '../../src/entries/main.ts';
import type { Connection } from '../../src/entries/main.ts';
import { hex, inPieces, join, toHex } from '../support/bytes.ts';
import { tcpPair, write } from '../support/sockets.ts';

const codec = lengthPrefixed({ before: '23 23', prefix: 'u8', resync: resync() });
const frame = hex('2323 02 6869');
const stream = join([frame, hex('ff 23 00'), frame, hex('ee')]);

describe.each([1, 100])('a gap, in chunks of %i bytes', (size) => {
  test('is counted and published, also without onSkip', async () => {
    for (const onSkip of [undefined, () => undefined]) {
      const published: unknown[] = [];
      const listen = (message: unknown): void => void published.push(message);
      subscribe('unstick:skip', listen);
      const chunks = inPieces(stream, size).map((chunk) => Buffer.from(chunk));
      const connection = framed(Duplex.from(chunks), codec, { onSkip });
      const values: string[] = [];
      for await (const value of connection) {
        values.push(toHex(value));
      }
      unsubscribe('unstick:skip', listen);
      expect(values).toEqual(['6869', '6869']);
      expect(connection.stats).toMatchObject({
        received: { frames: 2, bytes: stream.length, largest: frame.length },
        skipped: 2,
      });
      expect(published).toEqual([
        {
          connection,
          error: expect.objectContaining({ code: 'ERR_NOISE', byteOffset: 5, length: 3 }),
        },
        { connection, error: expect.objectContaining({ code: 'ERR_NOISE', byteOffset: 13 }) },
      ]);
    }
  });
});

test('decodeStream reports gaps to onSkip', async () => {
  const skipped: string[] = [];
  const decoding = decodeStream(codec, { onSkip: ({ code }) => void skipped.push(code) });
  decoding.end(Buffer.from(stream));
  const values: string[] = [];
  for await (const value of decoding) {
    values.push(toHex(value));
  }
  expect([values, skipped]).toEqual([
    ['6869', '6869'],
    ['ERR_NOISE', 'ERR_NOISE'],
  ]);
});

describe('a frame that stalls', () => {
  // The false frame wants 255 bytes, which never come. The true frames wait behind it.
  const stalling = join([hex('2323 ff'), frame, frame]);

  test('is given up, and receive reads on behind it', async () => {
    const { near, far } = await tcpPair();
    const skipped: unknown[] = [];
    const connection = framed(near, codec, {
      frameTimeout: 30,
      onSkip: ({ reason, length }) => void skipped.push([reason, length]),
    });
    await write(far, stalling);
    expect(await receiveTwo(connection)).toEqual(['6869', '6869']);
    expect(skipped).toEqual([['ERR_FRAME_STALLED', 3]]);
    expect(connection.stats.skipped).toBe(1);
    await write(far, join([frame, frame]));
    expect(await receiveTwo(connection)).toEqual(['6869', '6869']);
    connection.destroy();
    far.destroy();
  });

  test('is given up, and scan reads on behind it', async () => {
    const { near, far } = await tcpPair();
    const connection = framed(near, codec, { frameTimeout: 30 });
    await write(far, stalling);
    const values: string[] = [];
    await connection.scan((bytes, start, end) => {
      if (values.push(toHex(bytes.subarray(start, end))) === 2) {
        far.end();
      }
    });
    expect(values).toEqual(['6869', '6869']);
    expect(connection.stats.skipped).toBe(1);
    connection.destroy();
    far.destroy();
  });

  test('may stall again: each is given its time', async () => {
    const { near, far } = await tcpPair();
    const connection = framed(near, codec, { frameTimeout: 20 });
    await write(far, join([hex('2323 ff 2323 fe 2323 fd'), frame]));
    expect(toHex((await connection.receive()) ?? hex(''))).toBe('6869');
    expect(connection.stats.skipped).toBe(1);
    connection.destroy();
    far.destroy();
  });
});

async function receiveTwo(connection: Connection<never, Uint8Array>): Promise<string[]> {
  const values = [await connection.receive(), await connection.receive()];
  return values.map((value) => toHex(value ?? hex('')));
}
