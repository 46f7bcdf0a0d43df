// Tells cheaply that a decoder would refuse a frame. A search tries a frame at every byte, and decoders refuse
// nearly all of them. The error of a refusal costs far more than a look at the head of the frame.
//
// The answers are one-sided: `false` may also mean that only the decoder can tell.

import type { DelimitedLayout } from '../codec/delimited/layout.ts';
import type { FrameLayout } from '../codec/frame-layout.ts';
import { readFixed } from '../codec/numbers.ts';
import type { Section } from '../codec/sections.ts';

/**
 * Returns whether a decoder of lengthPrefixed() surely refuses the frame at `at`: a fixed byte in front of the
 * prefix is wrong, or a prefix of fixed width is no acceptable length.
 */
export function refusesHead(layout: FrameLayout, bytes: Uint8Array, at: number): boolean {
  const { before, prefix, counted, minPayloadLength, maxPayloadLength } = layout;
  if (layout.resync !== undefined) {
    return false;
  }
  if (isWrong(before, bytes, at)) {
    return true;
  }
  const prefixAt = at + before.length;
  // The decoder judges a length behind the checksum of its head, so it may wait for that checksum first.
  const isJudged = prefix.code !== 0 && layout.checksums.head.length === 0;
  if (!isJudged || prefixAt + prefix.width > bytes.length) {
    return false;
  }
  const length = readFixed(prefix.code, bytes, prefixAt) - counted;
  return length < minPayloadLength || length > maxPayloadLength;
}

/** Returns whether a decoder of delimited() surely refuses the frame at `at`: its start marker is wrong. */
export function refusesStart(layout: DelimitedLayout, bytes: Uint8Array, at: number): boolean {
  const { start, resync } = layout;
  return resync === undefined && isWrong({ magic: start, mask: undefined }, bytes, at);
}

/** Returns whether one of the fixed bytes at `at` is wrong, as far as they are there. */
function isWrong(
  { magic, mask }: Pick<Section, 'magic' | 'mask'>,
  bytes: Uint8Array,
  at: number,
): boolean {
  const present = Math.min(magic?.length ?? 0, bytes.length - at);
  for (let i = 0; i < present; i++) {
    if (bytes[at + i] !== magic?.[i] && mask?.[i] !== 0) {
      return true;
    }
  }
  return false;
}
