// Frames without a length, over real sockets and every way of reading.

import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { cobs, delimited, fixedLength, framed, jt808, lines } from '../../src/entries/main.ts';
import type { FrameCodec } from '../../src/entries/main.ts';
import { inPieces, join, utf8 } from '../support/bytes.ts';
import { tcpPair, write } from '../support/sockets.ts';
import { framedWays, allWays } from '../support/ways-of-reading.ts';

const CODECS: Readonly<Record<string, FrameCodec>> = {
  lines: lines({ newline: 'crlf' }),
  'delimited with escapes': delimited({ start: '7e', end: '7e', escape: jt808 }),
  cobs: cobs(),
  fixedLength: fixedLength(4),
};
const words = Array.from({ length: 120 }, (_, i) => String(1000 + i));
const ways = allWays.flatMap((way) =>
  Object.entries(CODECS).map(([name, codec]) => ({ way, name, codec })),
);

describe.each(ways)('$name read by $way.name', ({ way: { read }, codec }) => {
  const stream = join(words.flatMap((word) => codec.encode(utf8(word))));

  test('gives all frames to a consumer that awaits after each, and then the truncated one', async () => {
    const { near, far } = await tcpPair();
    const reading = read(near, () => turn(), codec);
    for (const piece of inPieces(stream, 97)) {
      await write(far, piece);
      await turn();
    }
    far.end(stream.subarray(0, 3));
    const { frames, error } = await reading;
    expect(frames).toEqual(words);
    expect(error).toMatchObject({ code: 'ERR_FRAME_TRUNCATED', frameIndex: words.length });
  });
});

describe.each(framedWays)('a skipped line read by $name', ({ read }) => {
  test('costs nothing but itself', async () => {
    const { near, far } = await tcpPair();
    far.end('one\nmuch too long\ntwo\n');
    const skipping: FrameCodec = {
      ...lines(),
      decoder: () => lines({ maxLength: 3 }).decoder({ onSkip: () => undefined }),
    };
    expect(await read(near, () => turn(), skipping)).toEqual({
      frames: ['one', 'two'],
      error: undefined,
    });
  });
});

test('a connection counts a skipped line neither as a frame nor as the largest', async () => {
  const { near, far } = await tcpPair();
  far.end('one\nmuch too long\ntwo2\n');
  const skipped: string[] = [];
  const connection = framed(near, lines({ maxLength: 4 }), {
    onSkip: ({ code }) => skipped.push(code),
  });
  for await (const _ of connection) {
    // The connection counts the frames.
  }
  expect(skipped).toEqual(['ERR_FRAME_TOO_LARGE']);
  expect(connection.stats.received).toMatchObject({ frames: 2, largest: 5 });
});
