// A shortcut around the state machine. findDirect() finds a correct frame that lies whole in the front chunk,
// and keeps no state. It leaves any other frame (incomplete, wrong or too large) to the machine, which then
// judges that frame from its first byte.

import type { FrameLayout } from './frame-layout.ts';
import { isOverlong, readFixed, readVarint, varintWidthAt } from './numbers.ts';
import type { Section } from './sections.ts';

/** Where a frame lies in the front chunk. */
export interface FoundFrame {
  payloadStart: number;
  payloadEnd: number;
  frameEnd: number;
}

/** The front chunk: its bytes from `at` to `end`. */
interface Front {
  readonly head: Uint8Array;
  readonly at: number;
  readonly end: number;
}

/**
 * Finds the frame at the front, for `direct` layouts only. Returns false if the machine must judge that
 * frame.
 */
export function findDirect(layout: FrameLayout, front: Front, found: FoundFrame): boolean {
  const { head, at, end } = front;
  const { before, prefix, after, trailer } = layout;
  const prefixAt = at + before.length;
  const width = prefix.code === 0 ? widthOfVarint(layout, front, prefixAt) : prefix.width;
  const afterAt = prefixAt + width;
  if (width === 0 || afterAt > end) {
    return false;
  }
  const declared =
    prefix.code === 0 ? readVarint(head, prefixAt, width) : readFixed(prefix.code, head, prefixAt);
  const length = declared - layout.counted;
  const payloadStart = afterAt + after.length;
  const payloadEnd = payloadStart + length;
  const frameEnd = payloadEnd + trailer.length;
  const { minPayloadLength, maxPayloadLength } = layout;
  if (!(length >= minPayloadLength && length <= maxPayloadLength && frameEnd <= end)) {
    return false;
  }
  if (!layout.plain) {
    if (before.magic !== undefined && !isAt(before, head, at)) {
      return false;
    }
    if (after.magic !== undefined && !isAt(after, head, afterAt)) {
      return false;
    }
    if (trailer.magic !== undefined && !isAt(trailer, head, payloadEnd)) {
      return false;
    }
  }
  found.payloadStart = payloadStart;
  found.payloadEnd = payloadEnd;
  found.frameEnd = frameEnd;
  return true;
}

/** Returns the width of the varint at `at`, or 0 if the varint is incomplete or longer than allowed. */
function widthOfVarint(layout: FrameLayout, { head, end }: Front, at: number): number {
  // Nearly all varints take one byte or two.
  if (at < end && (head[at] ?? 0) < 128) {
    return 1;
  }
  const { prefixCanonicalWidth: most, prefix } = layout;
  const isTwo = most > 1 && at + 1 < end && (head[at + 1] ?? 0) < 128;
  const width = isTwo ? 2 : varintWidthAt(head, at, Math.min(end, at + most));
  return prefix.minimal && isOverlong(head, at, width) ? 0 : width;
}

/**
 * Whether the fixed bytes of a section are at `at`. Callers check first that the section has fixed bytes,
 * because a call for every section would cost a quarter of the time.
 */
function isAt(section: Section, head: Uint8Array, at: number): boolean {
  const { magic, mask, length } = section;
  for (let i = 0; i < length; i++) {
    if (head[at + i] !== magic?.[i] && mask?.[i] !== 0) {
      return false;
    }
  }
  return true;
}
