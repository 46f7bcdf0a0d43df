// continued() of a description: bits of each fragment say whether another follows.

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
/** Bits of 32-bit numbers can be set and cleared with the operators of the language. */
const MAX_MASK_LENGTH = 4;

type Options = Omit<ContinuedFraming, 'codec'>;

interface Mark {
  readonly part: (typeof PARTS)[number];
  readonly at: number;
  readonly mask: number;
  readonly means: 'last' | 'more';
}

/** Makes the codec of whole messages. `frame` is the options of `options.frame`, with its names resolved. */
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
    refuse(`mark.mask has ${bytes.length} bytes.`, 'Flags have 4 at most, a section has 1.');
  }
  return {
    part,
    at: whole('mark.at', given.at ?? 0),
    mask: bytes.reduce((sum, byte) => sum * 256 + byte, 0),
    means: oneOf('mark.means', given.means, ['last', 'more'] as const),
  };
}

function isMarked(fragment: FrameParts, { part, at, mask }: Mark): boolean {
  const bits = part === 'flags' ? fragment.flags : fragment[part]?.[at];
  return ((bits ?? 0) & mask) !== 0;
}

function marked(fragment: FrameParts, { part, at, mask }: Mark, isSet: boolean): FrameParts {
  const change = (bits: number): number => (isSet ? bits | mask : bits & ~mask) >>> 0;
  if (part === 'flags') {
    return { ...fragment, flags: change(fragment.flags ?? 0) };
  }
  const bytes = Uint8Array.from(fragment[part] ?? []);
  bytes[at] = change(bytes[at] ?? 0);
  return { ...fragment, [part]: bytes };
}

function* split(value: FrameParts, mark: Mark, most: number): Iterable<FrameParts> {
  const { payload } = value;
  const count = Math.max(1, Math.ceil(payload.length / most));
  for (let i = 0; i < count; i++) {
    const isLast = i === count - 1;
    const piece = { ...value, payload: payload.subarray(i * most, (i + 1) * most) };
    yield marked(piece, mark, isLast === (mark.means === 'last'));
  }
}
