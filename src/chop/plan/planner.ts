// Decides what to do with the next bytes of one direction of one connection. This file is pure: the planner
// gets a view of the bytes that are there, and returns one action. It knows no clock and no socket, and its
// random choices come from a seed.
//
//   ops of a schedule ─┐
//   ops of a slicing ──┼─→ next(view) → read | piece | delay | stall | half-close | fin | rst | end
//   faults ────────────┘
//
// Rules:
// - Every byte before the ending or stall is in exactly one piece, in order. No byte is made or changed.
// - A hold of a schedule waits for all its bytes, or until the sender has ended. A hold of a slicing waits
//   only until the sender pauses, or until 64 KiB are there: otherwise a conversation of short messages would
//   wait for ever.

import { random } from '../../schedule/random.ts';
import type { Random } from '../../schedule/random.ts';
import type { EndingOp, Op } from '../../schedule/schedule.ts';
import { effectOf, endingsOf, firstEnding } from '../faults/faults.ts';
import type { Ending, Fault } from '../faults/faults.ts';
import type { Slicing } from './slicing.ts';

/** The bytes that a planner can pass on, and whether more will come. */
export interface View {
  /** Number of bytes that have come and have not been passed on. */
  readonly available: number;
  /** Whether the sender has ended, so that no more bytes will come. */
  readonly ended: boolean;
  /** Whether no byte has come for the time after which a sender counts as paused. */
  readonly quiet: boolean;
}

export type Action =
  /** Read more first. `patient` says to wait for more only until the sender pauses. */
  | { readonly kind: 'read'; readonly patient: boolean }
  /** Send the next bytes together. `apart` says that a boundary in front of them was planned. */
  | {
      readonly kind: 'piece';
      readonly at: number;
      readonly length: number;
      readonly apart: boolean;
    }
  | { readonly kind: 'delay'; readonly ms: number }
  /** End the direction: the sender has ended, and all its bytes were passed on. */
  | { readonly kind: 'end' }
  | { readonly kind: Ending['kind'] };

/** The settings of one direction: ops or slicing, and faults. */
export interface PlannerOptions {
  /** Ops to play, one after another. The bytes behind them pass as they come. Default: none. */
  readonly ops?: readonly Op[] | undefined;
  /** Slicing that makes ops as the bytes come. Give it instead of `ops`. Default: none. */
  readonly slicing?: Slicing | undefined;
  readonly faults?: readonly Fault[] | undefined;
  /** Seed of the random delays. */
  readonly seed: number;
}

/** New slicing and faults for a planner. The slicing 'same' keeps the current ops or slicing. */
export interface PlannerChange {
  readonly slicing: Slicing | undefined | 'same';
  readonly faults: readonly Fault[];
}

interface FaultEnding extends Ending {
  readonly fault: Fault;
}

/** Maximum number of bytes that are looked at together, or held back for a planned piece. */
const WINDOW = 64 * 1024;

/**
 * Number of pieces in a second in which bytes leave under a throttle. A hold keeps its bytes together even
 * so.
 */
const THROTTLE_STEPS = 10;

/**
 * The kind of ending that each op stands for. The op `fin` ends one side, but the fault `fin` ends both
 * sides.
 */
const ENDING_OF: Readonly<Record<EndingOp['kind'], Ending['kind']>> = {
  fin: 'half-close',
  close: 'fin',
  rst: 'rst',
};

function waits(faults: readonly Fault[]): { min: number; max: number; rate: number } {
  let [min, max, rate] = [0, 0, Number.POSITIVE_INFINITY];
  for (const effect of faults.map(effectOf)) {
    if (effect.kind === 'wait') {
      [min, max] = [min + effect.min, max + effect.max];
    }
    if (effect.kind === 'rate') {
      rate = Math.min(rate, effect.bytes);
    }
  }
  return { min, max, rate };
}

export class Planner {
  readonly #source: Random;
  #scheduled: readonly Ending[];
  #slicing: Slicing | undefined;
  #endings: readonly FaultEnding[] = [];
  #ending: Ending | undefined;
  #waits: { readonly min: number; readonly max: number; readonly rate: number };
  #ops: readonly Op[];
  #index = 0;
  /** Number of bytes of the current cut or hold that were passed on. */
  #done = 0;
  #offset = 0;
  #apart = false;
  /**
   * Whether the current run of bytes ended because the window was full. Otherwise it ended with a pause or
   * the end of the sender.
   */
  #cutByWindow = false;
  /** Time in ms that the throttle still has to wait because of pieces that were passed on. */
  #debt = 0;
  #waited = false;

  constructor({ ops = [], slicing, faults = [], seed }: PlannerOptions) {
    this.#ops = ops;
    this.#slicing = slicing;
    const scheduled = ops.flatMap((op): Ending[] =>
      'at' in op ? [{ at: op.at, kind: ENDING_OF[op.kind] }] : [],
    );
    this.#scheduled = scheduled;
    this.#waits = waits(faults);
    this.#source = random(seed);
    this.#setEndings(faults);
  }

