// Types and functions that all checks share: a finding, a trial, and how outcomes are compared and drawn as
// text. This file is pure.

import type * as fc from 'fast-check';
import type { Stream } from './streams.ts';
import type { Delivery, Outcome, Rules } from './terms.ts';
import { drawValues, joinedValues } from './values.ts';

/** A fault, and the delivery that shows it. */
export interface Finding {
  /** One sentence in the present tense, without its subject. The subject is the decoder. */
  readonly what: string;
  readonly chunks: readonly Uint8Array[];
  /**
   * Text of the values that should have come out. `got` is the text of the values that did come out. Both are
   * missing where `what` says enough.
   */
  readonly expected?: string;
  readonly got?: string;
  /** Advice for a decoder that does this by design. Default: none. */
  readonly hint?: string;
}

/** Deliveries to make, and the judgement of their outcomes, in the same order. */
export interface Trial {
  readonly deliveries: readonly Delivery[];
  judge(outcomes: readonly Outcome[]): Finding | undefined;
}

/** How a check draws its trials. */
export type Trials = (good: fc.Arbitrary<Stream>, rules: Rules) => fc.Arbitrary<Trial>;

/** Trial for a stream that a check cannot use: it makes no delivery and has no finding. */
export const NOTHING_TO_TRY: Trial = { deliveries: [], judge: () => undefined };

/** Makes a delivery of the chunks and then the end. The values are read after every chunk. */
export const toEnd = (chunks: readonly Uint8Array[]): Delivery => ({
  chunks,
  ending: 'end',
  reading: 'eager',
});

/**
 * Returns name, code and place of an error, none of which may depend on the cuts. (The message may depend on
 * them.)
 */
function errorIdentity(error: unknown): string {
  if (typeof error !== 'object' || error === null) {
    return String(error);
  }
  const fields = ['code', 'byteOffset', 'frameIndex'].flatMap((field) => {
    const value: unknown = Reflect.get(error, field);
    return typeof value === 'string' || typeof value === 'number' ? [`${field} ${value}`] : [];
  });
  return [error instanceof Error ? error.name : 'a thrown object', ...fields].join(', ');
}

/** Returns the values of an outcome and its error, in one line of text. */
export function drawOutcome(outcome: Outcome): string {
  const values = drawValues(outcome.values);
  if (outcome.failure === undefined) {
    return values;
  }
  return `${values}, then ${errorIdentity(outcome.failure.error)}`;
}

/** Returns whether both outcomes failed in the same way, or neither failed. */
export function sameFailure(one: Outcome, other: Outcome): boolean {
  if (one.failure === undefined || other.failure === undefined) {
    return one.failure === other.failure;
  }
  return errorIdentity(one.failure.error) === errorIdentity(other.failure.error);
}

const JOINED =
  'The values are the same when joined. If they are pieces of a stream and no frames, join them in normalize. A node Transform keeps its values apart with readableObjectMode: true.';

/**
 * Returns a hint if both lists are the same bytes or text when joined, and differ only in where they are cut.
 */
export function hintOf(
  one: readonly unknown[],
  other: readonly unknown[],
): { readonly hint?: string } {
  const joined = joinedValues(one);
  return joined !== undefined && joined === joinedValues(other) ? { hint: JOINED } : {};
}
