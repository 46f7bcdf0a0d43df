// Makes the codec for a description whose codec is `continued`. In each fragment some bits, which are called
// the mark, say whether another fragment follows.

import type { Bytes } from '../codec/byte-types.ts';
import type { Codec } from '../codec/codec.ts';
import { continued } from '../codec/continued.ts';
import type { ContinuedFraming, ContinuedMark } from '../codec/formats/framing-types.ts';
import type { FrameParts } from '../codec/frame-parts.ts';
import { fromHex } from '../codec/hex.ts';
import { lengthPrefixed } from '../codec/length-prefixed.ts';
import type { LengthPrefixedOptions } from '../codec/frame-layout.ts';
import { checkNames, oneOf, refuse, refuseValue, whole } from '../options.ts';
import type { OptionNames } from '../options.ts';

const MARK_NAMES: OptionNames<ContinuedMark> = { part: true, at: true, mask: true, means: true };
const PARTS = ['flags', 'before', 'after'] as const;
/** Maximum length in bytes of a mask for flags. The bit operators of JavaScript use 32 bits only. */
const MAX_MASK_LENGTH = 4;

type Options = Omit<ContinuedFraming, 'codec'>;

interface Mark {
  readonly part: (typeof PARTS)[number];
  readonly at: number;
  readonly mask: number;
  readonly means: 'last' | 'more';
}

/**
 * Makes the codec, whose values are whole messages. `frame` is the option `frame` of the description,
 * resolved to the options of lengthPrefixed().
 */
export function continuedFraming(
  { mark: given, fragmentLength, maxLength, maxFragments }: Options,
  frame: LengthPrefixedOptions,
): Codec<FrameParts, FrameParts<Bytes>> {
  const mark = resolveMark(given);
  const most = whole('fragmentLength', fragmentLength, { min: 1 });
  if (frame.deliver !== undefined && frame.deliver !== 'parts') {
    refuseValue('frame.deliver', 'parts', frame.deliver);
  }
  return continued<FrameParts, FrameParts<Bytes>>(lengthPrefixed({ ...frame, deliver: 'parts' }), {
    isMore: (fragment) => isMarked(fragment, mark) === (mark.means === 'more'),
    split: (value) => split(value, mark, most),
    maxLength,
    maxFragments,
  });
}

function resolveMark(given: ContinuedMark): Mark {
  checkNames('mark', given, MARK_NAMES);
  const part = oneOf('mark.part', given.part, PARTS);
  const bytes =
    typeof given.mask === 'string'
      ? fromHex('mark.mask', given.mask)
      : refuseValue('mark.mask', 'bits in hex', given.mask);
  if (bytes.length > (part === 'flags' ? MAX_MASK_LENGTH : 1)) {
    refuse(
      `mark.mask has ${bytes.length} bytes.`,
      'A mask may have 4 bytes for flags, and 1 byte for before or after.',
    );
  }
  return {
    part,
    at: whole('mark.at', given.at ?? 0),
    mask: bytes.reduce((sum, byte) => sum * 256 + byte, 0),
    means: oneOf('mark.means', given.means, ['last', 'more'] as const),
  };
}

/** Returns whether one of the bits of the mark is set in a fragment. */
function isMarked(fragment: FrameParts, { part, at, mask }: Mark): boolean {
  const bits = part === 'flags' ? fragment.flags : fragment[part]?.[at];
  return ((bits ?? 0) & mask) !== 0;
}

/** Returns the fragment with all bits of the mark set or, if `isSet` is false, cleared. */
function marked(fragment: FrameParts, { part, at, mask }: Mark, isSet: boolean): FrameParts {
  const change = (bits: number): number => (isSet ? bits | mask : bits & ~mask) >>> 0;
  if (part === 'flags') {
    return { ...fragment, flags: change(fragment.flags ?? 0) };
  }
  const bytes = Uint8Array.from(fragment[part] ?? []);
  bytes[at] = change(bytes[at] ?? 0);
  return { ...fragment, [part]: bytes };
}

/**
 * Cuts the payload of a value into fragments of at most `most` bytes, and sets or clears the mark of each
 * fragment.
 */
function* split(value: FrameParts, mark: Mark, most: number): Iterable<FrameParts> {
  const { payload } = value;
  const count = Math.max(1, Math.ceil(payload.length / most));
  for (let i = 0; i < count; i++) {
    const isLast = i === count - 1;
    const piece = { ...value, payload: payload.subarray(i * most, (i + 1) * most) };
    yield marked(piece, mark, isLast === (mark.means === 'last'));
  }
}
