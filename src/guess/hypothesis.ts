// A hypothesis is a framing that a stream could have, with its cost. The cost is subtracted from the
// evidence, in bits. It pays for the choice among all framings.

import { CHECKSUMS } from '../codec/checksum-names.ts';
import type { Framing } from '../codec/formats/framing-types.ts';
import { Trail } from './chain.ts';
import {
  chanceOfDescribed,
  described,
  describedFramings,
  layoutKey,
  walkDescribed,
} from './described.ts';
import type { Described } from './described.ts';
import {
  chanceOf,
  hasTail,
  isPlain,
  isUsual,
  layouts,
  usualLayouts,
  walkLayout,
  widthOf,
} from './layout.ts';
import type { Layout } from './layout.ts';
import { SHORTEST_SEGMENT } from './stream.ts';
import type { Sample } from './stream.ts';

export type Hypothesis =
  | { readonly kind: 'layout'; readonly layout: Layout; readonly cost: number }
  | ({
      readonly kind: 'described';
      /** Rank of the description among descriptions that fit alike. A lower rank is better. */
      readonly size: number;
    } & Described);

/** Cost in bits of a layout that most protocols could have. It stands for one choice among about 2^10. */
const USUAL_COST = 10;
/** Cost in bits of a layout with a checksum or a marker at the end which the number does not count. */
const TAIL_COST = 12;
/** Cost in bits of any other layout. */
const UNUSUAL_COST = 15;
/**
 * Cost in bits of frames of a fixed length. Chunks of a fixed length are common, so the frames must explain
 * more than the chunks do.
 */
const FIXED_COST = 10;
/**
 * Maximum number of frames in a first look at a layout. Nearly all wrong layouts break within so few frames.
 */
const FIRST_FRAMES = 4;

/** The choice of hypotheses that are tried. */
export interface Tried {
  /** Names of formats that are left out. */
  readonly unknown: ReadonlySet<string>;
  /** Whether unusual layouts are left out. */
  readonly isQuick: boolean;
}

function costOf(layout: Layout): number {
  const tailed = hasTail(layout) ? TAIL_COST : UNUSUAL_COST;
  const cost = isUsual(layout) ? USUAL_COST : tailed;
  return (isPlain(layout) ? cost : UNUSUAL_COST) + layout.offset / 4;
}

type DescribedHypothesis = Extract<Hypothesis, { readonly kind: 'described' }>;

let allDescribed: readonly DescribedHypothesis[] | undefined;

/**
 * Returns the framings with a decoder of their own. They are made once, because making more than 200 codecs
 * takes a while.
 */
function describedHypotheses(): readonly DescribedHypothesis[] {
  allDescribed ??= describedFramings().map(toHypothesis);
  return allDescribed;
}

function toHypothesis(one: Described): DescribedHypothesis {
  return { kind: 'described', size: sizeOf(one.framing), ...one };
}

/**
 * Yields the hypotheses to try: each layout that has frames in at least one sample and does not break within
 * its first few, each framing with a decoder of its own, and a fixed length if the chunks have one. The
 * second argument leaves some of them out.
 */
export function* hypothesesFor(
  samples: readonly Sample[],
  { unknown, isQuick }: Tried,
): Generator<Hypothesis> {
  const trail = new Trail();
  for (const layout of isQuick ? usualLayouts() : layouts()) {
    const fits = samples.some(({ numbers }) => {
      walkLayout(layout, numbers, trail, FIRST_FRAMES);
      return !trail.isBroken && trail.count > 0;
    });
    if (fits) {
      yield { kind: 'layout', layout, cost: costOf(layout) };
    }
  }
  for (const hypothesis of describedHypotheses()) {
    if (!hypothesis.formats.some((name) => unknown.has(name))) {
      yield hypothesis;
    }
  }
  const length = commonLength(samples);
  if (length > 1 && length < SHORTEST_SEGMENT) {
    const framing: Framing = { codec: 'fixedLength', length };
    yield toHypothesis(described(framing, [], FIXED_COST));
  }
}

/**
 * Returns the greatest length of which every end of a chunk that says something is a multiple, or 0 where
 * there is no such end.
 */
