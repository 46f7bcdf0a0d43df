// Frames that lie some bytes early. If the first frame has k bytes, a number at offset 4 + k of every frame is the
// number of the next one: the chain that it gives is the true one, k bytes early, and explains nearly as much. So
// of chains that are shifts of each other, take the one whose number stands in front.

import type { Chain } from './chain.ts';
import type { Hypothesis } from './hypothesis.ts';
import { widthOf } from './layout.ts';
import type { Finding } from './search.ts';

/** Minimum share of the frames that must be the same but for the shift. */
const MOST_FRAMES = 0.8;
/** Maximum number of bytes of a shift. */
const MAX_SHIFT = 64;
/** Minimum share of the evidence of the best that the frames in front must explain. */
const MIN_BITS = 0.5;
/** Minimum number of frames, below which a shift could be chance. */
const MIN_FRAMES = 4;

/** The finding among shifts of this one whose number stands in front, if it explains enough; else this one. */
export function frontmost(finding: Finding, all: readonly Finding[]): Finding {
  const others = all.filter(
    (one) =>
      offsetOf(one.tied) < offsetOf(finding.tied) &&
      haveSameNumber(one.tied[0], finding.tied[0]) &&
      one.bits >= MIN_BITS * finding.bits &&
      hitsOf(one) >= hitsOf(finding) &&
      wholeIn(one) >= wholeIn(finding) &&
      isShifted(one, finding),
  );
  const [first] = others.toSorted((a, b) => offsetOf(a.tied) - offsetOf(b.tied));
  return first ?? finding;
}

/** Whether the frames of two findings are the same, but some bytes earlier or later in every stream. */
export function isShifted(one: Finding, other: Finding): boolean {
  return (
    one !== other &&
    one.of.join() === other.of.join() &&
    one.fits.every(({ chain }, i) => {
      const { chain: second } = other.fits[i] ?? { chain: undefined };
      return second !== undefined && areShifted(chain, second);
    })
  );
}

function areShifted({ ends: one }: Chain, { ends: other }: Chain): boolean {
  const count = Math.min(one.length, other.length);
  if (count < MIN_FRAMES) {
    return false;
  }
  const middle = one[count >> 1] ?? 0;
  const near = other.filter((end) => end !== middle && Math.abs(end - middle) <= MAX_SHIFT);
  return near.some((end) => {
    const shift = end - middle;
    const places = new Set(other);
    const same = one.filter((each) => places.has(each + shift)).length;
    return same >= MOST_FRAMES * Math.max(one.length, other.length);
  });
}

/**
 * Whether two hypotheses may read the same numbers. The low byte of a number is another one, and would make a
 * frame of what stands in front of it.
 */
function haveSameNumber(one: Hypothesis | undefined, other: Hypothesis | undefined): boolean {
  return (
    one?.kind !== 'layout' || other?.kind !== 'layout' || one.layout.type === other.layout.type
  );
}

/** Number of chunks that end where a frame ends. */
function hitsOf({ fits }: Finding): number {
  return fits.reduce((sum, { evidence }) => sum + evidence.cutHits[0], 0);
}

/** Number of bytes at the front of a frame that decide where it ends. */
function offsetOf([best]: readonly Hypothesis[]): number {
  if (best === undefined) {
    return 0;
  }
  return best.kind === 'layout'
    ? best.layout.offset + widthOf(best.layout)
    : best.spots.prefixLength;
}

/** Number of streams without cuts that end where a frame ends. Frames that lie early leave a piece at the end. */
function wholeIn({ fits }: Finding): number {
  return fits.filter(({ evidence }) => evidence.cutHits[1] === 0 && evidence.cuts > 0).length;
}
