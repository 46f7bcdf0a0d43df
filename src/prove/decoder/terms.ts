// The types that options, checks and targets share: samples, the names of the checks, deliveries and their
// outcomes. This file imports nothing that draws random trials, so that it loads where fast-check is not
// installed. This file is pure.

import { UsageError } from '../../errors.ts';

/** A stream whose frames are known: the bytes of each frame on the wire, and perhaps the value of each. */
export interface FramedSample<T> {
  /** The bytes of each frame as they travel, in order. */
  readonly frames: readonly Uint8Array[];
  /**
   * Values that the decoder must give, one for each frame, in order. Without them the prover cannot tell
   * whether a value is right. It then checks only their number, when they come, the errors, and that all
   * deliveries give the same.
   */
  readonly values?: readonly T[] | undefined;
}

/** A stream to decode: its frames, or its bytes if nothing else is known. */
export type StreamSample<T> = Uint8Array | FramedSample<T>;

/** The checks that draw random trials, in the order in which they run. */
export const RANDOM_CHECKS = [
  'isolation',
  'cut-invariance',
  'conservation',
  'truncation',
  'error-invariance',
  'late-reading',
  'typed-errors',
] as const;

/** The name of a check that draws random trials. */
export type RandomCheck = (typeof RANDOM_CHECKS)[number];

/** The name of a check, for `only` and `without`. */
export type DecoderCheck = RandomCheck | 'linear-cost' | 'bounded-memory';

/** How values and errors are judged in a proof. */
export interface Rules {
  /** Whether two lists of values are the same. */
  same(one: readonly unknown[], other: readonly unknown[]): boolean;
  /**
   * Whether the number of values must equal the number of frames. With the option `normalize` it need not.
   */
  readonly counted: boolean;
  /** Whether the target may throw this error. */
  allows(error: unknown): boolean;
  /** Whether the platform discards values that wait to be read when the target fails. */
  readonly discards: boolean;
}

/**
 * Time at which values are read. 'eager': after every chunk. 'late': when all chunks are in or, from a target
 * that needs the event loop, one value in each turn. 'forgetful': after every chunk, and no value is kept.
 */
export type Reading = 'eager' | 'late' | 'forgetful';

/** Chunks in order, and what follows them: the end, nothing yet, or the loss of the connection. */
export interface Delivery {
  readonly chunks: readonly Uint8Array[];
  readonly ending: 'end' | 'open' | 'lost';
  readonly reading: Reading;
  /** Whether to wait after each chunk until its values are out, and to count them. Default false. */
  readonly counted?: boolean;
}

/** The result of a delivery. */
export interface Outcome {
  readonly values: readonly unknown[];
  /** Number of values that had come out after each chunk, where that is known. */
  readonly counts: readonly number[] | undefined;
  /** The thrown error, if there was one. */
  readonly failure: { readonly error: unknown } | undefined;
  /** Words for what the target did wrong after its error or after a good end, if it did something wrong. */
  readonly fault: string | undefined;
}

/** The error of a delivery that made no progress for too long. */
export class Stalled extends Error {
  override readonly name = 'Stalled';
  constructor(ms: number) {
    super(`The target did not finish in ${ms} ms.`);
  }
}

/** The error of a delivery that the prover ended, because it gave more values than its bytes can hold. */
export class EndlessValues extends Error {
  override readonly name = 'EndlessValues';
}

/** Wraps a thrown value that is not an Error. */
class ThrownValue extends Error {
  override readonly name = 'ThrownValue';
  readonly value: unknown;
  constructor(value: unknown) {
    super(`The target threw ${typeof value} ${String(value)}, which is not an Error.`);
    this.value = value;
  }
}

/**
 * Returns whether the prover itself ended the delivery with this error. `allows` cannot permit such an error.
 */
export function isVerdict(error: unknown): error is Error {
  return error instanceof Stalled || error instanceof EndlessValues;
}

/**
 * Error for a target with a shape that the prover cannot drive. The caller must change the target, so this is
 * no outcome.
 */
export class UnknownShape extends UsageError {
  constructor(facts: string, hint: string) {
    super('ERR_OPTION', facts, { hint });
  }
}

/** Returns the thrown value itself if it is an Error, otherwise an Error that holds it. */
export function errorOf(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new ThrownValue(thrown);
}
