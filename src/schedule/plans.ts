// Plans are named ways of cutting, and a seed makes a schedule from a plan. A plan returns ops for a run of
// bytes. For `prove` the run is all bytes to be sent. For `chop` the run is the bytes that came without a
// pause.
//
// A plan knows no wire format. For frame-aware cuts the caller passes the offsets of frames.

import { checkFunction, checkNames, oneOf, refuse, shown, whole } from '../options.ts';
import type { OptionNames } from '../options.ts';
import { MAX_SEED, random } from './random.ts';
import type { Random } from './random.ts';
import { DIRECTIONS } from './schedule.ts';
import type { Direction, Op, Schedule } from './schedule.ts';
import { readSize } from './units.ts';

/** A run of bytes to plan: `length` bytes from offset `start` of the stream. */
export interface Run {
  readonly start: number;
  readonly length: number;
}

/** Function that returns ops for a run of bytes. The ops cover the whole run or its beginning. */
export type Plan = (run: Run, random: Random) => Op[];

const cut = (n: number): Op => ({ kind: 'cut', n });

/** Makes a plan that cuts behind every `size` bytes. */
export function mtu(size: number): Plan {
  whole('The size of mtu', size, { min: 1 });
  return ({ length }) => Array.from({ length: Math.floor(length / size) }, () => cut(size));
}

/** Plan that sends every byte alone. */
export const dribble: Plan = mtu(1);

/**
 * Plan that cuts once, in the middle of the run. A run of three bytes becomes a piece of one byte and a piece
 * of two.
 */
export const halves: Plan = ({ length }) => (length < 2 ? [] : [cut(length >> 1)]);

/** Plan that sends the whole run in one piece, even if the run arrived in several pieces. */
export const coalesce: Plan = ({ length }) => (length < 1 ? [] : [{ kind: 'hold', n: length }]);

/**
 * Plan that makes pieces of many sizes. Most pieces are a few bytes, because most bugs show there, and some
 * are long. One op in four is a `hold`, which joins bytes that arrived apart.
 */
export const randomly: Plan = ({ length }, source) => {
  const ops: Op[] = [];
  for (let left = length; left > 0;) {
    const most = source.pick([1, 2, 4, 16, 256, left]);
    const n = source.between(1, Math.min(most, left));
    ops.push(source.chance(1, 4) ? { kind: 'hold', n } : cut(n));
    left -= n;
  }
  return ops;
};

/**
 * Makes a plan that cuts where receivers of frames fail most often: inside the prefix, behind the prefix, half
 * way through a frame, before its last byte, at a boundary, and one byte behind a boundary. Each schedule has
 * a random choice of these places, and holds the bytes between two cuts together. `boundaries` are the rising
 * offsets at which frames begin or end. `prefixLength` is the length of the prefix in bytes. Default 4.
 */
export function frameAware(boundaries: readonly number[], prefixLength = 4): Plan {
  const spots = weakSpots(boundaries, prefixLength);
  return ({ start, length }, source) => {
    const inRun = spots.filter((spot) => spot > start && spot < start + length);
    const share = source.pick([1, 2, 4, 8]);
    const chosen = inRun.filter(() => source.chance(share, 8));
    return length < 1 ? [] : cutsAt([...chosen, start + length], start);
  };
}

/**
 * Returns the offsets at which receivers of frames with these boundaries fail most often. The offsets rise,
 * and each occurs once.
 */
export function weakSpots(boundaries: readonly number[], prefixLength: number): readonly number[] {
  const spots = new Set<number>();
  for (const [index, begin] of boundaries.entries()) {
    const end = boundaries[index + 1] ?? begin;
    const prefix = Array.from({ length: prefixLength }, (_, byte) => begin + byte + 1);
    for (const spot of [begin, ...prefix, (begin + end) >> 1, end - 1]) {
      if (spot >= begin && spot <= end) {
        spots.add(spot);
      }
    }
    spots.add(begin + 1);
  }
  return [...spots].sort((one, other) => one - other);
}

/** Returns ops that `hold` up to each of the rising offsets, so that these offsets are the only cuts. */
function cutsAt(offsets: readonly number[], start: number): Op[] {
  let from = start;
  return offsets.map((offset) => {
    const n = offset - from;
    from = offset;
    return { kind: 'hold', n };
  });
}

