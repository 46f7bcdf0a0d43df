// What a visitor of `scan` may not do while its scan waits, and what comes after a scan.

import { describe, expect, test } from 'vitest';
import { lengthPrefixed } from '../../src/entries/main.ts';
import type { Connection } from '../../src/entries/main.ts';
import { join, utf8 } from '../support/bytes.ts';
import { framedAt, PLACES } from '../support/library-sockets.ts';
import type { Place } from '../support/library-sockets.ts';
import { write } from '../support/sockets.ts';
import { rejection, until } from '../support/waiting.ts';

const codec = lengthPrefixed();
const frame = (words: string): Uint8Array => join(codec.encode(utf8(words)));
const [TCP] = PLACES as [Place];

describe('a scan', () => {
  test.each<[string, (connection: Connection<Uint8Array, Uint8Array>) => unknown]>([
    ['release', async (connection) => connection.release()],
    ['scan', (connection) => connection.scan(() => undefined)],
    ['receive', (connection) => connection.receive()],
    ['batches', (connection) => connection.batches().next()],
  ])('whose visitor calls %s refuses it, and shows the frames that follow', async (_, verb) => {
    const { connection, far } = await framedAt(TCP, codec);
    const seen: string[] = [];
    const refusals: Promise<unknown>[] = [];
    const scan = connection.scan((bytes, start, end) => {
      seen.push(Buffer.from(bytes.subarray(start, end)).toString());
      refusals.push(rejection(Promise.resolve(verb(connection))));
    });
    await write(far, join(['one', 'two'].map(frame)));
    await until(() => seen.length === 2, 'both');
    far.end(frame('three'));
    await scan;
    expect(seen).toEqual(['one', 'two', 'three']);
    for (const refusal of await Promise.all(refusals)) {
      expect(refusal).toMatchObject({ code: 'ERR_CONCURRENT_READ' });
    }
  });

  test('may be followed by another, which sees what is left', async () => {
    const { connection, far } = await framedAt(TCP, codec);
    const first = connection.scan(() => {
      throw new RangeError('enough');
    });
    far.end(join(['one', 'two'].map(frame)));
    expect(await rejection(first)).toBeInstanceOf(RangeError);
    const seen: string[] = [];
    await connection.scan((bytes, start, end) => {
      seen.push(Buffer.from(bytes.subarray(start, end)).toString());
    });
    expect(seen).toEqual(['two']);
    await connection.scan(() => seen.push('after the end'));
    expect(seen).toEqual(['two']);
  });
});
