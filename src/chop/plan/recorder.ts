// Records what the proxy did, as schedules that do the same again: every piece is a hold, and every wait is a
// delay. The record has a limit, because a proxy may run for days. When the limit is reached, nothing more is
// recorded.

import { MAX_DELAY, MAX_OPS } from '../../schedule/schedule.ts';
import type { Direction, Op, Schedule } from '../../schedule/schedule.ts';

/** The connection and direction to which a record belongs, and the seed. */
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
   * Number of ops that the record can still take, for all connections together. Each schedule counts as one
   * more op, because many schedules may be empty.
   */
  #left = MAX_OPS;

  /** Whether ops or schedules had to be left out. */
  get full(): boolean {
    return this.#left < 0;
  }

  /**
   * Begins the record of one direction of one connection. `schedules()` contains this record only if
   * `isWanted` returns true when `schedules()` is called. A direction without settings is recorded, too, so
   * that its record begins with its first byte if it gets a plan later.
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
