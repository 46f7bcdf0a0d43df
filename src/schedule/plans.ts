// Plans: habits of cutting with a name, from which seeds make schedules. A plan gives ops for a run of
// bytes: for `prove` that is everything to be sent, for `chop` whatever has just come.
//
// A plan knows no wire format. For frame-aware cuts somebody else says where frames begin.

import { checkFunction, checkNames, oneOf, refuse, shown, whole } from '../options.ts';
import type { OptionNames } from '../options.ts';
import { MAX_SEED, random } from './random.ts';
import type { Random } from './random.ts';
import { DIRECTIONS } from './schedule.ts';
import type { Direction, Op, Schedule } from './schedule.ts';
import { readSize } from './units.ts';

/** The bytes to be planned: `length` of them, which begin at `start` of the stream. */
export interface Run {
  readonly start: number;
  readonly length: number;
}

/** Gives ops that cover a run of bytes, all of it or its beginning. */
export type Plan = (run: Run, random: Random) => Op[];

const cut = (n: number): Op => ({ kind: 'cut', n });

/** Pieces of `size` bytes each. */
export function mtu(size: number): Plan {
  whole('The size of mtu', size, { min: 1 });
  return ({ length }) => Array.from({ length: Math.floor(length / size) }, () => cut(size));
}

/** Every byte alone. */
export const dribble: Plan = mtu(1);

/** Two pieces of the same length; of three bytes, one and two. */
export const halves: Plan = ({ length }) => (length < 2 ? [] : [cut(length >> 1)]);

/** Everything in one piece, also where it came apart. */
export const coalesce: Plan = ({ length }) => (length < 1 ? [] : [{ kind: 'hold', n: length }]);

/**
 * Pieces of many sizes: mostly a few bytes, where the bugs are, sometimes long, sometimes held
 * together over the places where the bytes came apart.
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
 * Cuts at the places where framing breaks, a random choice of them each time: inside the prefix,
 * behind it, before the last byte, at the boundary and one byte behind it, half way through a frame.
 * Between the cuts the frames are held together. `boundaries` are the offsets where frames begin or
 * end, rising; `prefixLength` is how many bytes of a frame say its length.
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

/** The offsets, rising and each once, at which receivers of such frames fail. */
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

/** Holds that end at the given offsets, which rise. Nothing is held apart that they do not name. */
function cutsAt(offsets: readonly number[], start: number): Op[] {
  let from = start;
  return offsets.map((offset) => {
    const n = offset - from;
    from = offset;
    return { kind: 'hold', n };
  });
}

/** A plan that has a name. */
export interface NamedPlan {
  readonly plan: Plan;
  /** The size of the next piece, where sizes alone decide: for streams whose length nobody knows. */
  readonly size?: (source: Random) => number;
}

interface PlanRow {
  /** How the command line writes it. */
  readonly word: string;
  /** The pieces that it makes, as docs/chop.md and --help say it. */
  readonly pieces: string;
  /** Reads what stands behind the name, such as `:536`; `undefined` where it is something else. */
  readonly read: (behind: string) => NamedPlan | undefined;
}

/** A row of a plan that is its name alone. */
function plainRow(word: string, pieces: string, named: NamedPlan): PlanRow {
  return { word, pieces, read: (behind) => (behind === '' ? named : undefined) };
}

function readMtu(behind: string): NamedPlan | undefined {
  const size = behind.startsWith(':') ? readSize(behind.slice(1)) : undefined;
  return size === undefined ? undefined : { plan: mtu(size), size: () => size };
}

/** A few bytes mostly, where the bugs are; sometimes long. */
const randomSize = (source: Random): number =>
  source.between(1, source.pick([1, 2, 4, 16, 256, 4096]));

/** The plans with names. Reading, --help and the table in docs/chop.md follow from it. */
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

/** Reads the name of a plan. Throws UsageError ERR_OPTION. */
export function readPlan(name: string): NamedPlan {
  const [, word = '', behind = ''] = /^([a-z]+)(:.*)?$/.exec(name) ?? [];
  const row = Object.hasOwn(PLANS, word) ? PLANS[word] : undefined;
  return (
    row?.read(behind) ??
    refuse(`A plan cannot be ${shown(name)}.`, `Plans are ${PLAN_WORDS.join(', ')}.`)
  );
}

/** Reads the name of a plan: `dribble`, `halves`, `random`, `coalesce`, `mtu:536`. */
export function parsePlan(name: string): Plan {
  return readPlan(name).plan;
}

/** What a schedule is to be made of. */
export interface PlanOptions {
  readonly seed: number;
  /** How many bytes will be sent. */
  readonly length: number;
  /** Default `to-server`. */
  readonly direction?: Direction | undefined;
}

const PLAN_OPTION_NAMES = {
  seed: true,
  length: true,
  direction: true,
} satisfies OptionNames<PlanOptions>;

/** A schedule for bytes of a known length. Same plan, seed and length, same schedule. */
export function planSchedule(plan: Plan, options: PlanOptions): Schedule {
  checkFunction('plan', plan);
  checkNames('planSchedule', options, PLAN_OPTION_NAMES);
  const seed = whole('seed', options.seed, { max: MAX_SEED });
  const length = whole('length', options.length);
  const direction = oneOf('direction', options.direction ?? 'to-server', DIRECTIONS);
  return { v: 1, seed, direction, ops: plan({ start: 0, length }, random(seed)) };
}
