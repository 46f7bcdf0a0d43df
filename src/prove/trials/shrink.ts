// Makes a schedule that breaks a server as small as it can be: fewer departures from the requests as
// they are, then cuts nearer to the beginning. Every step is tried on the real server, so the result
// is a schedule that breaks it, never one that ought to.
//
// A departure is a cut inside a request, or a border between two requests that is joined over.

import { steps } from '../../schedule/pieces.ts';
import type { Op, Schedule } from '../../schedule/schedule.ts';

/** Offsets, each list rising. */
interface Departures {
  readonly cuts: readonly number[];
  readonly joins: readonly number[];
}

export interface ShrinkOptions {
  readonly lengths: readonly number[];
  /** Whether the server fails with this schedule. */
  readonly breaks: (schedule: Schedule) => Promise<boolean>;
  /** Maximum number of trials. Default 120. */
  readonly trials?: number;
}

function bordersOf(lengths: readonly number[]): readonly number[] {
  const offsets: number[] = [];
  let total = 0;
  for (const length of lengths) {
    offsets.push((total += length));
  }
  return offsets.slice(0, -1);
}

/** The offsets at which a schedule parts the requests, rising. */
export function boundariesOf(schedule: Schedule, lengths: readonly number[]): readonly number[] {
  return steps(schedule, lengths)
    .flatMap((step) => (step.kind === 'piece' ? [step.end] : []))
    .slice(0, -1);
}

/** What a schedule does to the requests, without its waits. */
export function departures(schedule: Schedule, lengths: readonly number[]): Departures {
  const boundaries = boundariesOf(schedule, lengths);
  const borders = bordersOf(lengths);
  return {
    cuts: boundaries.filter((at) => !borders.includes(at)),
    joins: borders.filter((at) => !boundaries.includes(at)),
  };
}

/** The fewest ops that depart from the requests in this way. */
export function toOps({ cuts, joins }: Departures, lengths: readonly number[]): readonly Op[] {
  const total = lengths.reduce((sum, length) => sum + length, 0);
  const kept = bordersOf(lengths).filter((at) => !joins.includes(at));
  const ends = [...new Set([...kept, ...cuts, total])].sort((a, b) => a - b);
  const ops: Op[] = [];
  let covered = 0;
  let start = 0;
  for (const end of ends) {
    const begin = start;
    if (joins.some((at) => at > begin && at < end)) {
      if (begin > covered) {
        ops.push({ kind: 'cut', n: begin - covered });
      }
      ops.push({ kind: 'hold', n: end - begin });
      covered = end;
    } else if (cuts.includes(end)) {
      ops.push({ kind: 'cut', n: end - covered });
      covered = end;
    }
    start = end;
  }
  return ops;
}

class Shrinker {
  #best: Departures;
  #schedule: Schedule;
  #trialsLeft: number;
  readonly #tried = new Set<string>();
  readonly #options: ShrinkOptions;

  constructor(schedule: Schedule, options: ShrinkOptions) {
    this.#schedule = schedule;
    this.#options = options;
    this.#trialsLeft = options.trials ?? 120;
    this.#best = departures(schedule, options.lengths);
  }

  async shrink(): Promise<Schedule> {
    // Without its waits, and written in the shortest way; if that holds, it is where to go on from.
    if (!(await this.#try(this.#best))) {
      return this.#schedule;
    }
    await this.#remove();
    await this.#move();
    await this.#remove();
    return this.#schedule;
  }

  async #try(candidate: Departures): Promise<boolean> {
    const ops = toOps(candidate, this.#options.lengths);
    const key = JSON.stringify(ops);
    if (this.#tried.has(key) || this.#trialsLeft <= 0) {
      return false;
    }
    this.#tried.add(key);
    this.#trialsLeft--;
    const schedule: Schedule = { ...this.#schedule, ops };
    if (!(await this.#options.breaks(schedule))) {
      return false;
    }
    this.#best = candidate;
    this.#schedule = schedule;
    return true;
  }

  get #count(): number {
    return this.#best.cuts.length + this.#best.joins.length;
  }

  /** Leaves out all, then halves, then single departures. */
  async #remove(): Promise<void> {
    await this.#try({ cuts: [], joins: [] });
    for (let size = this.#count; size >= 1; size = Math.floor(size / 2)) {
      for (let from = 0; from < this.#count;) {
        const left = this.#without(from, size);
        if (!(await this.#try(left))) {
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

  /** Moves each cut towards the beginning of its request. */
  async #move(): Promise<void> {
    for (let index = 0; index < this.#best.cuts.length; index++) {
      const at = this.#best.cuts[index] ?? 0;
      const border = bordersOf(this.#options.lengths).findLast((offset) => offset < at) ?? 0;
      for (let low = border + 1; low < (this.#best.cuts[index] ?? 0);) {
        const high = this.#best.cuts[index] ?? 0;
        if (await this.#moveTo(index, low)) {
          break;
        }
        low = low + 1 < high ? Math.max(low + 1, (low + high) >> 1) : high;
      }
    }
  }

  #moveTo(index: number, offset: number): Promise<boolean> {
    const { cuts, joins } = this.#best;
    if (cuts.includes(offset)) {
      return Promise.resolve(false);
    }
    const moved = cuts.map((cut, position) => (position === index ? offset : cut));
    return this.#try({ cuts: moved.sort((a, b) => a - b), joins });
  }
}

/** The smallest schedule found that still breaks the server; the given one where none is smaller. */
export function shrinkSchedule(schedule: Schedule, options: ShrinkOptions): Promise<Schedule> {
  return new Shrinker(schedule, options).shrink();
}
