// What the guess makes of the ends of chunks: those of full segments say nothing.

import { expect, test } from 'vitest';
import { sampleOf } from '../../src/guess/stream.ts';

/** The lengths of the chunks whose ends are left. */
function leftOf(lengths: readonly number[]): number[] {
  let at = 0;
  const places = new Map(lengths.map((length) => [(at += length), length]));
  const bytes = Uint8Array.from({ length: at }, (_, i) => i * 7);
  const { ends } = sampleOf({ direction: 'a>b', bytes, ends: [...places.keys()] }, at);
  return ends.map((end) => places.get(end) ?? 0);
}

test.each<[string, readonly number[], readonly number[]]>([
  ['chunks of different lengths', [31, 900, 700, 12], [31, 900, 700, 12]],
  ['short chunks of one length', [12, 12, 12, 12], [12, 12, 12, 12]],
  ['full segments, and the rest of each write', [1448, 1448, 300, 1448, 71], [300, 71]],
  ['several segments as one chunk', [1448, 2896, 1448, 300, 4344, 71, 1448], [300, 71]],
  ['segments of a path, and longer chunks', [1440, 1440, 8000, 1440, 9000, 25], [8000, 9000, 25]],
  ['one long chunk, which may be a whole frame', [40, 1448, 41], [40, 1448, 41]],
])('%s', (_, lengths, left) => {
  expect(leftOf(lengths)).toEqual(left);
});
