// Feeding a target for a measurement: as fast as it takes the chunks, its values let go at once.

import type { Finding } from './checks.ts';
import { within } from './delivery.ts';
import type { Stream } from './streams.ts';
import type { Target } from './target.ts';

/** What the measured checks work with. */
export interface CostMaterial {
  readonly target: Target;
  /** The bytes of one frame with about so much payload; `undefined` if the format has no such frame. */
  readonly frameOf: (payloadLength: number) => Uint8Array | undefined;
  /** A good stream that may be repeated, if there is one. */
  readonly repeatable: Stream | undefined;
}

/** A finding, nothing, or why nothing could be measured. */
export type Measured = Finding | { readonly impossible: string } | undefined;

/** Why a measurement is not possible where nobody says how to make a long frame. */
export const NO_FRAME = 'give frameOf, so that a long frame can be made';

/** Every one of so many measurements must show a fault. */
export const CONFIRMATIONS = 3;

/** A step that takes longer than this in ms is not measured but given up. */
const PATIENCE = 60_000;

/** Writes chunks to a new connection, whose values are let go; tells what is written, and stops when told. */
export async function feed(
  target: Target,
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
  const play = async (): Promise<void> => {
    for (const chunk of chunks) {
      await run.write(chunk);
      if (!goesOn()) {
        break;
      }
    }
  };
  try {
    await within(play(), PATIENCE);
  } catch (error) {
    run.drop();
    throw error;
  }
  return run;
}
