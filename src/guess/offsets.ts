// Finds the places at which frames may begin in a stream, without looking at chunks. It may be any of the
// first bytes. Behind a handshake, and in a stream that begins in the middle of a frame, often only the bytes
// themselves tell. This file is pure.

import { MAX_FRAMES, Trail } from './chain.ts';
import { chanceOf, usualLayouts, walkLayout } from './layout.ts';
import type { Layout } from './layout.ts';
import { frontOf } from './stream.ts';
import type { Sample } from './stream.ts';

/** Maximum number of bytes in front of the first frame. */
const MAX_OFFSET = 512;
/**
 * MIN_FRAMES: minimum number of frames behind such a start. MOST_FRAMES: maximum number of frames that are
 * walked.
 */
const MIN_FRAMES = 5;
const MOST_FRAMES = 12;
/**
 * Maximum number of bytes in which starts are looked for, and from which it is learned how often a layout
 * fits by chance.
 */
const LOOK = 16_384;
/**
 * Minimum number of bits that the numbers of a chain must have. It is high because up to a million chains are
 * tried.
 */
const MIN_BITS = 24;
/** Bits for a last frame that ends where the stream ends. */
const WHOLE_BITS = 8;

/**
 * Returns the offsets at which frames most likely begin, the likeliest first, and at most `most` of them. Behind
 * each, at least MIN_FRAMES frames of a usual layout follow each other, which would rarely happen by chance.
 * Offset 0 is never among them.
 */
export function likelyOffsets(sample: Sample, most: number): number[] {
  const front = frontOf(sample, LOOK);
  const bitsOf = new Map<number, number>();
  for (const layout of usualLayouts()) {
    const bits = -Math.log2(chanceOf(layout, front.numbers));
    if (bits * MOST_FRAMES >= MIN_BITS) {
      for (const { start, frames } of startsOf(layout, front)) {
        if (frames * bits >= MIN_BITS) {
          const whole = isWhole(layout, sample, start) ? WHOLE_BITS : 0;
          bitsOf.set(start, Math.max(frames * bits + whole, bitsOf.get(start) ?? 0));
        }
      }
    }
  }
  return [...bitsOf]
    .toSorted(([one, a], [other, b]) => b - a || one - other)
    .slice(0, most)
    .map(([start]) => start);
}

/**
 * Returns whether the last frame ends where the stream ends. Frames that are placed some bytes too early
 * leave bytes over.
 */
function isWhole(layout: Layout, { numbers }: Sample, start: number): boolean {
  const trail = new Trail();
  walkLayout(layout, numbers, trail, MAX_FRAMES, start);
  return trail.end === numbers.length;
}

/**
 * Returns the first start of each chain of a layout. (The later frames of a chain are starts of the same
 * chain.)
 */
function startsOf(layout: Layout, sample: Sample): { start: number; frames: number }[] {
  const trail = new Trail();
  const known = new Set<number>();
  const found: { start: number; frames: number }[] = [];
  const last = Math.min(MAX_OFFSET, sample.bytes.length - 1);
  for (let start = 1; start <= last; start++) {
    if (!known.has(start)) {
      walkLayout(layout, sample.numbers, trail, MOST_FRAMES, start);
      for (let i = 0; i < trail.count; i++) {
        known.add(trail.endAt(i));
      }
      if (!trail.isBroken && trail.count >= MIN_FRAMES) {
        found.push({ start, frames: trail.count });
      }
    }
  }
  return found;
}
