import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  chunkings,
  coalescings,
  cuts,
  frameCuts,
  hostileBytes,
} from '../../src/prove/arbitraries.ts';
import { joinBytes } from '../../src/schedule/pieces.ts';
import { cutPoints, splitAt } from '../../src/prove/cut-points.ts';
import { hex, toHex } from '../support/bytes.ts';
import { runs } from '../support/seed.ts';

const streams = fc.uint8Array({ maxLength: 200 });

/** Returns the smallest value that an arbitrary finds for which `holds` returns true. */
function smallest<T>(arbitrary: fc.Arbitrary<T>, holds: (value: T) => boolean): T | undefined {
  const property = fc.property(arbitrary, (value) => !holds(value));
  return fc.check(property, { numRuns: 2000 }).counterexample?.[0];
}

const early = (offset: number): boolean => offset >= 10 && offset < 40;
const both = (offsets: readonly number[]): boolean =>
  offsets.some(early) && offsets.some((offset) => offset >= 50);

describe('cuts', () => {
  test('are sorted, inside the stream, and each there once', () => {
    fc.assert(
      fc.property(
        fc.nat(300).chain((length) => fc.tuple(fc.constant(length), cuts(length))),
        ([length, offsets]) => {
          expect(offsets).toEqual([...new Set(offsets)].sort((one, other) => one - other));
          expect(offsets.every((offset) => offset > 0 && offset < length)).toBe(true);
        },
      ),
      runs(500),
    );
  });

  test('are sometimes none, and sometimes all', () => {
    const counts = new Set(fc.sample(cuts(9), 500).map((offsets) => offsets.length));
    expect([...counts].toSorted((one, other) => one - other)).toEqual([0, 1, 2, 3, 4, 8]);
  });

  test('shrink to the one that matters', () => {
    expect(smallest(cuts(100), (offsets) => offsets.some((offset) => offset >= 37))).toEqual([37]);
  });

  test('shrink to the two that matter', () => {
    expect(smallest(cuts(60), both)).toEqual([10, 50]);
  });
});

describe('frameCuts', () => {
  const bytes = hex('00000003 616263 00000005 68656c6c6f');
  const points = cutPoints(bytes, [0, 7, 16], { headerLength: [0, 2] });

  test('fall on known points only, and on each of them at some time', () => {
    const offsets = new Set(fc.sample(frameCuts(bytes, [0, 7, 16]), 500).flat());
    expect([...offsets].sort((one, other) => one - other)).toEqual([
      ...new Set(cutPoints(bytes, [0, 7, 16]).map(({ offset }) => offset)),
    ]);
  });

  test('know the prefix, the header, the last byte, the middle and one byte too many', () => {
    expect(points.map(({ offset, where }) => `${offset} ${where}`)).toEqual([
      '1 inside the prefix of frame 0',
      '1 after the first byte of frame 0',
      '2 inside the prefix of frame 0',
      '3 inside the prefix of frame 0',
      '3 in the middle of frame 0',
      '4 after the prefix of frame 0',
      '6 before the last byte of frame 0',
      '7 at the end of frame 0',
      '8 inside the prefix of frame 1',
      '8 after the first byte of frame 1',
      '9 inside the prefix of frame 1',
      '10 inside the prefix of frame 1',
      '11 between the prefix and the header of frame 1',
      '11 in the middle of frame 1',
      '12 inside the header of frame 1',
      '13 after the header of frame 1',
      '15 before the last byte of frame 1',
    ]);
  });

  test.each([
    ['UTF-8', '61 e7b298 62', [2, 3]],
    ['UTF-8', 'f09f98802e', [1, 2, 3]],
    ['GBK', '61 d6d0 b0fc 62', [2, 4]],
  ])('know the inside of a character of %s', (encoding, text, offsets) => {
    const inside = cutPoints(hex(text), [], { prefixLength: 0 }).filter(
      ({ where }) => where === `inside a ${encoding} character`,
    );
    expect(inside.map(({ offset }) => offset)).toEqual(offsets);
  });
});

describe('chunkings', () => {
  test('give the same bytes', () => {
    fc.assert(
      fc.property(
        streams.chain((bytes) => fc.tuple(fc.constant(bytes), chunkings(bytes))),
        ([bytes, chunks]) => {
          expect(toHex(joinBytes(chunks))).toBe(toHex(bytes));
        },
      ),
      runs(500),
    );
  });

  test('are sometimes whole, sometimes single bytes, sometimes with empty chunks', () => {
    const drawn = fc.sample(chunkings(hex('01020304')), 300).map((chunks) => chunks.map(toHex));
    expect(drawn).toContainEqual(['01020304']);
    expect(drawn).toContainEqual(['01', '02', '03', '04']);
    expect(drawn.some((chunks) => chunks.includes(''))).toBe(true);
  });

  test('have no empty chunks when asked', () => {
    const drawn = fc.sample(chunkings(hex('01020304'), { emptyChunks: false }), 300);
    expect(drawn.flat().every(({ length }) => length > 0)).toBe(true);
  });

  test('shrink to one cut and no empty chunk', () => {
    const found = smallest(chunkings(hex('0102030405')), ([first]) => first?.length === 2);
    expect(found?.map(toHex)).toEqual(['0102', '030405']);
  });
});

describe('coalescings', () => {
  test('join neighbours and keep the order', () => {
    fc.assert(
      fc.property(
        fc
          .array(streams, { maxLength: 6 })
          .chain((pieces) => fc.tuple(fc.constant(pieces), coalescings(pieces))),
        ([pieces, groups]) => {
          expect(toHex(joinBytes(groups))).toBe(toHex(joinBytes(pieces)));
          expect(groups.length).toBeLessThanOrEqual(pieces.length);
        },
      ),
      runs(300),
    );
  });

  test('shrink to the one join that matters', () => {
    const pieces = ['01', '02', '03', '04'].map(hex);
    const found = smallest(coalescings(pieces), (groups) =>
      groups.some((g) => toHex(g).startsWith('02') && g.length > 1),
    );
    expect(found?.map(toHex)).toEqual(['01', '0203', '04']);
  });
});

describe('hostileBytes', () => {
  test('are no longer than asked', () => {
    fc.assert(
      fc.property(hostileBytes({ maxLength: 6 }), ({ length }) => {
        expect(length).toBeLessThanOrEqual(6);
      }),
      runs(300),
    );
  });

  test('hold what breaks length prefixes, sooner or later', () => {
    const drawn = fc.sample(hostileBytes(), 1000).map(toHex);
    expect(drawn).toEqual(expect.arrayContaining(['ffffffff', '80000000', '7fffffff']));
  });
});

describe('splitAt', () => {
  test('gives views, and an empty one where an offset is repeated', () => {
    const bytes = hex('01020304');
    const chunks = splitAt(bytes, [1, 1, 3]);
    expect(chunks.map(toHex)).toEqual(['01', '', '0203', '04']);
    expect(chunks.every(({ buffer }) => buffer === bytes.buffer)).toBe(true);
  });
});
