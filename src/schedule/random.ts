// Seeded randomness for schedules, the proxy and the prover of servers. (The prover of decoders uses
// fast-check, which has its own randomness.) The same seed gives the same numbers on every machine and every
// version of Node. So this file computes with 32-bit integers, never calls Math.random, and uses no float
// that two machines could round differently.

/** A source of random numbers that depend on its seed only. The numbers are not for secrets. */
export interface Random {
  /** Returns the next number, from 0 to 2^32-1. */
  u32(): number;
  /** Returns a number from 0 to `limit` - 1. `limit` must be from 1 to 2^32. */
  below(limit: number): number;
  /** Returns a number from `low` to `high`, both included. */
  between(low: number, high: number): number;
  /** Returns true with the probability `numerator` / `denominator`. */
  chance(numerator: number, denominator: number): boolean;
  /** Returns one element of the list, which must not be empty. */
  pick<T>(list: readonly [T, ...T[]]): T;
}

/** The largest seed. A seed is a whole number from 0 on. */
export const MAX_SEED = 0xffff_ffff;

/** Returns whether a value can be a seed: a whole number from 0 to 2^32-1. */
export function isSeed(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 0 && Number(value) <= MAX_SEED;
}

/**
 * Mixes the bits of a number, so that every bit of the input affects every bit of the output (the finaliser
 * of murmur3).
 */
function scramble(value: number): number {
  let bits = value >>> 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85eb_ca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2_ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}

/**
 * Derives a seed for a part of the work: for run 7, or for the second direction of connection 3
 * (`deriveSeed(seed, 3, 1)`). The seeds of parts are independent, so one more run changes no other run.
 */
export function deriveSeed(seed: number, ...path: readonly number[]): number {
  return path.reduce(
    (derived, part) => scramble(Math.imul(derived, 0x9e37_79b1) ^ scramble(part + 0x7f4a_7c15)),
    seed >>> 0,
  );
}

/** Makes a source of random numbers (sfc32). Two sources with the same seed give the same numbers. */
export function random(seed: number): Random {
  let a = scramble(seed);
  let b = scramble(seed ^ 0x9e37_79b9);
  let c = scramble(seed ^ 0x243f_6a88);
  let counter = 1;
  const u32 = (): number => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return sum >>> 0;
  };
  for (let warmUp = 0; warmUp < 12; warmUp++) {
    u32();
  }
  // Scale the number and do not take a modulo, which would make the low numbers more likely than the others.
  // IEEE 754 makes the quotient the same on every machine.
  const below = (limit: number): number => Math.floor((u32() / 0x1_0000_0000) * limit);
  return {
    u32,
    below,
    between: (low, high) => low + below(high - low + 1),
    chance: (numerator, denominator) => below(denominator) < numerator,
    pick: (list) => list[below(list.length)] ?? list[0],
  };
}
