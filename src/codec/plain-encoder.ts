// The encoder's hot path: payloads alone, a fixed-width prefix, no fixed bytes and no checksum. Many small
// sends spend their time here; taking a value apart as the general encoder does would halve the rate.
// Whatever this file does not want to judge goes to the general encoder, which says what is wrong.

import { encodeFrameInto, encodedLength, fromPayload } from './frame-encoder.ts';
import type { FrameLayout } from './frame-layout.ts';
import { writeFixed } from './numbers.ts';

/** How many bytes the frame of this payload takes. An empty payload may be memory that is gone. */
export function plainLength(layout: FrameLayout, payload: Uint8Array): number {
  if (
    !(payload instanceof Uint8Array) ||
    payload.length > layout.maxPayloadLength ||
    payload.length === 0
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
  // Bytes of the caller's are zero where only the payload is given.
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
