// What a proof is told: the names of the checks that draw random trials, and what counts as the same.
// Apart from the checks, so that options and reports can name them where fast-check is not installed.
// Pure.

/** The checks that draw random trials, in the order in which they run. */
export const RANDOM_CHECKS = [
  'isolation',
  'cut-invariance',
  'conservation',
  'truncation',
  'error-invariance',
  'typed-errors',
] as const;

/** The name of a check that draws random trials. */
export type RandomCheck = (typeof RANDOM_CHECKS)[number];

/** What the caller said about values and errors. */
export interface Rules {
  /** Whether two lists of values are the same. */
  same(one: readonly unknown[], other: readonly unknown[]): boolean;
  /** Whether values can be counted against frames: not when they are normalized. */
  readonly counted: boolean;
  /** Whether the target may throw this. */
  allows(error: unknown): boolean;
}
