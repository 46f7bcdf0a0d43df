// A shortcut around the state machine. findDirect() finds a correct frame that lies whole in the front chunk,
// and keeps no state. It leaves any other frame (incomplete, wrong or too large) to the machine, which then
// judges that frame from its first byte.

import type { FrameLayout } from './frame-layout.ts';
import { isOverlong, readFixed, readVarint, varintWidthAt } from './numbers.ts';
import type { FixedCode } from './numbers.ts';
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
  const width = prefix.code === 0 ? widthOfVarint(layout, head, prefixAt, end) : prefix.width;
  const afterAt = prefixAt + width;
  if (width === 0 || afterAt > end) {
    return false;
  }
  const length = readLength(prefix.code, head, prefixAt, width) - layout.counted;
  const payloadStart = afterAt + after.length;
  const payloadEnd = payloadStart + length;
  const frameEnd = payloadEnd + trailer.length;
  const { minPayloadLength, maxPayloadLength } = layout;
  if (!(length >= minPayloadLength && length <= maxPayloadLength && frameEnd <= end)) {
    return false;
  }
  const isRight =
    layout.plain ||
    (isAt(before, head, at) && isAt(after, head, afterAt) && isAt(trailer, head, payloadEnd));
  if (!isRight) {
    return false;
  }
  found.payloadStart = payloadStart;
  found.payloadEnd = payloadEnd;
  found.frameEnd = frameEnd;
  return true;
}

/** Returns the width of the varint at `at`, or 0 if the varint is incomplete or longer than allowed. */
// oxlint-disable-next-line max-params -- hot path: called for every frame, without an object for each
export function widthOfVarint(
  layout: FrameLayout,
  head: Uint8Array,
  at: number,
  end: number,
): number {
  // Nearly all varints take one byte or two.
  if (at < end && (head[at] ?? 0) < 128) {
    return 1;
  }
  const { prefixCanonicalWidth: most, prefix } = layout;
  const isTwo = most > 1 && at + 1 < end && (head[at + 1] ?? 0) < 128;
  const width = isTwo ? 2 : varintWidthAt(head, at, Math.min(end, at + most));
  return prefix.minimal && isOverlong(head, at, width) ? 0 : width;
}

/** Reads the built-in prefix with this code, which is 0 for a varint, from `width` bytes at `at`. */
// oxlint-disable-next-line max-params -- hot path: called for every frame, without an object for each
export function readLength(code: FixedCode, head: Uint8Array, at: number, width: number): number {
  return code === 0 ? readVarint(head, at, width) : readFixed(code, head, at);
}

/** Whether the bytes at `at` are right for a section: its fixed bytes are there, if it has any. */
export function isAt({ magic, mask }: Section, head: Uint8Array, at: number): boolean {
  if (magic === undefined) {
    return true;
  }
  for (let i = 0; i < magic.length; i++) {
    if (head[at + i] !== magic[i] && mask?.[i] !== 0) {
      return false;
    }
  }
  return true;
}
