// Feeding a target for a measurement: as fast as it takes the chunks, its values let go at once.

import type { Finding } from './decoder-checks.ts';
import { within } from './decoder-delivery.ts';
import type { Stream } from './decoder-streams.ts';
import type { Subject } from './decoder-target.ts';

/** What the measured checks work with. */
export interface CostMaterial {
  readonly subject: Subject;
  /** The bytes of one frame with about so much payload; `undefined` if the format has no such frame. */
  readonly frameOf: (payloadLength: number) => Uint8Array | undefined;
  /** A good stream that may be repeated, if there is one. */
  readonly repeatable: Stream | undefined;
}

/** A finding, nothing, or why nothing could be measured. */
export type Measured = Finding | { readonly impossible: string } | undefined;

/** Why a measurement is not possible where nobody says how to make a long frame. */
export const noFrame = 'give frameOf, so that a long frame can be made';

/** Every one of so many measurements must show a fault. */
export const confirmations = 3;

/** A step that takes longer than this in ms is not measured but given up. */
const patience = 60_000;

/** Writes chunks to a new connection, whose values are let go; tells what is written, and stops when told. */
export async function feed(
  subject: Subject,
  chunks: Iterable<Uint8Array>,
  goesOn: () => boolean = () => true,
): Promise<unknown> {
  if (subject.kind === 'sync') {
    const session = subject.open('forgetful');
    for (const chunk of chunks) {
      session.write(chunk);
      if (!goesOn()) break;
    }
    return session;
  }
  const session = subject.open('forgetful');
  const play = async (): Promise<void> => {
    for (const chunk of chunks) {
      await session.write(chunk);
      if (!goesOn()) break;
    }
  };
  try {
    await within(play(), patience);
  } catch (error) {
    session.drop();
    throw error;
  }
  return session;
}
