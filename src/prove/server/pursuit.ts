// Follows up a wrong answer. It finds the smallest schedule that still gets a wrong answer, and confirms that
// the schedule gets it again and in the same way, with right answers to the whole requests in between.
//
// Rules:
// - A failure is BROKEN only if a Confirmation confirms it.
// - Pursuing failures has a budget of time. When the budget is used up, no further failure is confirmed. But
//   a confirmation that has already seen a wrong run goes on to its end.

import { deriveSeed, random } from '../../schedule/random.ts';
import type { Schedule } from '../../schedule/schedule.ts';
import { Confirmation, otherWrongAnswer } from '../evidence/confirmation.ts';
import type { Failure } from '../evidence/report.ts';
import { departures, slowed, toOps } from '../trials/departures.ts';
import { shrinkSchedule } from '../trials/shrink.ts';
import type { Trial } from '../trials/trial.ts';
import { Health } from './health.ts';
import type { Judged } from './run.ts';
import type { ServerUnderTest } from './server-under-test.ts';

/** Time in ms for confirming and shrinking all failures together. Each failure gets at least LEAST_BUDGET. */
const BUDGET = 20_000;
const LEAST_BUDGET = 3000;
/**
 * Time in ms that shrinking must leave for confirming. If the connection stayed open after the wrong answer,
 * each run waits until its patience is over, so shrinking leaves the time of three such waits too.
 */
const RESERVE = 2000;
/** Pause in ms at each cut when a failure that was not confirmed is tried once more. */
const SLOWED = 60;
/** Maximum number of cuts in a schedule that is tried with such pauses. */
const MOST_SLOWED_CUTS = 4;
/**
 * Maximum number of shrunk schedules to confirm, the smallest first. After them comes the schedule as it was
 * found.
 */
const MOST_STEPS_BACK = 4;

export class Pursuit {
  readonly health: Health;
  readonly #server: ServerUnderTest;
  #spent = 0;

  constructor(server: ServerUnderTest) {
    this.#server = server;
    this.health = new Health(server, random(deriveSeed(server.options.seed, 0xc0f)));
  }

  /**
   * Returns the confirmed failure, as small as it could be made, or `undefined` if no failure was confirmed.
   */
  async pursue(trial: Trial, judged: Judged): Promise<Failure | undefined> {
    const begin = performance.now();
    const deadline = begin + Math.max(LEAST_BUDGET, BUDGET - this.#spent);
    try {
      return await this.#pursueUntil(deadline, trial, judged);
    } finally {
      this.#spent += performance.now() - begin;
    }
  }

  async #pursueUntil(deadline: number, trial: Trial, judged: Judged): Promise<Failure | undefined> {
    const found = await this.#chase(trial, judged, deadline);
    if (found !== undefined) {
      return found;
    }
    const slow = this.#slowed(trial);
    if (slow === undefined || performance.now() > deadline) {
      return undefined;
    }
    await this.health.recover();
    const again = await this.#server.run({ ...slow, effort: 'full' });
    return again.difference === undefined ? undefined : this.#chase(slow, again, deadline);
  }

  /** Makes a failure of what `runs` show, with no confirmations yet. */
  failure(trial: Trial, found: Schedule, runs: readonly Judged[]): Failure {
    const [judged] = runs;
    const expected = this.#server.expected(trial.sending);
    const answer = judged?.answer ?? { bytes: new Uint8Array(0), end: 'open' as const };
    return {
      kind: trial.kind,
      sending: trial.sending,
      schedule: trial.schedule,
      found,
      difference: judged?.difference ?? { kind: 'bytes', at: 0 },
      whole: { bytes: expected.bytes, end: expected.end },
      cut: { bytes: answer.bytes, end: answer.end },
      other: otherWrongAnswer(runs)?.answer,
      confirmations: 0,
      runs: runs.length,
      serverEnding: runs.find(({ ending }) => ending !== undefined)?.ending,
    };
  }

  async #chase(trial: Trial, first: Judged, deadline: number): Promise<Failure | undefined> {
    const found = trial.schedule;
    const smaller = await this.#shrink(trial, first, deadline);
    const known = new Set<Schedule>();
    for (const schedule of [...smaller.slice(0, MOST_STEPS_BACK), found]) {
      if (known.has(schedule)) {
        continue;
      }
      known.add(schedule);
      const failure = await this.#confirm({ ...trial, schedule }, found, deadline);
      if (failure !== undefined || performance.now() > deadline) {
        return failure;
      }
    }
    return undefined;
  }

  /**
   * Returns the smaller schedules that failed, the smallest first. The list is empty if the failure did not
   * come again.
   */
  async #shrink(trial: Trial, first: Judged, deadline: number): Promise<readonly Schedule[]> {
    const { options } = this.#server;
    if (trial.kind === 'replay' || trial.kind === 'large' || trial.kind === 'deep') {
      return [];
    }
    const confirming = first.answer.end === 'open' ? 3 * Math.min(options.patience, 4000) : 0;
    const until = deadline - RESERVE - confirming;
    const breaks = async (schedule: Schedule): Promise<boolean> => {
      if (performance.now() > until) {
        return false;
      }
      await this.health.recover();
      const judged = await this.#server.run({ ...trial, schedule, effort: 'short' });
      return judged.difference !== undefined;
    };
    if (!(await breaks(trial.schedule))) {
      return [];
    }
    return shrinkSchedule(trial.schedule, {
      lengths: this.#server.lengths(trial.sending.repeat),
      breaks,
    });
  }

  async #confirm(trial: Trial, found: Schedule, deadline: number): Promise<Failure | undefined> {
    const confirmation = new Confirmation<Judged>();
    let linger = 0;
    await this.health.recover();
    await this.health.between(trial, 0);
    while (confirmation.standing === 'open') {
      if (performance.now() > deadline && confirmation.wrongRuns.length === 0) {
        return undefined;
      }
      const judged = await this.#server.run({ ...trial, effort: 'full' });
      confirmation.add(judged);
      const ending = judged.difference?.kind === 'ended' ? judged.took + 200 : 0;
      linger = Math.max(linger, ending);
      if (judged.difference !== undefined) {
        await this.health.recover();
      }
      await this.health.between(trial, linger);
    }
    if (confirmation.standing !== 'confirmed') {
      return undefined;
    }
    const { wrongRuns, runs } = confirmation;
    return { ...this.failure(trial, found, wrongRuns), confirmations: wrongRuns.length, runs };
  }

  /**
   * Returns the trial with the same cuts and a pause after each. A server that once lost a race loses it
   * every time with such pauses. Returns `undefined` for a replay, for more than MOST_SLOWED_CUTS cuts, and
   * if no pause would get longer.
   */
  #slowed(trial: Trial): Trial | undefined {
    const lengths = this.#server.lengths(trial.sending.repeat);
    const parts = departures(trial.schedule, lengths);
    const isFit = parts.cuts.length > 0 && parts.cuts.length <= MOST_SLOWED_CUTS;
    if (!isFit || trial.kind === 'replay' || parts.cuts.every(({ delay }) => delay >= SLOWED)) {
      return undefined;
    }
    const ops = toOps(slowed(parts, SLOWED), lengths);
    return { ...trial, schedule: { ...trial.schedule, ops } };
  }
}
