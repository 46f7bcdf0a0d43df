// Plays a schedule onto a stream, piece by piece. If the receiver's queue can be seen, a piece goes out when
// the receiver has read the piece before, or has left that piece unread for too long. Otherwise it goes out
// after a pause. The result says how each boundary was kept.
//
// Rule: a boundary is 'exact' only when the receiver's queue was seen empty between the two pieces.

import type { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { joinBytes, steps } from '../schedule/pieces.ts';
import type { Step } from '../schedule/pieces.ts';
import type { Schedule } from '../schedule/schedule.ts';
import type { Gate } from './looking.ts';
import { reset } from './reset.ts';
import { Sender } from './sender.ts';
import type { Boundary } from './sender.ts';

export interface PlayOptions {
  /** Gate that tells when the receiver has read a piece. Default: none, so pauses separate the pieces. */
  readonly gate?: Gate | undefined;
  /** Pause in ms between two pieces, without a gate. Default 30. */
  readonly pause?: number | undefined;
  /**
   * Time in ms for which a receiver may leave a piece unread. When it is over, the next piece is sent all the
   * same. Default 500.
   */
  readonly patience?: number | undefined;
  /**
   * Kind of the boundary after a piece that the receiver left unread for all of `patience`. Default 'lost'.
   */
  readonly unreadIs?: Exclude<Boundary, 'exact'> | undefined;
}

export interface Played {
  /**
   * Kinds of the boundaries. There is one for each place between two pieces, as far as the schedule was
   * played.
   */
  readonly boundaries: readonly Boundary[];
  /** Number of boundaries at which the receiver left a piece unread for all of `patience`. */
  readonly unread: number;
  /** Number of bytes that the kernel took. */
  readonly sent: number;
  /** Whether all bytes of the schedule were sent. If not, the connection ended first. */
  readonly complete: boolean;
}

/** The chunks to be sent, and the schedule by which they are sent. */
export interface Delivery {
  readonly schedule: Schedule;
  readonly chunks: readonly Uint8Array[];
}

const DEFAULT_PAUSE = 30;
const DEFAULT_PATIENCE = 500;

/** Carries out a step that sends no bytes. A stall is the last step, so there is nothing to do for it. */
async function act(stream: Writable, step: Exclude<Step, { kind: 'piece' }>): Promise<void> {
  if (step.kind === 'delay') {
    await sleep(step.ms);
  } else if (step.kind === 'fin') {
    stream.end();
  } else if (step.kind === 'rst') {
    reset(stream);
  }
}

/**
 * Delivers the chunks as the schedule says, onto a socket or the standard input of a child. Returns early,
 * without an error, when the connection ends. The caller sets `noDelay` and listens to 'error'. Throws
 * UsageError ERR_SCHEDULE, before anything is sent, if the schedule needs more bytes than there are.
 */
export async function play(
  stream: Writable,
  { schedule, chunks }: Delivery,
  { gate, pause = DEFAULT_PAUSE, patience = DEFAULT_PATIENCE, unreadIs }: PlayOptions = {},
): Promise<Played> {
  const lengths = chunks.map((chunk) => chunk.length);
  const plan = steps(schedule, lengths);
  const bytes = joinBytes(chunks);
  const sender = new Sender(stream, { gate, pause, patience, unreadIs });
  const boundaries: Boundary[] = [];
  const pieces = plan.filter((step) => step.kind === 'piece');
  let sent = 0;
  for (const step of plan) {
    if (!sender.open) {
      break;
    }
    if (step.kind !== 'piece') {
      await act(stream, step);
      continue;
    }
    if (sent > 0) {
      const boundary = await sender.settle();
      if (!sender.open) {
        break;
      }
      boundaries.push(boundary);
    }
    const isTaken = await sender.send([bytes.subarray(step.start, step.end)], false);
    sent += isTaken ? step.end - step.start : 0;
  }
  const complete = sent === (pieces.at(-1)?.end ?? 0);
  return { boundaries, unread: sender.unread, sent, complete };
}
