// Makes the codec for a description whose codec is `continued`. In each fragment some bits, which are called
// the mark, say whether another fragment follows.

import type { Bytes } from '../codec/byte-types.ts';
import type { Codec } from '../codec/codec.ts';
import { continued } from '../codec/continued.ts';
import type { ContinuedFraming, ContinuedMark } from '../codec/formats/framing-types.ts';
import type { FrameParts } from '../codec/frame-parts.ts';
import { fromHex } from '../codec/hex.ts';
import { frameLayout } from '../codec/frame-layout.ts';
import type { FrameLayout, LengthPrefixedOptions } from '../codec/frame-layout.ts';
import { areFlags } from '../codec/length-field.ts';
import { lengthPrefixed } from '../codec/length-prefixed.ts';
import { checkNames, oneOf, refuse, refuseValue, whole } from '../options.ts';
import type { OptionNames } from '../options.ts';
import { quantity } from '../text.ts';

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
  if (frame.deliver !== undefined && frame.deliver !== 'parts') {
    refuseValue('frame.deliver', 'parts', frame.deliver);
  }
  const options = { ...frame, deliver: 'parts' as const };
  const layout = frameLayout(options);
  const mark = resolveMark(given, layout);
  const most = whole('fragmentLength', fragmentLength, { min: 1, max: layout.maxPayloadLength });
  return continued<FrameParts, FrameParts<Bytes>>(lengthPrefixed(options), {
    isMore: (fragment) => isMarked(fragment, mark) === (mark.means === 'more'),
    split: (value) => split(value, mark, most),
    maxLength,
    maxFragments,
  });
}

/**
 * Checks a mark. A mark that no fragment can have, or that every fragment has, is refused: decode would wait
 * for the end of a message that never comes.
 */
function resolveMark(given: ContinuedMark, layout: FrameLayout): Mark {
  checkNames('mark', given, MARK_NAMES);
  const part = oneOf('mark.part', given.part, PARTS);
  const mask = resolveMask(given.mask, part === 'flags' ? MAX_MASK_LENGTH : 1);
  const at = whole('mark.at', given.at ?? 0);
  const { flagBits } = layout.prefix;
  if (part === 'flags' && !areFlags(mask, flagBits)) {
    const flags = flagBits === 0 ? 'none' : `0x${flagBits.toString(16)}`;
    refuse(
      `mark.mask has bits that are no flags of a fragment. Its flags are ${flags}.`,
      'Flags are the bits of the prefix outside its mask.',
    );
  }
  if (part !== 'flags' && at >= layout[part].ownLength) {
    refuse(
      `mark.at is ${at}, but ${part} of a fragment does not have so many bytes of the caller.`,
      'The first of them has the index 0. Fixed bytes do not count.',
    );
  }
  return { part, at, mask, means: oneOf('mark.means', given.means, ['last', 'more'] as const) };
}

function resolveMask(given: unknown, maxLength: number): number {
  const bytes =
    typeof given === 'string'
      ? fromHex('mark.mask', given)
      : refuseValue('mark.mask', 'bits in hex', given);
  if (bytes.length > maxLength) {
    refuse(
      `mark.mask has ${quantity(bytes.length, 'byte')}.`,
      'A mask may have 4 bytes for flags, and 1 byte for before or after.',
    );
  }
  const mask = bytes.reduce((sum, byte) => sum * 256 + byte, 0);
  return mask === 0 ? refuse('mark.mask has no bit set.') : mask;
}

/** Returns whether one of the bits of the mark is set in a fragment. */
function isMarked(fragment: FrameParts, { part, at, mask }: Mark): boolean {
  const bits = part === 'flags' ? fragment.flags : fragment[part]?.[at];
  return ((bits ?? 0) & mask) !== 0;
}

/** Returns the fragment with all bits of the mark set or, if `isSet` is false, cleared. */
function marked(fragment: FrameParts, { part, at, mask }: Mark, isSet: boolean): FrameParts {
  // Flags may have more than 32 bits, and bit operators drop the upper ones. So add and subtract the mask.
  const change = (bits: number): number => bits - ((bits & mask) >>> 0) + (isSet ? mask : 0);
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
