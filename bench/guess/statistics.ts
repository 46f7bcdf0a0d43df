// Averages with their intervals of 95 %.

import { random as randomOf } from '../../src/schedule/random.ts';

export interface Share {
  readonly value: number;
  readonly low: number;
  readonly high: number;
  /** Number of cases. */
  readonly n: number;
}

const Z = 1.96;

/** A share of independent cases, with the interval of Wilson. */
export function shareOf(right: number, n: number): Share {
  if (n === 0) {
    return { value: Number.NaN, low: 0, high: 1, n };
  }
  const p = right / n;
  const middle = (p + (Z * Z) / (2 * n)) / (1 + (Z * Z) / n);
  const half = (Z / (1 + (Z * Z) / n)) * Math.sqrt((p * (1 - p)) / n + (Z * Z) / (4 * n * n));
  return { value: p, low: Math.max(0, middle - half), high: Math.min(1, middle + half), n };
}

const DRAWS = 2000;

/** The mean of the means of groups, with the interval of a bootstrap over the groups. `n` counts the cases. */
export function macroOf(groups: readonly (readonly boolean[])[]): Share {
  const means = groups.map((group) => group.filter(Boolean).length / group.length);
  const random = randomOf(1);
  const draws = Array.from({ length: DRAWS }, () =>
    meanOf(means.map(() => means[random.below(means.length)] ?? 0)),
  ).toSorted((a, b) => a - b);
  const n = groups.reduce((sum, group) => sum + group.length, 0);
  const at = (share: number): number => draws[Math.floor(share * DRAWS)] ?? Number.NaN;
  return { value: meanOf(means), low: at(0.025), high: at(0.975), n };
}

export function meanOf(list: readonly number[]): number {
  return list.reduce((sum, one) => sum + one, 0) / list.length;
}
