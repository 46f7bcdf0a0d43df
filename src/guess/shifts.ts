// Some chains are the true chain, but some bytes too early. If every frame has k bytes, a number at offset 4 + k
// of a frame is the number of the next frame. The chain that follows from it is the true chain, k bytes early, and
// it explains nearly as much. So among chains that are shifts of each other, take the chain whose number stands
// furthest in front.

import type { Chain } from './chain.ts';
import type { Hypothesis } from './hypothesis.ts';
import { widthOf } from './layout.ts';
import type { Finding } from './search.ts';

/** Minimum share of the frames that must be the same, apart from the shift. */
const MOST_FRAMES = 0.8;
/** Maximum number of bytes of a shift. */
const MAX_SHIFT = 64;
/** Minimum share of the best finding's evidence that the finding in front must have. */
const MIN_BITS = 0.5;
/** Minimum number of frames. With fewer frames a shift could be chance. */
const MIN_FRAMES = 4;

/**
 * Returns the finding whose number stands furthest in front, among the shifts of this finding, if it explains
 * enough. Otherwise returns this finding.
 */
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

/**
 * Returns whether the frames of two findings are the same, but some bytes earlier or later in every stream.
 */
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
 * Returns whether two hypotheses may read the same numbers. The low byte of a number counts as another number:
 * a hypothesis that reads only the low byte counts the bytes in front of it to the frame.
 */
function haveSameNumber(one: Hypothesis | undefined, other: Hypothesis | undefined): boolean {
  return (
    one?.kind !== 'layout' || other?.kind !== 'layout' || one.layout.type === other.layout.type
  );
}

/** Returns the number of chunks that end where a frame ends. */
function hitsOf({ fits }: Finding): number {
  return fits.reduce((sum, { evidence }) => sum + evidence.cutHits[0], 0);
}

/** Returns the number of bytes at the front of a frame that decide where the frame ends. */
function offsetOf([best]: readonly Hypothesis[]): number {
  if (best === undefined) {
    return 0;
  }
  return best.kind === 'layout'
    ? best.layout.offset + widthOf(best.layout)
    : best.spots.prefixLength;
}

/**
 * Returns the number of streams without cuts that end where a frame ends. Frames that are placed too early
 * leave bytes over at the end.
 */
function wholeIn({ fits }: Finding): number {
  return fits.filter(({ evidence }) => evidence.cutHits[1] === 0 && evidence.cuts > 0).length;
}
