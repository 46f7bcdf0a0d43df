// Makes a schedule that breaks a target as small as it can be: fewer departures from the whole requests, then
// shorter pauses, then cuts nearer to the beginning of their request. Every step is tried on the real target,
// so the resulting schedule did break the target.
//
// All schedules that broke the target are returned, the smallest first. A small schedule may have broken the
// target by chance; then the caller can fall back to a larger one.

import type { Schedule } from '../../schedule/schedule.ts';
import { bordersOf, departures, toOps } from './departures.ts';
import type { Cut, Departures } from './departures.ts';

export interface ShrinkOptions {
  /** Length of each request in bytes. */
  readonly lengths: readonly number[];
  /** Whether the target fails with this schedule. */
  readonly breaks: (schedule: Schedule) => Promise<boolean>;
  /**
   * Maximum number of trials. When so many were made, the shrinking ends with the schedules found so far.
   * Default 120.
   */
  readonly trials?: number;
}

/** Pauses that are tried in place of a longer one, in ms. */
const SHORTER_PAUSES = [0, 60, 300];

class Shrinker {
  readonly accepted: Schedule[] = [];
  #best: Departures;
  #trialsLeft: number;
  readonly #found: Schedule;
  readonly #tried = new Map<string, boolean>();
  readonly #options: ShrinkOptions;

  constructor(schedule: Schedule, options: ShrinkOptions) {
    this.#found = schedule;
    this.#options = options;
    this.#trialsLeft = options.trials ?? 120;
    this.#best = departures(schedule, options.lengths);
  }

  async shrink(): Promise<readonly Schedule[]> {
    this.accepted.push(this.#found);
    // Begin with the same departures in the fewest ops, if the target fails with those ops, too.
    if (await this.#try(this.#best)) {
      await this.#remove();
      await this.#hurry();
      await this.#move();
      await this.#remove();
    }
    return this.accepted.toReversed();
  }

  async #try(candidate: Departures): Promise<boolean> {
    const ops = toOps(candidate, this.#options.lengths);
    const key = JSON.stringify(ops);
    const known = this.#tried.get(key);
    if (known !== undefined || this.#trialsLeft <= 0) {
      return false;
    }
    this.#trialsLeft--;
    const schedule: Schedule = { ...this.#found, ops };
    const breaks = await this.#options.breaks(schedule);
    this.#tried.set(key, breaks);
    if (breaks) {
      this.#best = candidate;
      this.accepted.push(schedule);
    }
    return breaks;
  }

  get #count(): number {
    return this.#best.cuts.length + this.#best.joins.length;
  }

  /** Leaves out all departures, then halves, then smaller parts down to single departures. */
  async #remove(): Promise<void> {
    await this.#try({ cuts: [], joins: [] });
    for (let size = this.#count; size >= 1; size = Math.floor(size / 2)) {
      for (let from = 0; from < this.#count && this.#trialsLeft > 0;) {
        if (!(await this.#try(this.#without(from, size)))) {
          from += size;
        }
      }
    }
  }

  #without(from: number, size: number): Departures {
    const { cuts, joins } = this.#best;
    const stays = (index: number): boolean => index < from || index >= from + size;
    return {
      cuts: cuts.filter((_, index) => stays(index)),
      joins: joins.filter((_, index) => stays(index + cuts.length)),
    };
  }

  /** Shortens each pause to the least of SHORTER_PAUSES with which the target still fails. */
  async #hurry(): Promise<void> {
    for (let index = 0; index < this.#best.cuts.length; index++) {
      for (const delay of SHORTER_PAUSES) {
        const cut = this.#best.cuts[index];
        if (
          cut === undefined ||
          delay >= cut.delay ||
          (await this.#replace(index, { ...cut, delay }))
        ) {
          break;
        }
      }
    }
  }

  /**
   * Moves each cut towards the beginning of its request. If the target still fails with a cut after the first
   * byte, the cut stays there. Otherwise a bisection finds the smallest offset at which the target still
   * fails.
   */
  async #move(): Promise<void> {
    for (let index = 0; index < this.#best.cuts.length; index++) {
      let high = this.#best.cuts[index]?.at ?? 0;
      const borders = bordersOf(this.#options.lengths);
      let low = 1 + (borders.findLast((offset) => offset < high) ?? 0);
      for (let probe = low; low < high; probe = (low + high) >> 1) {
        if (await this.#moveTo(index, probe)) {
          high = probe;
        } else {
          low = probe + 1;
        }
      }
    }
  }

  #moveTo(index: number, at: number): Promise<boolean> {
    const cut = this.#best.cuts[index];
    if (cut === undefined || this.#best.cuts.some((other) => other.at === at)) {
      return Promise.resolve(false);
    }
    return this.#replace(index, { ...cut, at });
  }

  #replace(index: number, changed: Cut): Promise<boolean> {
    const { cuts, joins } = this.#best;
    const moved = cuts.map((cut, position) => (position === index ? changed : cut));
    return this.#try({ cuts: moved.sort((one, other) => one.at - other.at), joins });
  }
}

/**
 * Shrinks a schedule. Returns all schedules that still broke the target, the smallest first and the given
 * schedule last.
 */
export function shrinkSchedule(
  schedule: Schedule,
  options: ShrinkOptions,
): Promise<readonly Schedule[]> {
  return new Shrinker(schedule, options).shrink();
}
