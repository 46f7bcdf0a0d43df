// Describes how a schedule differs from sending each request whole, in its own piece. There are two kinds of
// departure. The schedule cuts inside requests, perhaps with a pause after the cut. Or it joins neighbouring
// requests, so that the border between them lies inside a piece.

import { steps } from '../../schedule/pieces.ts';
import type { Op, Schedule } from '../../schedule/schedule.ts';

export interface Cut {
  readonly at: number;
  /** Pause in ms after the cut, besides the wait for the receiver. It is 0 if the schedule has none. */
  readonly delay: number;
}

/** Cuts inside requests and joined borders, each by its offset, in rising order. */
export interface Departures {
  readonly cuts: readonly Cut[];
  readonly joins: readonly number[];
}

/** Returns the offsets between two requests. */
export function bordersOf(lengths: readonly number[]): readonly number[] {
  const offsets: number[] = [];
  let total = 0;
  for (const length of lengths) {
    offsets.push((total += length));
  }
  return offsets.slice(0, -1);
}

/**
 * Returns the offsets between the pieces of a schedule, in rising order: cuts, and borders that the schedule
 * does not join.
 */
export function boundariesOf(schedule: Schedule, lengths: readonly number[]): readonly number[] {
  return steps(schedule, lengths)
    .flatMap((step) => (step.kind === 'piece' ? [step.end] : []))
    .slice(0, -1);
}

/** Returns the sum of the pauses at each offset that has a pause. */
function delaysOf(schedule: Schedule, lengths: readonly number[]): ReadonlyMap<number, number> {
  const delays = new Map<number, number>();
  let offset = 0;
  for (const step of steps(schedule, lengths)) {
    if (step.kind === 'piece') {
      offset = step.end;
    } else if (step.kind === 'delay') {
      delays.set(offset, (delays.get(offset) ?? 0) + step.ms);
    }
  }
  return delays;
}

/**
 * Returns the departures of a schedule from the whole requests. Leaves out pauses that follow no cut inside a
 * request.
 */
export function departures(schedule: Schedule, lengths: readonly number[]): Departures {
  const boundaries = boundariesOf(schedule, lengths);
  const borders = new Set(bordersOf(lengths));
  const delays = delaysOf(schedule, lengths);
  const parted = new Set(boundaries);
  return {
    cuts: boundaries
      .filter((at) => !borders.has(at))
      .map((at) => ({ at, delay: delays.get(at) ?? 0 })),
    joins: [...borders].filter((at) => !parted.has(at)),
  };
}

/** Returns the smallest number of ops that make these departures. */
export function toOps({ cuts, joins }: Departures, lengths: readonly number[]): readonly Op[] {
  const total = lengths.reduce((sum, length) => sum + length, 0);
  const joined = new Set(joins);
  const delays = new Map(cuts.map(({ at, delay }) => [at, delay]));
  const kept = bordersOf(lengths).filter((at) => !joined.has(at));
  const ends = [...new Set([...kept, ...delays.keys(), total])].sort((a, b) => a - b);
  const ops: Op[] = [];
  let covered = 0;
  let start = 0;
  let nextJoin = 0;
  for (const end of ends) {
    while ((joins[nextJoin] ?? end) <= start) {
      nextJoin++;
    }
    if ((joins[nextJoin] ?? end) < end) {
      if (start > covered) {
        ops.push({ kind: 'cut', n: start - covered });
      }
      ops.push({ kind: 'hold', n: end - start });
      covered = end;
    } else if (delays.has(end)) {
      ops.push({ kind: 'cut', n: end - covered });
      covered = end;
    }
    const ms = delays.get(end) ?? 0;
    if (ms > 0) {
      ops.push({ kind: 'delay', ms });
    }
    start = end;
  }
  return ops;
}

/** Returns the same departures, with a pause of at least `ms` after each cut. */
export function slowed({ cuts, joins }: Departures, ms: number): Departures {
  return { cuts: cuts.map(({ at, delay }) => ({ at, delay: Math.max(delay, ms) })), joins };
}

/**
 * Returns one schedule for each request, with the cuts inside that request. They are for sending one request
 * at a time.
 */
export function byRequest(schedule: Schedule, lengths: readonly number[]): readonly Schedule[] {
  const { cuts } = departures(schedule, lengths);
  let start = 0;
  return lengths.map((length) => {
    const from = start;
    start += length;
    const own = cuts
      .filter(({ at }) => at > from && at < start)
      .map(({ at, delay }) => ({ at: at - from, delay }));
    return { ...schedule, ops: toOps({ cuts: own, joins: [] }, [length]) };
  });
}
