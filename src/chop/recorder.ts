// Writes down what was done, as schedules that do it again: every piece a hold, every wait a delay.
// Bounded, as a proxy may run for days: when the record is full, what follows is not in it.

import type { Direction, Op, Schedule } from '../schedule/schedule.ts';

/** Ops of all connections together: as many as a schedule file may hold. */
const maxOps = 1 << 20;
/** The longest delay that a schedule can say, in ms. */
const maxDelay = 3_600_000;

/** Whose record it is. */
export interface RecordHead {
  readonly seed: number;
  readonly direction: Direction;
  readonly connection: number;
}

export type Note = (op: Op) => void;

export class Recorder {
  readonly #schedules: (RecordHead & { readonly ops: Op[] })[] = [];
  #left = maxOps;

  /** Whether ops had to be left out. */
  get full(): boolean {
    return this.#left < 0;
  }

  /** Begins the record of one direction of one connection. */
  begin(head: RecordHead): Note {
    const ops: Op[] = [];
    this.#schedules.push({ ...head, ops });
    return (op) => {
      for (const part of parts(op)) {
        this.#left -= 1;
        if (this.#left >= 0) ops.push(part);
      }
    };
  }

  schedules(): readonly Schedule[] {
    return this.#schedules.map(({ seed, direction, connection, ops }) => ({
      v: 1,
      seed,
      direction,
      connection,
      ops: [...ops],
    }));
  }
}

function parts(op: Op): readonly Op[] {
  if (op.op !== 'delay' || op.ms <= maxDelay) return [op];
  return [{ op: 'delay', ms: maxDelay }, ...parts({ op: 'delay', ms: op.ms - maxDelay })];
}