  /** Number of bytes that have been passed on. */
  get offset(): number {
    return this.#offset;
  }

  /** Changes slicing and faults from the next byte on. Offsets of new faults count from that byte. */
  change({ slicing, faults }: PlannerChange): void {
    if (slicing !== 'same') {
      this.#slicing = slicing;
      this.#scheduled = [];
      this.#ops = [];
      this.#index = 0;
      this.#done = 0;
    }
    this.#waits = waits(faults);
    this.#debt = 0;
    this.#waited = false;
    this.#setEndings(faults);
  }

  /** Sets the endings of the faults. A fault object that was already set keeps its place in the stream. */
  #setEndings(faults: readonly Fault[]): void {
    const before = this.#endings;
    this.#endings = faults.flatMap((fault) => {
      const same = before.find((ending) => ending.fault === fault);
      return endingsOf([fault]).map(
        ({ at, kind }) => same ?? { fault, at: this.#offset + at, kind },
      );
    });
    this.#ending = firstEnding([...this.#scheduled, ...this.#endings]);
  }

  /** Takes each chunk as it comes. */
  arrived(chunk: Uint8Array): void {
    this.#slicing?.arrived(chunk);
  }

  next(view: View): Action {
    if (this.#ending?.at === this.#offset) {
      return { kind: this.#ending.kind };
    }
    this.#refill(view);
    const told = this.#instruction();
    if (told !== undefined) {
      return told;
    }
    if (view.available === 0 && view.ended) {
      return { kind: 'end' };
    }
    const length = this.#pieceLength(view);
    if (length === 0) {
      return { kind: 'read', patient: this.#soft && view.available > 0 };
    }
    const ms = this.#wait();
    return ms > 0 ? { kind: 'delay', ms } : this.#piece(length);
  }

  /**
   * Whether held bytes may go when the sender pauses. With slicing they may. With a schedule they may not,
   * because a schedule promises each piece whole.
   */
  get #soft(): boolean {
    return this.#slicing !== undefined;
  }

  #refill(view: View): void {
    if (this.#slicing === undefined || this.#index < this.#ops.length) {
      return;
    }
    this.#cutByWindow = !view.ended && !view.quiet && view.available >= WINDOW;
    const reach = {
      offset: this.#offset,
      available: this.#slicing.joins === true ? view.available : Math.min(view.available, WINDOW),
      settled: settled(view),
    };
    const ops = this.#slicing.ops(reach);
    if (ops === undefined) {
      return;
    }
    this.#ops = ops;
    this.#index = 0;
  }

  /** Returns the next delay or stall in the ops. Skips endings, because they happen at their offset. */
  #instruction(): Action | undefined {
    for (let op = this.#ops[this.#index]; op !== undefined; op = this.#ops[this.#index]) {
      if (op.kind === 'cut' || op.kind === 'hold') {
        return undefined;
      }
      if (op.kind === 'stall') {
        return { kind: 'stall' };
      }
      this.#index++;
      if (op.kind === 'delay') {
        return { kind: 'delay', ms: op.ms };
      }
    }
    return undefined;
  }

  /** Returns the number of bytes that may go now, or 0 if more bytes must come first. */
  #pieceLength(view: View): number {
    const room = (this.#ending?.at ?? Number.POSITIVE_INFINITY) - this.#offset;
    const most = Math.min(view.available, room);
    const op = this.#ops[this.#index];
    if (op === undefined) {
      return this.#slicing === undefined ? this.#trickle(most) : 0;
    }
    if (op.kind !== 'cut' && op.kind !== 'hold') {
      return 0;
    }
    const left = op.n - this.#done;
    if (op.kind === 'cut') {
      return this.#trickle(Math.min(most, left));
    }
    const wanted = Math.min(left, room);
    if (most >= wanted) {
      return wanted;
    }
    return view.ended || (this.#soft && settled(view)) ? most : 0;
  }

  #trickle(length: number): number {
    return Math.min(length, Math.max(1, Math.ceil(this.#waits.rate / THROTTLE_STEPS)));
  }

  #wait(): number {
    if (this.#waited) {
      return 0;
    }
    this.#waited = true;
    const { min, max } = this.#waits;
    const ms = Math.floor(this.#debt);
    this.#debt -= ms;
    return ms + (max > 0 ? this.#source.between(min, max) : 0);
  }

  #piece(length: number): Action {
    const action = { kind: 'piece', at: this.#offset, length, apart: this.#apart } as const;
    this.#offset += length;
    this.#waited = false;
    this.#debt += (length * 1000) / this.#waits.rate;
    this.#apart = false;
    const op = this.#ops[this.#index];
    if (op === undefined || !('n' in op)) {
      return action;
    }
    this.#done += length;
    if (this.#done >= op.n) {
      this.#index++;
      this.#done = 0;
      this.#apart = !(this.#cutByWindow && this.#slicing?.joins === true);
    }
    return action;
  }
}

function settled({ available, ended, quiet }: View): boolean {
  return ended || quiet || available >= WINDOW;
}
