// How steeply measured costs grow. Noise must not make a linear cost look steep, or a quadratic cost look
// flat.

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { leastExponent, STEEP_EXPONENT } from '../../src/prove/decoder/growth.ts';

const LEAST = 0.1;
const isSteep = (costs: readonly number[]): boolean =>
  leastExponent(costs, LEAST) >= STEEP_EXPONENT;

/** Returns costs in ms of one, two and four quarters. Each cost has a linear and a quadratic part. */
const costs = (scale: number, square: number): number[] =>
  [1, 2, 4].map((n) => scale * (n + square * n * n));

describe('leastExponent', () => {
  test('is 1 for linear cost, and 2 for quadratic', () => {
    expect(leastExponent([5, 10, 20], LEAST)).toBe(1);
    expect(leastExponent([5, 20, 80], LEAST)).toBe(2);
    expect(leastExponent([0, 0, 0], LEAST)).toBe(0);
  });

  test('finds a quadratic cost, also with a linear part, and up to a quarter more on each by noise', () => {
    const noise = fc.double({ min: 1, max: 1.25, noNaN: true });
    fc.assert(
      fc.property(
        fc.double({ min: 1, max: 1000, noNaN: true }),
        fc.double({ min: 5, max: 100, noNaN: true }),
        fc.tuple(noise, noise, noise),
        (scale, square, noises) => {
          const seen = costs(scale, square).map((cost, index) => cost * (noises[index] ?? 1));
          expect(leastExponent(seen, LEAST)).toBeGreaterThan(1.3);
        },
      ),
    );
    expect(isSteep([8 * 1.2, 30, 118])).toBe(true);
    expect(isSteep([8, 30 * 1.2, 118])).toBe(true);
  });

  test('takes no linear cost for a steep one, whatever one lump of noise adds', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.5, max: 1000, noNaN: true }),
        fc.double({ min: 0, max: 10_000, noNaN: true }),
        fc.nat(2),
        (scale, lump, where) => {
          const seen = costs(scale, 0).map((cost, index) => cost + (index === where ? lump : 0));
          expect(isSteep(seen)).toBe(false);
        },
      ),
    );
  });

  test('takes no linear cost for a steep one where a collection comes from some length on', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.5, max: 1000, noNaN: true }),
        fc.double({ min: 0, max: 10_000, noNaN: true }),
        fc.nat(2),
        (scale, lump, from) => {
          const seen = costs(scale, 0).map((cost, index) => cost + (index >= from ? lump : 0));
          expect(isSteep(seen)).toBe(false);
        },
      ),
    );
  });
});
