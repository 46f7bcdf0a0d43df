// The hot path of encode, for plain layouts: values are payloads alone, the prefix has a fixed width, and
// there are no fixed bytes and no checksums. A program that sends many small values spends its time here. The
// general encoder, which takes a value apart, would halve the rate. A value that may be wrong is passed to
// the general encoder, which checks the value and throws the error.

import { encodeFrameInto, encodedLength, fromPayload } from './frame-encoder.ts';
import type { FrameLayout } from './frame-layout.ts';
import { writeFixed } from './numbers.ts';

/**
 * Returns the length of the frame of this payload. The general encoder also checks a payload of minimum
 * length: an empty payload may be bytes whose memory was transferred.
 */
export function plainLength(layout: FrameLayout, payload: Uint8Array): number {
  if (
    !(payload instanceof Uint8Array) ||
    payload.length > layout.maxPayloadLength ||
    payload.length <= layout.minPayloadLength
  ) {
    return encodedLength(layout, fromPayload(layout, payload));
  }
  return headLength(layout) + payload.length + layout.trailer.length;
}

/** Writes the frame of this payload at `offset` and returns the offset behind it. */
export function writePlain(
  layout: FrameLayout,
  payload: Uint8Array,
  place: { readonly target: Uint8Array; readonly offset: number },
): number {
  const { target, offset } = place;
  const end = offset + plainLength(layout, payload);
  const fits = target instanceof Uint8Array && offset >>> 0 === offset && end <= target.length;
  if (!fits) {
    return encodeFrameInto(layout, fromPayload(layout, payload), place);
  }
  const { length } = payload;
  const payloadAt = offset + headLength(layout);
  const prefixAt = offset + layout.before.length;
  // The value is a payload alone, so the other sections are zeros.
  if (layout.before.length > 0) {
    target.fill(0, offset, prefixAt);
  }
  const afterAt = writeFixed(layout.prefix.code, length + layout.counted, target, prefixAt);
  if (afterAt < payloadAt) {
    target.fill(0, afterAt, payloadAt);
  }
  target.set(payload, payloadAt);
  if (layout.trailer.length > 0) {
    target.fill(0, payloadAt + length, end);
  }
  return end;
}

function headLength(layout: FrameLayout): number {
  return layout.before.length + layout.prefix.width + layout.after.length;
}
