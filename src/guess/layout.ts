// Layouts are framings in which a binary number somewhere in the head of a frame says how long the frame is.
// There are nearly sixteen thousand layouts, so they are walked without a decoder. Nearly all of them break
// after a frame or two.

import type {
  ChecksumDescription,
  Framing,
  LengthPrefixedFraming,
} from '../codec/formats/framing-types.ts';
import type { FramePart, FrameRange } from '../codec/sections.ts';
import { parseFraming } from '../framing/words.ts';
import { MAX_FRAMES } from './chain.ts';
import type { Trail } from './chain.ts';
import type { FoundChecksum } from './checksum-search.ts';
import { NUMBER_TYPES, WIDTHS } from './numbers.ts';
import type { Numbers, NumberType, Reading } from './numbers.ts';

/** A layout. Its frames have `value · unit + more` bytes, where the value is read at `offset` and masked. */
export interface Layout extends Reading {
  readonly offset: number;
  readonly more: number;
}

/**
 * Maximum offset at which a number is looked for. In most real protocols the offset is far smaller, but a few
 * have 22 or 24.
 */
const MAX_OFFSET = 24;
/**
 * Maximum number of bytes by which a frame is longer than its number says. In real protocols it is at most 24
 * (EtherNet/IP).
 */
const MAX_MORE = 64;
/** Maximum length of a frame in bytes. Streams that people inspect have no longer frames. */
const MAX_FRAME = 2 ** 24;

/** Masks and units that protocols use: flags in the top bits, and lengths in words. */
const MASKS: readonly (readonly [NumberType, number])[] = [
  ['u16be', 0x0fff],
  ['u16be', 0x3fff],
  ['u16be', 0x7fff],
  ['u16le', 0x0fff],
  ['u16le', 0x3fff],
  ['u16le', 0x7fff],
  ['u32be', 0x7fffffff],
  ['u32be', 0x0fffffff],
  ['u32le', 0x7fffffff],
];
const UNITS: readonly (readonly [NumberType, number])[] = [
  ['u8', 2],
  ['u8', 4],
  ['u16be', 2],
  ['u16be', 4],
  ['u16le', 2],
  ['u16le', 4],
  ['u32be', 4],
];

/**
 * Returns whether the number counts what it counts in nearly all protocols: the bytes behind it, the whole
 * frame, or everything from the number on.
 */
export function isUsual({ type, offset, more }: Layout): boolean {
  return more === 0 || more === offset || more === offset + WIDTHS[type];
}

function usualOf(type: NumberType, offset: number): number[] {
  return [...new Set([offset + WIDTHS[type], 0, offset])];
}

let all: readonly Layout[] | undefined;

/**
 * Returns every layout that is tried. The list is made once, because making it takes longer than trying it.
 */
export function layouts(): readonly Layout[] {
  all ??= [...makeLayouts()];
  return all;
}

/** Numbers of bytes that often stand behind the counted bytes: a checksum, or a byte that ends the frame. */
const TAILS: ReadonlySet<number> = new Set([1, 2, 4]);

/** Returns whether the number counts the bytes behind it, except for a checksum or a marker at the end. */
export function hasTail({ type, offset, more }: Layout): boolean {
  return TAILS.has(more - offset - WIDTHS[type]);
}

let usual: readonly Layout[] | undefined;

/** Returns the layouts that most protocols have. They are a sixth of all layouts. */
export function usualLayouts(): readonly Layout[] {
  usual ??= layouts().filter((layout) => isUsual(layout) || (hasTail(layout) && isPlain(layout)));
  return usual;
}

/** Returns whether the whole number is the length, in bytes. */
export function isPlain({ mask, unit }: Layout): boolean {
  return mask === 0 && unit === 1;
}

function* makeLayouts(): Generator<Layout> {
  for (let offset = 0; offset <= MAX_OFFSET; offset++) {
    for (const type of NUMBER_TYPES) {
      for (let more = 0; more <= MAX_MORE; more++) {
        yield { type, offset, more, mask: 0, unit: 1 };
      }
    }
    for (const [type, mask] of MASKS) {
      for (const more of usualOf(type, offset)) {
        yield { type, offset, more, mask, unit: 1 };
      }
    }
    for (const [type, unit] of UNITS) {
      for (const more of usualOf(type, offset)) {
        yield { type, offset, more, mask: 0, unit };
      }
    }
  }
}

