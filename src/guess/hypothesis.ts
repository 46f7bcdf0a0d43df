// A hypothesis is a framing that could be the one of a stream, and what it costs to choose it among all.

import { CHECKSUMS } from '../codec/checksum-names.ts';
import type { Framing } from '../codec/formats/framing-types.ts';
import type { Chain } from './chain.ts';
import { describedFramings, layoutKey, walkDescribed } from './described.ts';
import type { Described } from './described.ts';
import { chanceOf, isUsual, layouts, layoutToFraming, walkLayout, widthOf } from './layout.ts';
import type { Layout } from './layout.ts';
import type { Sample } from './stream.ts';

export type Hypothesis =
  | { readonly kind: 'layout'; readonly layout: Layout; readonly cost: number }
  | ({ readonly kind: 'described' } & Described);

/** Bits that it takes to name a layout that most protocols could have, and any other. */
const USUAL_COST = 10;
const UNUSUAL_COST = 15;
/** Chunks of a fixed length are common, so a fixed length must explain more. */
const FIXED_COST = 10;
/** Nearly all layouts break within so many frames. */
const FIRST_FRAMES = 4;

let described: readonly Hypothesis[] | undefined;

/** The framings with a decoder of their own. They are made once, since making 200 codecs takes a while. */
function describedHypotheses(): readonly Hypothesis[] {
  described ??= describedFramings().map((one) => ({ kind: 'described', ...one }));
  return described;
}

/** Every hypothesis that at least one sample does not refute within a few frames. */
export function* hypothesesFor(samples: readonly Sample[]): Generator<Hypothesis> {
  for (const layout of layouts()) {
    const fits = samples.some(({ bytes }) => {
      const { ends, isBroken } = walkLayout(layout, bytes, FIRST_FRAMES);
      return !isBroken && ends.length > 0;
    });
    if (fits) {
      const isPlain = layout.mask === 0 && layout.unit === 1;
      const cost = isPlain && isUsual(layout) ? USUAL_COST : UNUSUAL_COST;
      yield { kind: 'layout', layout, cost: cost + layout.offset / 4 };
    }
  }
  yield* describedHypotheses();
  const length = commonLength(samples);
  if (length > 1) {
    const framing: Framing = { codec: 'fixedLength', length };
    yield { kind: 'described', framing, formats: [], cost: FIXED_COST };
  }
}

/** The greatest length that every chunk is a multiple of; 0 where cuts are not known. */
function commonLength(samples: readonly Sample[]): number {
  const ends = samples.flatMap((sample) => sample.ends);
  return ends.reduce((length, end) => greatestCommonDivisor(length, end), 0);
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

export function walk(hypothesis: Hypothesis, bytes: Uint8Array): Chain {
  return hypothesis.kind === 'layout'
    ? walkLayout(hypothesis.layout, bytes)
    : walkDescribed(hypothesis.framing, bytes);
}

/**
 * Bits that so many different frames are worth by themselves: a number that could be a length at each place where one must
 * be, or a checksum that is right, where few places of the stream have that.
 */
export function fitBits(hypothesis: Hypothesis, frames: number, { bytes }: Sample): number {
  return hypothesis.kind === 'layout'
    ? frames * Math.log2(1 / chanceOf(hypothesis.layout, bytes))
    : (frames - 1) * checksumBits(hypothesis.framing);
}

function checksumBits(framing: Framing): number {
  const names = JSON.stringify(framing).matchAll(/"checksum":"([^"]+)"/g);
  return [...names].reduce((sum, [, name = '']) => sum + 8 * (CHECKSUMS[name]?.length ?? 0), 0);
}

export function framingOf(hypothesis: Hypothesis): Framing {
  return hypothesis.kind === 'layout' ? layoutToFraming(hypothesis.layout) : hypothesis.framing;
}

/** Which of two that fit alike comes first: a known format, then the usual layout, then the widest number. */
export function compareTied(a: Hypothesis, b: Hypothesis): number {
  return rankOf(b) - rankOf(a) || a.cost - b.cost || sizeOf(a) - sizeOf(b);
}

/** Fixed bytes that were all there speak for a format. Of the rest, the simplest description says enough. */
function sizeOf(hypothesis: Hypothesis): number {
  if (hypothesis.kind === 'layout') {
    return 0;
  }
  const key = layoutKey(hypothesis.framing);
  const fixed = key.match(FIXED_BYTES)?.join('').length ?? 0;
  return key.length - MOST_OF_A_KEY * fixed;
}

const FIXED_BYTES = /"[0-9a-f]{2}(?: [0-9a-f]{2})*"/g;
const MOST_OF_A_KEY = 1000;

function rankOf(hypothesis: Hypothesis): number {
  if (hypothesis.kind === 'described') {
    return hypothesis.formats.length > 0 ? 100 : 0;
  }
  const { layout } = hypothesis;
  return (isUsual(layout) ? 10 : 0) + widthOf(layout);
}
