// Decides from runs that come one after another whether a schedule breaks a target. This file is pure.
//
// Rule: BROKEN needs three runs of the schedule that are wrong in the same way, and right answers to the
// whole requests between these runs. The caller plays the runs and the whole requests, and gives up when the
// answer to whole requests is wrong.

import { firstDifference, wayOf } from './answers.ts';
import type { Answered, Difference } from './answers.ts';

/** One run of the schedule. */
export interface RunSeen {
  readonly answer: Answered;
  readonly difference: Difference | undefined;
}

/** Number of runs that must be wrong in the same way. */
const WRONG_RUNS = 3;
/**
 * MOST_RUNS: number of runs after which the failure counts as refuted. RIGHT_RUNS: number of right runs after
 * which it counts as refuted, too, if at most one run was wrong.
 */
const MOST_RUNS = 10;
const RIGHT_RUNS = 3;

export type Standing = 'open' | 'confirmed' | 'refuted';

export class Confirmation<R extends RunSeen> {
  #runs = 0;
  #right = 0;
  readonly #wrong = new Map<string, R[]>();

  add(run: R): Standing {
    this.#runs++;
    if (run.difference === undefined) {
      this.#right++;
    } else {
      const way = wayOf(run.difference, run.answer);
      this.#wrong.set(way, [...(this.#wrong.get(way) ?? []), run]);
    }
    return this.standing;
  }

  get standing(): Standing {
    const most = this.wrongRuns.length;
    if (most >= WRONG_RUNS) {
      return 'confirmed';
    }
    const isHopeless = this.#right >= RIGHT_RUNS && this.#runs - this.#right <= 1;
    return isHopeless || this.#runs >= MOST_RUNS ? 'refuted' : 'open';
  }

  /** Number of runs so far. */
  get runs(): number {
    return this.#runs;
  }

  /** The runs that were wrong in the way that occurred most often. */
  get wrongRuns(): readonly R[] {
    return [...this.#wrong.values()].reduce(
      (most, runs) => (runs.length > most.length ? runs : most),
      [],
    );
  }
}

/**
 * Returns the first run whose answer differs from the answer of the first run, at an offset that both answers
 * reach.
 */
export function otherWrongAnswer<R extends RunSeen>(runs: readonly R[]): R | undefined {
  const [first, ...others] = runs;
  return others.find(({ answer }) => {
    const one = first?.answer.bytes ?? answer.bytes;
    const at = firstDifference(one, answer.bytes);
    return at < one.length && at < answer.bytes.length;
  });
}
