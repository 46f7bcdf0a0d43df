// The schedules that a server is tried with, the most telling first: every single cut, byte by byte,
// small pieces, one byte alone, requests joined, then random ones from the seed. Pure.

import { coalesce, dribble, frameAware, mtu, randomly, weakSpots } from '../../schedule/plans.ts';
import type { Plan } from '../../schedule/plans.ts';
import { steps } from '../../schedule/pieces.ts';
import { deriveSeed, random } from '../../schedule/random.ts';
import type { Random } from '../../schedule/random.ts';
import type { Op, Schedule } from '../../schedule/schedule.ts';
import type { FrameSpan } from '../cut-points.ts';

export interface Trial {
  /** The length of each request. */
  readonly lengths: readonly number[];
  readonly seed: number;
  /** About how many schedules will be taken; long requests are sampled to leave room. */
  readonly runs: number;
  readonly frames: readonly FrameSpan[];
}

/** A request of this length is cut at every place. */
const EVERY_CUT_UP_TO = 64;
/** A longer one around its borders: headers stand behind them, terminators before. */
const NEAR_BORDER = Array.from({ length: 28 }, (_, index) => index - 3);
/** More pieces than this take too long for what they tell. */
const MOST_PIECES = 256;
/** When so many random schedules in a row were known, all that there are have been seen. */
const ENOUGH_REPEATS = 200;

const cut = (n: number): Op => ({ kind: 'cut', n });
const hold = (n: number): Op => ({ kind: 'hold', n });

/** Offsets where requests begin, and behind the last. */
function borders(lengths: readonly number[]): readonly number[] {
  const offsets = [0];
  for (const length of lengths) {
    offsets.push((offsets.at(-1) ?? 0) + length);
  }
  return offsets;
}

function frameBorders(frames: readonly FrameSpan[]): readonly number[] {
  return [...new Set(frames.flatMap(({ start, end }) => [start, end]))].sort((a, b) => a - b);
}

/** The places for single cuts, rising: all of a short request; of a long one its ends and weak spots. */
function singleCuts({ lengths, frames, runs }: Trial): readonly number[] {
  const offsets = borders(lengths);
  const total = offsets.at(-1) ?? 0;
  const all = Array.from({ length: total <= EVERY_CUT_UP_TO ? total : 0 }, (_, at) => at);
  const around = offsets.flatMap((border) => NEAR_BORDER.map((distance) => border + distance));
  const weak = frames.length === 0 ? [] : weakSpots(frameBorders(frames), prefixLength(frames));
  const spots = [...new Set([...all, ...around, ...weak])]
    .filter((at) => at > 0 && at < total && !offsets.includes(at))
    .sort((one, other) => one - other);
  const most = Math.max(8, Math.floor(runs / 2));
  const stride = Math.max(1, spots.length / most);
  return spots.filter((_, index) => index % stride < 1);
}

function prefixLength(frames: readonly FrameSpan[]): number {
  return Math.max(...frames.map(({ start, payloadStart }) => payloadStart - start));
}

/** One byte of all, alone between two cuts. */
function loneBytes(total: number): readonly Op[][] {
  return Array.from({ length: Math.min(12, total - 2) }, (_, at) => [cut(at + 1), cut(1)]);
}

/** The beginning of a plan's pieces; what follows passes as it came. */
function some(plan: Plan, total: number): readonly Op[] {
  return plan({ start: 0, length: Math.min(total, 4 * MOST_PIECES) }, random(0)).slice(
    0,
    MOST_PIECES,
  );
}

/** Requests joined: all in one piece, and two pieces that meet near a border or half way. */
function joined(lengths: readonly number[]): readonly Op[][] {
  if (lengths.length < 2) {
    return [];
  }
  const offsets = borders(lengths);
  const total = offsets.at(-1) ?? 0;
  const inner = offsets.slice(1, -1);
  const meetings = inner.flatMap((border, index) => [
    border + 1,
    border - 1,
    (border + (offsets[index + 2] ?? total)) >> 1,
  ]);
  const split = meetings.filter((at) => at > 0 && at < total);
  return [[hold(total)], ...split.map((at) => [hold(at), hold(total - at)])];
}

function* systematic(trial: Trial): Generator<readonly Op[]> {
  const total = trial.lengths.reduce((sum, length) => sum + length, 0);
  if (trial.lengths.length > 1) {
    yield [];
  }
  for (const at of singleCuts(trial)) {
    yield [cut(at)];
  }
  yield some(dribble, total);
  yield some(mtu(2), total);
  yield some(mtu(3), total);
  yield* loneBytes(total);
  yield* joined(trial.lengths);
}

/** Some cuts anywhere, and each border between requests kept or joined. */
function scattered(total: number, source: Random): readonly Op[] {
  const count = source.between(1, Math.min(10, total - 1));
  const places = new Set(Array.from({ length: count }, () => source.between(1, total - 1)));
  let from = 0;
  return [...places]
    .sort((a, b) => a - b)
    .map((at) => {
      const n = at - from;
      from = at;
      return source.chance(1, 2) ? hold(n) : cut(n);
    });
}

function randomOps(trial: Trial, total: number, source: Random): readonly Op[] {
  const run = { start: 0, length: total };
  const choice = source.below(10);
  if (choice < 2 && trial.frames.length > 0) {
    return frameAware(frameBorders(trial.frames), prefixLength(trial.frames))(run, source);
  }
  if (choice < 4) {
    return randomly(run, source).slice(0, MOST_PIECES);
  }
  if (choice < 5) {
    return mtu(source.between(1, Math.min(total, 1500)))(run, source).slice(0, MOST_PIECES);
  }
  if (choice < 6 && trial.lengths.length > 1) {
    return coalesce({ ...run, length: source.between(1, total) }, source);
  }
  return scattered(total, source);
}

function toServer(ops: readonly Op[], seed: number): Schedule {
  return { v: 1, seed, direction: 'to-server', ops };
}

/** Schedules without end, except where the bytes allow no more; none is given twice. */
export function* candidates(trial: Trial): Generator<Schedule> {
  const total = trial.lengths.reduce((sum, length) => sum + length, 0);
  const seen = new Set<string>();
  const isNew = (candidate: Schedule): boolean => {
    const key = steps(candidate, trial.lengths)
      .map((step) => (step.kind === 'piece' ? step.end : step.kind))
      .join();
    const known = seen.has(key);
    seen.add(key);
    return !known;
  };
  // One whole request is the baseline itself.
  if (trial.lengths.length === 1) {
    isNew(toServer([], 0));
  }
  for (const ops of systematic(trial)) {
    const candidate = toServer(ops, trial.seed);
    if (isNew(candidate)) {
      yield candidate;
    }
  }
  if (total < 2) {
    return;
  }
  for (let run = 0, repeats = 0; repeats < ENOUGH_REPEATS; run++, repeats++) {
    const seed = deriveSeed(trial.seed, run);
    const candidate = toServer(randomOps(trial, total, random(seed)), seed);
    if (!isNew(candidate)) {
      continue;
    }
    repeats = 0;
    yield candidate;
  }
}
