// lengthPrefixed(): makes the codec for a wire format with a length prefix, from a description of the frame.

import type { Bytes } from './byte-types.ts';
import type { DecoderOptions, FrameCodec, PackingCodec } from './codec.ts';
import { BytesDecoder, PartsDecoder } from './frame-decoder.ts';
import { encodeFrameInto, encodePieces, encodedLength } from './frame-encoder.ts';
import { fromFrame, fromParts, fromPayload } from './frame-encoder.ts';
import type { EncodableFrame } from './frame-encoder.ts';
import { frameLayout } from './frame-layout.ts';
import type { FrameLayout, LengthPrefixedOptions } from './frame-layout.ts';
import type { CodecFor, DeliverSaid, FrameParts } from './frame-parts.ts';
import { checkLengthField } from './length-field.ts';
import { plainLength, writePlain } from './plain-encoder.ts';

/**
 * Makes a codec for frames `before | prefix | after | payload | trailer`, in which the prefix holds the
 * length. Without options a frame is a 4-byte big-endian length, then that many bytes.
 *
 * A value is the payload as bytes. With `deliver: 'frame'` a value is the whole frame as bytes. With
 * `deliver: 'parts'` it is an object of the payload and the other bytes that belong to the caller. If the
 * format has such bytes, `deliver` is required. Decoded values are views of the chunks where possible, so
 * copy the values that you keep for long. Throws UsageError ERR_OPTION for wrong options and for options that
 * contradict each other.
 */
export function lengthPrefixed<const O extends LengthPrefixedOptions>(
  options: O & DeliverSaid<O>,
): CodecFor<O>;
export function lengthPrefixed(): FrameCodec;
export function lengthPrefixed(
  options: LengthPrefixedOptions = {},
): FrameCodec | PackingCodec<FrameParts, FrameParts<Bytes>> {
  const layout = frameLayout(options);
  tryOut(layout);
  switch (layout.deliver) {
    case 'parts':
      return codecOf(layout, fromParts, (given) => new PartsDecoder(layout, given));
    case 'frame':
      return codecOf(layout, fromFrame, (given) => new BytesDecoder(layout, given));
    case 'payload':
      return layout.plain
        ? plainCodec(layout)
        : codecOf(layout, fromPayload, (given) => new BytesDecoder(layout, given));
  }
}

/**
 * Tries a custom field when the codec is made, so that a fault in its `read` or `write` shows before a remote
 * is involved.
 */
function tryOut({ prefix, before, counted, maxPayloadLength }: FrameLayout): void {
  if (prefix.custom === undefined) {
    return;
  }
  const head = before.magic ?? new Uint8Array(before.length);
  const range = { from: Math.max(0, counted), to: counted + maxPayloadLength };
  checkLengthField(prefix.custom, head, range);
}

/** Makes a codec from two functions: one checks a value and takes the value apart, the other makes decoders. */
function codecOf<T, D>(
  layout: FrameLayout,
  check: (layout: FrameLayout, value: T) => EncodableFrame,
  decoder: (options: DecoderOptions | undefined) => D,
): {
  encode(value: T): Uint8Array[];
  encodedLength(value: T): number;
  encodeInto(value: T, target: Uint8Array, offset: number): number;
  decoder(options?: DecoderOptions): D;
} {
  return Object.freeze({
    encode: (value: T) => encodePieces(layout, check(layout, value)),
    encodedLength: (value: T) => encodedLength(layout, check(layout, value)),
    encodeInto: (value: T, target: Uint8Array, offset: number) =>
      encodeFrameInto(layout, check(layout, value), { target, offset }),
    decoder: (given?: DecoderOptions) => decoder(given),
  });
}

/** Makes the codec of a plain layout, whose encoder is faster: see plain-encoder.ts. */
function plainCodec(layout: FrameLayout): FrameCodec {
  return Object.freeze({
    encode: (payload: Uint8Array) => encodePieces(layout, fromPayload(layout, payload)),
    encodedLength: (payload: Uint8Array) => plainLength(layout, payload),
    encodeInto: (payload: Uint8Array, target: Uint8Array, offset: number) =>
      writePlain(layout, payload, { target, offset }),
    decoder: (given?: DecoderOptions) => new BytesDecoder(layout, given),
  });
}
