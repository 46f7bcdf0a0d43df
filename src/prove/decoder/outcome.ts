// The words between checks and targets: what is delivered, and what came of it. Pure.

/**
 * When values are asked for: after every chunk, or only when all chunks are in; or after every chunk
 * and let go at once.
 */
export type Reading = 'eager' | 'late' | 'forgetful';

/** Chunks in order, and how they end: told of the end, left open, or lost on the way. */
export interface Delivery {
  readonly chunks: readonly Uint8Array[];
  readonly ending: 'end' | 'open' | 'lost';
  readonly reading: Reading;
}

/** What came of a delivery. */
export interface Outcome {
  readonly values: readonly unknown[];
  /** How many values were out after each chunk, where the target answers at once and is read eagerly. */
  readonly counts: readonly number[] | undefined;
  /** What was thrown, if anything. */
  readonly failure: { readonly error: unknown } | undefined;
  /** What the target did wrong besides: after its error, or after a good end. */
  readonly fault: string | undefined;
}

/** The outcome of a delivery that neither ended nor failed in time. */
export class Stalled extends Error {
  override readonly name = 'Stalled';
}

/** The outcome of a delivery that gave more values than its bytes can hold. */
export class EndlessValues extends Error {
  override readonly name = 'EndlessValues';
}

/** Something thrown that is not an Error, told as one. */
export class ThrownValue extends Error {
  override readonly name = 'ThrownValue';
  readonly value: unknown;
  constructor(value: unknown) {
    super(`The target threw ${typeof value} ${String(value)}, which is not an Error.`);
    this.value = value;
  }
}

/** Whether an error is a verdict on the target, which no target may be allowed. */
export function isVerdict(error: unknown): error is Error {
  return error instanceof Stalled || error instanceof EndlessValues;
}