/** Walks at most `most` frames, from an offset on. */
// oxlint-disable-next-line max-params -- hot path: thousands of layouts are walked for each stream
export function walkLayout(
  layout: Layout,
  numbers: Numbers,
  trail: Trail,
  most: number = MAX_FRAMES,
  from: number = 0,
): void {
  const { type, offset, more, mask, unit } = layout;
  const values = numbers.of(type);
  const headLength = offset + WIDTHS[type];
  const end = numbers.length;
  trail.start();
  let at = from;
  while (at + headLength <= end && trail.count < most) {
    const number = values[at + offset] ?? 0;
    const length = (mask === 0 ? number : (number & mask) >>> 0) * unit + more;
    trail.isBroken = length < headLength || length > MAX_FRAME;
    if (trail.isBroken || at + length > end) {
      return;
    }
    at += length;
    trail.add(at);
  }
}

/**
 * Returns about the share of the places of a stream at which a frame of this layout could lie. It is never 0.
 */
export function chanceOf(layout: Layout, numbers: Numbers): number {
  return numbers.chanceOf(layout, layout.more - layout.offset);
}

/** Returns a layout as a description, with a checksum at the end of its frames if one was found. */
export function layoutToFraming(layout: Layout, trailer?: FoundChecksum): Framing {
  const { type, offset, more, mask, unit } = layout;
  if (mask === 0 && unit === 1 && trailer === undefined) {
    return parseFraming(`${type}@${offset}+${more}`, 'layout', () => '');
  }
  return {
    codec: 'lengthPrefixed',
    prefix: mask === 0 && unit === 1 ? type : numberOf(layout),
    ...(offset === 0 ? {} : { before: offset }),
    ...countsOf(layout, trailer?.length ?? 0),
    ...(trailer === undefined ? {} : { trailer: checksumPiece(layout, trailer) }),
    ...(offset === 0 ? {} : { deliver: 'parts' }),
  };
}

/** Lists of the parts that a number may count, the most frequent list first. */
const COUNTS: readonly (readonly FramePart[])[] = [
  ['payload'],
  ['prefix', 'payload'],
  ['before', 'prefix', 'payload'],
  ['before', 'prefix', 'payload', 'trailer'],
  ['payload', 'trailer'],
  ['prefix', 'payload', 'trailer'],
];

/** Returns what the number counts: parts of the frame, or a number of bytes if no parts have that length. */
function countsOf(
  { type, offset, more }: Layout,
  trailer: number,
): Pick<LengthPrefixedFraming, 'counts' | 'adjust'> {
  const lengths: Readonly<Partial<Record<FramePart, number>>> = {
    before: offset,
    prefix: WIDTHS[type],
    trailer,
  };
  const wanted = offset + WIDTHS[type] + trailer - more;
  const found = COUNTS.find(
    (parts) => parts.reduce((sum, part) => sum + (lengths[part] ?? 0), 0) === wanted,
  );
  const counts = found?.filter((part) => part === 'payload' || lengths[part] !== 0);
  if (counts === undefined) {
    return { adjust: wanted };
  }
  return counts.length === 1 ? {} : { counts };
}

function checksumPiece({ offset, type }: Layout, found: FoundChecksum): ChecksumDescription {
  const { checksum, order, from } = found;
  const over = rangesFrom(from, offset, offset + WIDTHS[type]);
  return {
    checksum,
    ...(over === undefined ? {} : { over }),
    ...(order === 'be' ? {} : { order }),
  };
}

/** Returns the parts of a frame from a byte on, or `undefined` for all parts. */
function rangesFrom(from: number, prefixAt: number, payloadAt: number): FrameRange[] | undefined {
  if (from === 0) {
    return undefined;
  }
  if (from >= payloadAt) {
    return [from === payloadAt ? 'payload' : { part: 'payload', from: from - payloadAt }];
  }
  if (from >= prefixAt) {
    const prefix: FrameRange =
      from === prefixAt ? 'prefix' : { part: 'prefix', from: from - prefixAt };
    return [prefix, 'payload'];
  }
  return [{ part: 'before', from }, 'prefix', 'payload'];
}

function numberOf({ type, mask, unit }: Layout): LengthPrefixedFraming['prefix'] {
  return {
    type,
    ...(mask === 0 ? {} : { mask: mask.toString(16).padStart(WIDTHS[type] * 2, '0') }),
    ...(unit === 1 ? {} : { unit }),
  };
}

/** Returns the width of the number. Among layouts that fit alike, people choose by it. */
export function widthOf({ type }: Layout): number {
  return WIDTHS[type];
}
