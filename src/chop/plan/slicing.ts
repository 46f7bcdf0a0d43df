// Plans for a stream whose length nobody knows: which ops come next, given what has come so far.
//
// Rules:
// - Where sizes alone decide (dribble, mtu, slice, random), the boundaries stand at the same offsets
//   for the same seed, whenever the bytes come.
// - Where a run of bytes must be seen (halves, coalesce, frame-aware, plans of yours), a run ends with
//   a pause of the sender, with its end, or when the window is full. Same runs, same pieces.

import { coalesce, frameAware, parsePlan } from '../../schedule/plans.ts';
import type { Plan } from '../../schedule/plans.ts';
import { deriveSeed, random } from '../../schedule/random.ts';
import type { Random } from '../../schedule/random.ts';
import type { Op } from '../../schedule/schedule.ts';
import type { Fault } from '../faults/faults.ts';

/** Shown each chunk as it comes, says at which offsets of the stream frames begin or end. */
export type FrameFinder = (chunk: Uint8Array) => readonly number[];

/** Cuts where framing breaks. Who knows the format finds the frames. */
export interface FrameAwarePlan {
  /** Makes a finder: one for each direction of each connection. */
  readonly finder: () => FrameFinder;
  /** How many bytes of a frame say its length. Default 4. */
  readonly prefixLength?: number | undefined;
}

/** The name of a plan (`dribble`, `halves`, `random`, `coalesce`, `mtu:536`), one of yours, or by frames. */
export type ChopPlan = string | Plan | FrameAwarePlan;

/** The bytes that have come and are not planned yet. */
export interface Reach {
  readonly offset: number;
  readonly available: number;
  /** The run is over: the sender has paused or ended, or the window is full. */
  readonly settled: boolean;
}

/** Makes the ops of one direction of one connection, bit by bit. */
export interface Slicing {
  /** Every chunk is shown as it comes. */
  arrived(chunk: Uint8Array): void;
  /** What to do next; `undefined` when more should be seen first. */
  ops(reach: Reach): readonly Op[] | undefined;
}

/** A maker of slicings: the seed is of one direction of one connection. */
export type Slicer = (seed: number) => Slicing;

const ignore = (): void => undefined;

/** Pieces whose sizes are drawn one after another. */
function bySize(size: (source: Random) => number): Slicer {
  return (seed) => {
    const source = random(seed);
    return { arrived: ignore, ops: () => [{ kind: 'hold', n: size(source) }] };
  };
}

/** A few bytes mostly, where the bugs are; sometimes long. */
const randomSize = (source: Random): number =>
  source.between(1, source.pick([1, 2, 4, 16, 256, 4096]));

/** Ops for a run, and what they leave of it in one piece. */
function covering(plan: Plan, reach: Reach, seed: number): readonly Op[] {
  const { offset: start, available: length } = reach;
  const ops = plan({ start, length }, random(deriveSeed(seed, start)));
  const covered = ops.reduce((sum, op) => sum + ('n' in op ? op.n : 0), 0);
  return covered < length ? [...ops, { kind: 'hold', n: length - covered }] : ops;
}

function byRun(plan: Plan): Slicer {
  return (seed) => ({
    arrived: ignore,
    ops: (reach) =>
      reach.settled && reach.available > 0 ? covering(plan, reach, seed) : undefined,
  });
}

function byFrame({ finder, prefixLength = 4 }: FrameAwarePlan): Slicer {
  return (seed) => {
    const find = finder();
    let boundaries: readonly number[] = [0];
    return {
      arrived: (chunk) => {
        boundaries = boundaries.concat(find(chunk));
      },
      ops: (reach) => {
        if (!reach.settled || reach.available === 0) {
          return undefined;
        }
        const passed = boundaries.findLastIndex((boundary) => boundary <= reach.offset);
        boundaries = boundaries.slice(Math.max(0, passed));
        return covering(frameAware(boundaries, prefixLength), reach, seed);
      },
    };
  };
}

/** How a stream is to be sliced by a plan. Throws UsageError ERR_OPTION where nobody knows it. */
export function planSlicer(plan: ChopPlan): Slicer {
  if (typeof plan === 'object') {
    return byFrame(plan);
  }
  if (typeof plan === 'function') {
    return byRun(plan);
  }
  const known = parsePlan(plan);
  if (plan === 'dribble') {
    return bySize(() => 1);
  }
  if (plan === 'random') {
    return bySize(randomSize);
  }
  const size = /^mtu:(\d+)$/.exec(plan)?.[1];
  return size === undefined ? byRun(known) : bySize(() => Number(size));
}

/** How a fault slices, if it does. */
export function faultSlicer(fault: Fault): Slicer | undefined {
  if (fault.kind === 'coalesce') {
    return byRun(coalesce);
  }
  if (fault.kind !== 'slice') {
    return undefined;
  }
  return bySize((source) => source.between(fault.min, fault.max));
}
