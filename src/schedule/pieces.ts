// Turns a schedule into steps for bytes of a known length. `deliver/play.ts` carries the steps out. This file
// is pure. The proxy does not know the length of its stream, so the proxy applies a schedule op by op
// (`chop/plan`).

import { refuseSchedule } from './schedule.ts';
import type { Op, Schedule } from './schedule.ts';
import { quantity } from '../text.ts';

/**
 * One step of a delivery. `piece` sends the bytes from `start` up to `end` together. `stall` sends nothing
 * more.
 */
export type Step =
  | { readonly kind: 'piece'; readonly start: number; readonly end: number }
  | { readonly kind: 'delay'; readonly ms: number }
  | { readonly kind: 'stall' }
  | { readonly kind: 'fin' }
  | { readonly kind: 'rst' };

/**
 * Returns the number of bytes that the ops need: up to the end of the last cut or hold, or up to the largest
 * `at`, whichever is more. A stream with fewer bytes does not fit the ops.
 */
export function coveredLength(ops: readonly Op[]): number {
  let flowing = 0;
  let furthest = 0;
  for (const op of ops) {
    if (op.kind === 'cut' || op.kind === 'hold') {
      flowing += op.n;
    }
    if ('at' in op) {
      furthest = Math.max(furthest, op.at);
    }
  }
  return Math.max(flowing, furthest);
}

/** Returns the step that ends the delivery, and its offset. Both follow from the op with the lowest `at`. */
function ending(ops: readonly Op[]): { at: number; step: Step | undefined } {
  const ends = ops.flatMap((op) => ('at' in op ? [op] : []));
  const [first] = ends.sort((one, other) => one.at - other.at);
  return first === undefined
    ? { at: Number.POSITIVE_INFINITY, step: undefined }
    : { at: first.at, step: { kind: first.kind === 'rst' ? 'rst' : 'fin' } };
}

/**
 * Collects steps. `arrivals` are the offsets at which the chunks end. No piece goes beyond the offset
 * `limit`.
 */
class Stepper {
  readonly steps: Step[] = [];
  readonly #arrivals: readonly number[];
  readonly #limit: number;
  #offset = 0;

  constructor(arrivals: readonly number[], limit: number) {
    this.#arrivals = arrivals;
    this.#limit = limit;
  }

  get full(): boolean {
    return this.#offset >= this.#limit;
  }

  /** Adds the bytes up to `end` as one piece. */
  together(end: number): void {
    const stop = Math.min(end, this.#limit);
    if (stop > this.#offset) {
      this.steps.push({ kind: 'piece', start: this.#offset, end: stop });
    }
    this.#offset = Math.max(this.#offset, stop);
  }

  /** Adds the bytes up to `end` as pieces that end where the chunks end. */
  apart(end: number): void {
    for (const arrival of this.#arrivals) {
      if (arrival > this.#offset && arrival < end) {
        this.together(arrival);
      }
    }
    this.together(end);
  }

  apply(op: Op): void {
    if (op.kind === 'cut') {
      this.apart(this.#offset + op.n);
    } else if (op.kind === 'hold') {
      this.together(this.#offset + op.n);
    } else if (op.kind === 'delay') {
      this.steps.push({ kind: 'delay', ms: op.ms });
    }
  }
}

/**
 * Returns the steps of a schedule for bytes that come in chunks of these lengths. Throws UsageError
 * ERR_SCHEDULE when the ops need more bytes than there are.
 */
export function steps(schedule: Schedule, lengths: readonly number[]): readonly Step[] {
  const arrivals: number[] = [];
  let total = 0;
  for (const length of lengths) {
    arrivals.push((total += length));
  }
  const covered = coveredLength(schedule.ops);
  if (covered > total) {
    refuseSchedule(
      `The ops need ${quantity(covered, 'byte')}, but there are ${total}.`,
      'Replay the schedule with the bytes that it was made for.',
      { length: covered, limit: total },
    );
  }
  const { at, step: end } = ending(schedule.ops);
  const stepper = new Stepper(arrivals, Math.min(at, total));
  for (const op of schedule.ops) {
    if (end !== undefined && stepper.full) {
      break;
    }
    if (op.kind === 'stall') {
      return [...stepper.steps, { kind: 'stall' }];
    }
    stepper.apply(op);
  }
  stepper.apart(total);
  return end === undefined ? stepper.steps : [...stepper.steps, end];
}

/**
 * Returns the pieces in which the schedule delivers the bytes of `chunks`, without the delays. Bytes behind a
 * stall or an ending are left out. Throws UsageError ERR_SCHEDULE when the ops need more bytes than there
 * are.
 */
export function pieces(schedule: Schedule, ...chunks: readonly Uint8Array[]): Uint8Array[] {
  const whole = joinBytes(chunks);
  return steps(
    schedule,
    chunks.map((chunk) => chunk.length),
  ).flatMap((step) => (step.kind === 'piece' ? [whole.subarray(step.start, step.end)] : []));
}

/** Joins chunks into one run of bytes. A single chunk is returned as it is. */
export function joinBytes(chunks: readonly Uint8Array[]): Uint8Array {
  const [only] = chunks;
  if (chunks.length === 1 && only !== undefined) {
    return only;
  }
  const whole = new Uint8Array(chunks.reduce((total, chunk) => total + chunk.length, 0));
  let offset = 0;
  for (const chunk of chunks) {
    whole.set(chunk, offset);
    offset += chunk.length;
  }
  return whole;
}
