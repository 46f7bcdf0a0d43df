// Code that the measured checks share: long frames, and feeding a target as fast as it takes the chunks. The
// values of the target are let go at once.

import type { Finding } from './judging.ts';
import { deliverAll, progressing } from './delivery.ts';
import type { Stream } from './streams.ts';
import type { Target } from './target.ts';
import { UnknownShape, isVerdict } from './terms.ts';
import type { Rules } from './terms.ts';
import { drawValue } from './values.ts';
import { quantity } from '../../text.ts';

/** Everything that the measured checks need to measure a target. */
export interface CostMaterial {
  readonly target: Target;
  /**
   * Returns one frame with about `payloadLength` bytes of payload, or `undefined` if no such frame can be
   * made.
   */
  readonly frameOf: (payloadLength: number) => Uint8Array | undefined;
  /** A good stream that may be repeated, if there is one. */
  readonly repeatable: Stream | undefined;
  readonly rules: Rules;
  /** Time in ms without progress after which the target counts as stalled. */
  readonly stallAfter: number;
}

/**
 * Result of a measured check: a finding, or the reason why nothing or only a part could be measured.
 * `undefined` if the target passed.
 */
export type Measured =
  Finding | { readonly impossible: string } | { readonly partly: string } | undefined;

/**
 * Number of times that the same measurement is made. All of them must show a fault before the fault counts,
 * except where bytes appear only for a moment: there one is enough.
 */
export const CONFIRMATIONS = 3;

/** A long frame that the target takes, the reason why there is none, or the fault of the target with it. */
export type LongFrame =
  { readonly frame: Uint8Array } | { readonly lacking: string } | { readonly finding: Finding };

/**
 * Decides what an error on good bytes means: a fault, unless the target may throw that error, for example
 * because of a limit. Rethrows UnknownShape.
 */
export function blame(
  error: unknown,
  bytes: string,
  { rules }: CostMaterial,
): { readonly lacking: string } | { readonly finding: Finding } {
  if (error instanceof UnknownShape) {
    throw error;
  }
  if (!isVerdict(error) && rules.allows(error)) {
    return { lacking: `the target refuses ${bytes}: ${drawValue(error)}` };
  }
  return { finding: { what: `fails on ${bytes}: ${drawValue(error)}`, chunks: [] } };
}

/**
 * Makes a good frame with about `length` bytes of payload, and checks that the target takes it in one chunk.
 */
export async function longFrame(material: CostMaterial, length: number): Promise<LongFrame> {
  const { target, rules, stallAfter } = material;
  const frame = material.frameOf(length);
  if (frame === undefined) {
    return { lacking: 'give frameOf, so that a long frame can be made' };
  }
  if (frame.length < length / 2) {
    return { lacking: `frameOf(${length}) gave ${quantity(frame.length, 'byte')}` };
  }
  const [outcome] = await deliverAll(
    target,
    [{ chunks: [frame], ending: 'open', reading: 'eager' }],
    stallAfter,
  );
  if (outcome?.failure !== undefined) {
    return blame(
      outcome.failure.error,
      `a good frame of ${quantity(frame.length, 'byte')}`,
      material,
    );
  }
  const count = outcome?.values.length ?? 0;
  const one = rules.counted && target.kind === 'sync' ? count === 1 : true;
  return one ? { frame } : { lacking: `frameOf(${length}) made ${count} values, not one` };
}

/**
 * Writes chunks to a new connection. Calls `goesOn` after each chunk, and stops when `goesOn` returns false.
 * Keeps no values. Returns the connection, so that the caller can keep it alive and measure the memory that
 * it holds.
 */
export async function feed(
  { target, stallAfter }: Pick<CostMaterial, 'target' | 'stallAfter'>,
  chunks: Iterable<Uint8Array>,
  goesOn: () => boolean = () => true,
): Promise<unknown> {
  if (target.kind === 'sync') {
    const run = target.open('forgetful');
    for (const chunk of chunks) {
      run.write(chunk);
      if (!goesOn()) {
        break;
      }
    }
    return run;
  }
  const run = target.open('forgetful');
  let taken = 0;
  const play = async (): Promise<void> => {
    for (const chunk of chunks) {
      await run.write(chunk);
      taken++;
      if (!goesOn()) {
        break;
      }
    }
  };
  try {
    await progressing(play(), () => taken, stallAfter);
  } catch (error) {
    run.drop();
    throw error;
  }
  return run;
}
