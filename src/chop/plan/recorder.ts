// Writes down what was done, as schedules that do it again: every piece a hold, every wait a delay.
// Bounded, as a proxy may run for days: when the record is full, what follows is not in it.

import { MAX_DELAY, MAX_OPS } from '../../schedule/schedule.ts';
import type { Direction, Op, Schedule } from '../../schedule/schedule.ts';

/** The connection and direction that a record is of. */
export interface RecordHead {
  readonly seed: number;
  readonly direction: Direction;
  readonly connection: number;
}

export type Note = (op: Op) => void;

export class Recorder {
  readonly #schedules: (RecordHead & { readonly ops: Op[]; readonly isWanted: () => boolean })[] =
    [];
  /**
   * Number of ops that still fit, for all connections together. Each schedule counts as one more op, since
   * many may be empty.
   */
  #left = MAX_OPS;

  /** Whether ops or schedules had to be left out. */
  get full(): boolean {
    return this.#left < 0;
  }

  /**
   * Begins the record of one direction of one connection. Only while `isWanted` returns true, `schedules()` has
   * the record: a direction that passes as it comes may get a plan later, and the record then begins with the
   * first byte of the direction.
   */
  begin(head: RecordHead, isWanted: () => boolean = () => true): Note {
    this.#left--;
    if (this.full) {
      return () => undefined;
    }
    const ops: Op[] = [];
    this.#schedules.push({ ...head, ops, isWanted });
    return (op) => {
      for (const part of parts(op)) {
        this.#left--;
        if (this.#left >= 0) {
          ops.push(part);
        }
      }
    };
  }

  schedules(): readonly Schedule[] {
    return this.#schedules
      .filter(({ isWanted }) => isWanted())
      .map(({ seed, direction, connection, ops }) => ({
        v: 1,
        seed,
        direction,
        connection,
        ops: [...ops],
      }));
  }
}

function parts(op: Op): readonly Op[] {
  if (op.kind !== 'delay' || op.ms <= MAX_DELAY) {
    return [op];
  }
  return [{ kind: 'delay', ms: MAX_DELAY }, ...parts({ kind: 'delay', ms: op.ms - MAX_DELAY })];
}