/** What the name of a plan stands for. */
export interface NamedPlan {
  readonly plan: Plan;
  /**
   * Function that draws the size of the next piece in bytes, for a caller that does not know the length of
   * the run. Missing for a plan that needs the length, such as `halves`.
   */
  readonly size?: (source: Random) => number;
}

interface PlanRow {
  /** The plan as users write it on the command line, such as `mtu:SIZE`. */
  readonly word: string;
  /** Description of the pieces that the plan makes, for docs/chop.md and --help. */
  readonly pieces: string;
  /** Reads the text behind the name, such as `:536`. Returns `undefined` if the plan takes no such text. */
  readonly read: (behind: string) => NamedPlan | undefined;
}

/** Returns the row of a plan that takes no argument. */
function plainRow(word: string, pieces: string, named: NamedPlan): PlanRow {
  return { word, pieces, read: (behind) => (behind === '' ? named : undefined) };
}

function readMtu(behind: string): NamedPlan | undefined {
  const size = behind.startsWith(':') ? readSize(behind.slice(1)) : undefined;
  return size === undefined ? undefined : { plan: mtu(size), size: () => size };
}

/**
 * Draws a size from 1 to 4096 bytes. Most sizes are a few bytes, because most bugs show there, and some are
 * long.
 */
const randomSize = (source: Random): number =>
  source.between(1, source.pick([1, 2, 4, 16, 256, 4096]));

/** The table of named plans. The reader of plans, --help and the table in docs/chop.md use this table. */
export const PLANS: Readonly<Record<string, PlanRow>> = {
  dribble: plainRow('dribble', 'every byte alone', { plan: dribble, size: () => 1 }),
  mtu: { word: 'mtu:SIZE', pieces: 'pieces of that size', read: readMtu },
  random: plainRow('random', '1 to 4096 bytes, mostly a few', {
    plan: randomly,
    size: randomSize,
  }),
  halves: plainRow('halves', 'each run of bytes in two', { plan: halves }),
  coalesce: plainRow('coalesce', 'each run of bytes in one, up to 64 KiB', { plan: coalesce }),
};

export const PLAN_WORDS: readonly string[] = Object.values(PLANS).map(({ word }) => word);

/** Reads the name of a plan, for a caller that needs `size`, too. Throws UsageError ERR_OPTION. */
export function readPlan(name: string): NamedPlan {
  const [, word = '', behind = ''] = /^([a-z]+)(:.*)?$/.exec(name) ?? [];
  const row = Object.hasOwn(PLANS, word) ? PLANS[word] : undefined;
  return (
    row?.read(behind) ??
    refuse(`A plan cannot be ${shown(name)}.`, `Plans are ${PLAN_WORDS.join(', ')}.`)
  );
}

/** Reads the name of a plan, such as `dribble` or `mtu:536`. Throws UsageError ERR_OPTION. */
export function parsePlan(name: string): Plan {
  return readPlan(name).plan;
}

/** Options of `planSchedule`. */
export interface PlanOptions {
  /** Seed of the random choices that the plan makes: a whole number from 0 to 2^32-1. */
  readonly seed: number;
  /** Number of bytes that will be sent. */
  readonly length: number;
  /** Direction of the bytes. Default 'to-server'. */
  readonly direction?: Direction | undefined;
}

const PLAN_OPTION_NAMES = {
  seed: true,
  length: true,
  direction: true,
} satisfies OptionNames<PlanOptions>;

/** Makes a schedule for bytes of a known length. The same plan, seed and length give the same schedule. */
export function planSchedule(plan: Plan, options: PlanOptions): Schedule {
  checkFunction('plan', plan);
  checkNames('planSchedule', options, PLAN_OPTION_NAMES);
  const seed = whole('seed', options.seed, { max: MAX_SEED });
  const length = whole('length', options.length);
  const direction = oneOf('direction', options.direction ?? 'to-server', DIRECTIONS);
  return { v: 1, seed, direction, ops: plan({ start: 0, length }, random(seed)) };
}
