// Makes ops for a stream of unknown length, from the bytes that have come so far.
//
// Rules:
// - If sizes alone decide (dribble, mtu, slice, random), the boundaries are at the same offsets for the same
//   seed, whenever the bytes come.
// - If a plan must see a run of bytes (halves, coalesce, frame-aware, custom plans), a run ends when the
//   sender pauses or ends, or when the window is full. The same runs give the same pieces.

import { checkFunction, checkNames, whole } from '../../options.ts';
import type { OptionNames } from '../../options.ts';
import { coalesce, frameAware, readPlan } from '../../schedule/plans.ts';
import type { Plan } from '../../schedule/plans.ts';
import { deriveSeed, random } from '../../schedule/random.ts';
import type { Random } from '../../schedule/random.ts';
import type { Op } from '../../schedule/schedule.ts';
import { effectOf } from '../faults/faults.ts';
import type { Fault } from '../faults/faults.ts';

/**
 * Function that is called with each chunk as it comes. Returns the offsets in the stream at which frames
 * begin or end.
 */
export type FrameFinder = (chunk: Uint8Array) => readonly number[];

/**
 * A plan that cuts where decoders break: around the prefix and the ends of frames. Only the finder of the
 * plan knows the format.
 */
export interface FrameAwarePlan {
  /** Function that makes a finder. It is called once for each direction of each connection. */
  readonly finder: () => FrameFinder;
  /** Number of bytes at the beginning of a frame that hold its length. Default 4. */
  readonly prefixLength?: number | undefined;
}

/**
 * A plan: the name of one ('dribble', 'halves', 'random', 'coalesce', 'mtu:536'), a function, or a plan by
 * frames.
 */
export type ChopPlan = string | Plan | FrameAwarePlan;

/** The bytes that have come and for which the plan has not made ops yet. */
export interface Reach {
  readonly offset: number;
  readonly available: number;
  /** Whether the run is over: the sender has paused or ended, or the run has 64 KiB. */
  readonly settled: boolean;
}

/** Makes the ops of one direction of one connection, a few at a time, as the bytes come. */
export interface Slicing {
  /** Called with each chunk as it comes. */
  arrived(chunk: Uint8Array): void;
  /**
   * Whether a piece may go on across the end of a run that ended because it had 64 KiB. With false, such an
   * end is a planned boundary. Default false.
   */
  readonly joins?: boolean;
  /** Returns the next ops, or `undefined` if more bytes must come first. */
  ops(reach: Reach): readonly Op[] | undefined;
}

/** Function that makes the slicing of one direction of one connection, from a seed for that direction. */
export interface Slicer {
  (seed: number): Slicing;
  /** Whether the slicing must see a stream from its first byte. Default false. */
  readonly fromStart?: boolean;
}

const DEFAULT_PREFIX_LENGTH = 4;

const ignore = (): void => undefined;

/** Makes a slicer of pieces whose sizes are drawn one after another. */
function bySize(size: (source: Random) => number): Slicer {
  return (seed) => {
    const source = random(seed);
    return { arrived: ignore, ops: () => [{ kind: 'hold', n: size(source) }] };
  };
}

/**
 * Returns the ops of a plan for a run. If the ops do not cover all bytes of the run, the rest becomes one
 * piece.
 */
function covering(plan: Plan, reach: Reach, seed: number): readonly Op[] {
  const { offset: start, available: length } = reach;
  const ops = plan({ start, length }, random(deriveSeed(seed, start)));
  const covered = ops.reduce((sum, op) => sum + ('n' in op ? op.n : 0), 0);
  return covered < length ? [...ops, { kind: 'hold', n: length - covered }] : ops;
}

function byRun(plan: Plan): Slicer {
  return (seed) => ({
    arrived: ignore,
    joins: plan === coalesce,
    ops: (reach) =>
      reach.settled && reach.available > 0 ? covering(plan, reach, seed) : undefined,
  });
}

const FRAME_AWARE_NAMES = {
  finder: true,
  prefixLength: true,
} satisfies OptionNames<FrameAwarePlan>;

function resolveFrameAwarePlan(plan: FrameAwarePlan): Required<FrameAwarePlan> {
  checkNames('plan', plan, FRAME_AWARE_NAMES);
  checkFunction('plan.finder', plan.finder);
  return {
    finder: plan.finder,
    prefixLength: whole('plan.prefixLength', plan.prefixLength ?? DEFAULT_PREFIX_LENGTH),
  };
}

function byFrame({ finder, prefixLength }: Required<FrameAwarePlan>): Slicer {
  const slicer = (seed: number): Slicing => {
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
  return Object.assign(slicer, { fromStart: true });
}

/** Returns the slicer of a plan. Throws UsageError ERR_OPTION for an unknown plan. */
export function planSlicer(plan: ChopPlan): Slicer {
  if (typeof plan === 'function') {
    return byRun(plan);
  }
  if (typeof plan === 'object' && plan !== null) {
    return byFrame(resolveFrameAwarePlan(plan));
  }
  const named = readPlan(plan);
  return named.size === undefined ? byRun(named.plan) : bySize(named.size);
}

/** Returns the slicer of a fault, or `undefined` if the fault does not cut. */
export function faultSlicer(fault: Fault): Slicer | undefined {
  const effect = effectOf(fault);
  if (effect.kind === 'join') {
    return byRun(coalesce);
  }
  if (effect.kind !== 'sizes') {
    return undefined;
  }
  return bySize((source) => source.between(effect.min, effect.max));
}