function commonLength(samples: readonly Sample[]): number {
  const ends = samples.flatMap((sample) => sample.ends);
  return ends.reduce((length, end) => greatestCommonDivisor(length, end), 0);
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

export function walk(hypothesis: Hypothesis, sample: Sample, trail: Trail): void {
  if (hypothesis.kind === 'layout') {
    walkLayout(hypothesis.layout, sample.numbers, trail);
  } else {
    walkDescribed(hypothesis, sample.bytes, trail);
  }
}

/** Returns the share of the places of a sample at which a frame of the hypothesis could lie. */
export function chanceIn(hypothesis: Hypothesis, { numbers, bytes }: Sample): number {
  return hypothesis.kind === 'layout'
    ? chanceOf(hypothesis.layout, numbers)
    : chanceOfDescribed(hypothesis, bytes);
}

/**
 * Returns the bits in favour of a hypothesis because its frames fit at all. Each frame lies at a place where it
 * can, and the stream has few such places. For a framing with checksums, the right checksums may say more.
 */
export function fitBits(hypothesis: Hypothesis, frames: number, chance: number): number {
  const placed = frames * Math.log2(1 / chance);
  return hypothesis.kind === 'layout'
    ? placed
    : Math.max(placed, (frames - 1) * checksumBits(hypothesis.framing));
}

function checksumBits(framing: Framing): number {
  const names = JSON.stringify(framing).matchAll(/"checksum":"([^"]+)"/g);
  return [...names].reduce((sum, [, name = '']) => sum + 8 * (CHECKSUMS[name]?.length ?? 0), 0);
}

/**
 * Orders two hypotheses that fit alike: a known format comes first, then a usual layout, then the wider
 * number.
 */
export function compareTied(a: Hypothesis, b: Hypothesis): number {
  return rankOf(b) - rankOf(a) || a.cost - b.cost || rankOfSize(a) - rankOfSize(b);
}

/**
 * Ranks the hypotheses that fit alike when it is known that each frame ends with a checksum. A layout is then
 * as usual as it would be without the checksum, because most numbers do not count the checksum.
 */
export function rankedWith(tied: readonly Hypothesis[], checksumLength: number): Hypothesis[] {
  const rankedLike = (one: Hypothesis): Hypothesis => {
    if (one.kind !== 'layout') {
      return one;
    }
    const layout = { ...one.layout, more: one.layout.more - checksumLength };
    return isUsual(layout) ? { kind: 'layout', layout, cost: costOf(layout) } : one;
  };
  return tied
    .map((one) => ({ one, like: rankedLike(one) }))
    .toSorted((a, b) => compareTied(a.like, b.like))
    .map(({ one, like }) => ({ ...one, cost: like.cost }));
}

function rankOfSize(hypothesis: Hypothesis): number {
  return hypothesis.kind === 'layout' ? 0 : hypothesis.size;
}

/**
 * Returns the rank of a description. A lower rank is better. Many fixed bytes that were all found in the
 * stream are a sign of a format. A single fixed 00 is no such sign, because it is also the front of a wider
 * number. Otherwise the shortest description is the best.
 */
function sizeOf(framing: Framing): number {
  const key = layoutKey(framing);
  const fixed = key.match(FIXED_BYTES)?.flatMap((list) => list.slice(1, -1).split(' ')) ?? [];
  const isFront = fixed.includes('00') ? 1 : 0;
  return key.length - MOST_OF_A_KEY * (fixed.length - isFront);
}

/** Matches a list of fixed bytes in the key of a framing. */
const FIXED_BYTES = /"[0-9a-f]{2}(?: [0-9a-f]{2})*"/g;
/** A number greater than the length of any key of a framing, so that one fixed byte outweighs the length. */
const MOST_OF_A_KEY = 1000;

function rankOf(hypothesis: Hypothesis): number {
  if (hypothesis.kind === 'described') {
    return hypothesis.formats.length > 0 ? 100 : 0;
  }
  const { layout } = hypothesis;
  return (isUsual(layout) ? 10 : 0) + widthOf(layout);
}
