// The oracle of lengthPrefixed(). It has the whole stream in one array, parses every frame from its first
// byte with plain arithmetic, and keeps nothing in between. It is slow and obvious on purpose. It shares
// types and the names of prefixes with src, but no code. So the two agree only where both read the
// specification alike.

import type { LengthPrefixedOptions } from '../../src/codec/frame-layout.ts';
import type { LengthField } from '../../src/codec/length-field.ts';
import { PREFIX_NAMES } from '../../src/codec/prefixes.ts';
import type { FramePart } from '../../src/codec/sections.ts';
import { toHex } from './bytes.ts';
import { madeBy } from './made-prefixes.ts';
import type { Prefix, SlowLength } from './made-prefixes.ts';
import * as slow from './slow-sections.ts';
import type { PartName, SlowParts, SlowSection, SlowSum } from './slow-sections.ts';

/** A value with its bytes as hex, so that values can be compared whatever the class of their arrays. */
export type Shown = string | { readonly [part: string]: string | number };

export interface Place {
  readonly code: string;
  readonly byteOffset: number;
  readonly frameIndex: number;
}

export type SlowEvent =
  { readonly kind: 'value'; readonly value: unknown } | ({ readonly kind: 'skip' } & Place);

export interface SlowReading {
  readonly events: SlowEvent[];
  readonly error: Place | undefined;
  /** The bytes after the last frame that was delivered or skipped. */
  readonly rest: string;
}

/** The options with their defaults, and what follows from them, computed without the code of src. */
export interface SlowFormat {
  readonly prefix: string | LengthField;
  readonly sections: Readonly<Record<PartName, SlowSection>>;
  readonly sums: readonly SlowSum[];
  readonly lengths: Readonly<Record<PartName, number>>;
  readonly counted: number;
  readonly limit: number;
  readonly deliver: 'payload' | 'parts' | 'frame';
}

/**
 * The width of each fixed-width prefix in bytes, from the digits of its name. Only the names come from src.
 */
export const WIDTHS: Readonly<Record<string, number>> = Object.fromEntries(
  PREFIX_NAMES.filter((name) => !isVarint(name)).map((name) => [name, widthOf(name)]),
);

export function isVarint(prefix: unknown): boolean {
  return prefix === 'varint' || prefix === 'minimalVarint';
}

function widthOf(name: string): number {
  return Number(/^[ui](\d+)(?:be|le)?$/.exec(name)?.[1]) / 8;
}

const SAFE = 2n ** 53n - 1n;
const EIGHT_MIB = 8 * 1024 * 1024;

export function slowFormat(options: LengthPrefixedOptions): SlowFormat {
  const { prefix = 'u32be', counts = ['payload'] } = options;
  const sections = {
    before: slow.slowSection('before', options.before),
    after: slow.slowSection('after', options.after),
    trailer: slow.slowSection('trailer', options.trailer),
  };
  const lengths = {
    before: sections.before.bytes.length,
    after: sections.after.bytes.length,
    trailer: sections.trailer.bytes.length,
  };
  const parts = counts.reduce((sum, part) => sum + countOf(part, prefix, lengths), 0);
  const counted = parts + (options.adjust ?? 0);
  const most = Number(largestNumber(prefix)) - counted;
  const limit = Math.min(options.maxPayloadLength ?? EIGHT_MIB, most);
  return {
    prefix,
    sections,
    sums: slow.PART_NAMES.flatMap((name) => sections[name].sums),
    lengths,
    counted,
    limit,
    deliver: options.deliver ?? 'payload',
  };
}

function countOf(
  part: FramePart,
  prefix: string | LengthField,
  lengths: Record<PartName, number>,
): number {
  if (part === 'payload') {
    return 0;
  }
  if (part !== 'prefix') {
    return lengths[part];
  }
  return typeof prefix === 'string' ? (WIDTHS[prefix] ?? 0) : prefix.maxWidth;
}

function largestNumber(prefix: string | LengthField): bigint {
  if (typeof prefix !== 'string') {
    const largest = madeBy(prefix)?.largest ?? BigInt(prefix.maxLength ?? SAFE);
    return largest < SAFE ? largest : SAFE;
  }
  if (isVarint(prefix)) {
    return SAFE;
  }
  if (prefix.startsWith('i')) {
    return 2n ** 31n - 1n;
  }
  const largest = 2n ** BigInt(8 * (WIDTHS[prefix] ?? 0)) - 1n;
  return largest < SAFE ? largest : SAFE;
}

/** How many groups of seven bits a number needs. */
export function varintGroups(value: number): number {
  return Math.max(1, Math.ceil(BigInt(value).toString(2).length / 7));
}

/** Reads the prefix. `frame` has all bytes of `before`, and the bytes after it that have come. */
export function slowPrefix(format: SlowFormat, frame: readonly number[]): Prefix {
  const { prefix } = format;
  const head = frame.slice(0, format.lengths.before);
  const bytes = frame.slice(format.lengths.before);
  if (isVarint(prefix)) {
    return slowVarint(format, bytes);
  }
  if (typeof prefix !== 'string') {
    return madeBy(prefix)?.read(bytes, head) ?? slowCustom(prefix, bytes);
  }
  const width = WIDTHS[prefix] ?? 0;
  if (bytes.length < width) {
    return 'more';
  }
  const digits = bytes.slice(0, width);
  if (prefix.endsWith('le')) {
    digits.reverse();
  }
  const value = digits.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
  return { declared: prefix.startsWith('i') ? BigInt.asIntN(8 * width, value) : value, width };
}

/** How many bytes a decoder reads for a prefix, at most. */
export function widestPrefix({ prefix, limit, counted }: SlowFormat): number {
  if (typeof prefix !== 'string') {
    return prefix.maxWidth;
  }
  return isVarint(prefix)
    ? Math.min(8, Math.max(5, varintGroups(limit + counted)))
    : (WIDTHS[prefix] ?? 0);
}

function slowVarint(format: SlowFormat, bytes: readonly number[]): Prefix {
  const window = widestPrefix(format);
  const last = bytes.slice(0, window).findIndex((byte) => byte < 128);
  if (last < 0) {
    return bytes.length < window ? 'more' : 'malformed';
  }
  const groups = bytes.slice(0, last + 1).toReversed();
  const declared = groups.reduce((sum, byte) => sum * 128n + BigInt(byte % 128), 0n);
  const isOverlong = last > 0 && bytes[last] === 0;
  if (format.prefix === 'minimalVarint' && isOverlong) {
    return 'malformed';
  }
  return { declared, width: last + 1 };
}

function slowCustom(field: LengthField, bytes: readonly number[]): Prefix {
  try {
    const read = field.read(Uint8Array.from(bytes.slice(0, field.maxWidth)), 0);
    if (read === undefined) {
      return bytes.length < field.maxWidth ? 'more' : 'malformed';
    }
    const { length, width } = read;
    return { declared: Number.isInteger(length) ? BigInt(length) : undefined, width };
  } catch {
    return 'malformed';
  }
}

/** `isBody` says whether the head was complete and valid. `length` is the length of the frame, once known. */
export type Frame =
  | { readonly kind: 'value'; readonly length: number; readonly value: Shown }
  | { readonly kind: 'fatal'; readonly code: string; readonly length?: number }
  | {
      readonly kind: 'skippable';
      readonly code: string;
      readonly length: number;
      readonly isBody: boolean;
    }
  | { readonly kind: 'more'; readonly length?: number };

const fatal = (code: string, length?: number): Frame =>
  length === undefined ? { kind: 'fatal', code } : { kind: 'fatal', code, length };
const MORE: Frame = { kind: 'more' };

/** The frame that begins with the first of `bytes`. */
export function slowFrame(format: SlowFormat, bytes: readonly number[]): Frame {
  const { lengths } = format;
  if (!sectionHolds(format, 'before', bytes, 0)) {
    return fatal('ERR_FRAME_MAGIC');
  }
  if (bytes.length < lengths.before) {
    return MORE;
  }
  const prefix = slowPrefix(format, bytes);
  if (prefix === 'more') {
    return MORE;
  }
  if (prefix === 'malformed') {
    return fatal('ERR_PREFIX_MALFORMED');
  }
  const { declared, width, flags = 0n } = prefix;
  const headLength = lengths.before + width + lengths.after;
  const headSums = format.sums.filter((one) => slow.isHeadSum(one, lengths));
  if (headSums.length === 0) {
    const wrong = lengthFault(format, prefix);
    if (wrong !== undefined) {
      return wrong;
    }
  }
  if (!sectionHolds(format, 'after', bytes, lengths.before + width)) {
    return fatal('ERR_FRAME_MAGIC');
  }
  if (bytes.length < headLength) {
    return MORE;
  }
  const head = partsOf(format, bytes.slice(0, headLength), width, 0);
  if (!headSums.every((one) => slow.sumHolds(one, head))) {
    return fatal('ERR_FRAME_CHECKSUM');
  }
  const wrong = lengthFault(format, prefix);
  if (wrong !== undefined) {
    return wrong;
  }
  const payloadLength = Number(declared) - format.counted;
  const length = headLength + payloadLength + lengths.trailer;
  const trailerAt = length - lengths.trailer;
  if (!sectionHolds(format, 'trailer', bytes, trailerAt)) {
    return fatal('ERR_FRAME_MAGIC', length);
  }
  if (bytes.length < length) {
    return { kind: 'more', length };
  }
  const frame = bytes.slice(0, length);
  const parts = partsOf(format, frame, width, payloadLength);
  if (!format.sums.every((one) => slow.sumHolds(one, parts))) {
    return { kind: 'skippable', code: 'ERR_FRAME_CHECKSUM', length, isBody: true };
  }
  return { kind: 'value', length, value: shownFrame(format, { frame, parts, flags }) };
}

/** The fault of a length or of its flags; undefined if there is none. */
function lengthFault(
  format: SlowFormat,
  { declared, width, flags = 0n }: SlowLength,
): Frame | undefined {
  const { lengths, limit, counted } = format;
  if (flags !== 0n && format.deliver === 'payload' && !ignoresFlags(format.prefix)) {
    return fatal('ERR_PREFIX_MALFORMED');
  }
  if (declared === undefined || declared > SAFE || declared < BigInt(Math.max(0, counted))) {
    return fatal('ERR_FRAME_LENGTH_INVALID');
  }
  const payloadLength = Number(declared) - counted;
  if (payloadLength > limit) {
    const length = lengths.before + width + lengths.after + payloadLength + lengths.trailer;
    return { kind: 'skippable', code: 'ERR_FRAME_TOO_LARGE', length, isBody: false };
  }
  const isOverlong = isVarint(format.prefix) && width > varintGroups(limit + counted);
  return isOverlong ? fatal('ERR_PREFIX_MALFORMED') : undefined;
}

/** The bytes of each part of a frame. */
function partsOf(
  { lengths }: SlowFormat,
  frame: readonly number[],
  width: number,
  payloadLength: number,
): SlowParts {
  const left = [...frame];
  return {
    before: left.splice(0, lengths.before),
    prefix: left.splice(0, width),
    after: left.splice(0, lengths.after),
    payload: left.splice(0, payloadLength),
    trailer: left,
  };
}

/** Whether the fixed bytes of a section are right. Bytes that have not come yet count as right. */
function sectionHolds(
  format: SlowFormat,
  name: PartName,
  bytes: readonly number[],
  at: number,
): boolean {
  return slow.fits(format.sections[name], bytes.slice(at));
}

function show(bytes: readonly number[]): string {
  return toHex(Uint8Array.from(bytes));
}

function ignoresFlags(prefix: string | LengthField): boolean {
  return typeof prefix === 'object' && prefix.flags === 'ignore';
}

function hasFlags(prefix: string | LengthField): boolean {
  return typeof prefix === 'object' && prefix.flagBits !== undefined;
}

interface WholeFrame {
  readonly frame: readonly number[];
  readonly parts: SlowParts;
  readonly flags: bigint;
}

function shownFrame(format: SlowFormat, { frame, parts, flags }: WholeFrame): Shown {
  const { sections, prefix } = format;
  if (format.deliver === 'frame') {
    return show(frame);
  }
  if (format.deliver === 'payload') {
    return show(parts.payload);
  }
  const own = (name: PartName): { readonly [part: string]: string } =>
    slow.ownLength(sections[name]) === 0
      ? {}
      : { [name]: show(slow.ownOf(sections[name], parts[name])) };
  const payload = show(parts.payload);
  const flagged = hasFlags(prefix) ? { flags: Number(flags) } : {};
  return { ...own('before'), ...flagged, ...own('after'), payload, ...own('trailer') };
}

export interface SlowTerms {
  /** Whether the input ends after these bytes. */
  readonly ended: boolean;
  /** Whether the decoder has `onSkip`, so that faulty frames are skipped and are no error. */
  readonly skips: boolean;
}

/** The values, skips, error and rest that a decoder without resync must give for these bytes, in order. */
export function slowRead(
  options: LengthPrefixedOptions,
  stream: Uint8Array,
  { ended, skips }: SlowTerms,
): SlowReading {
  const format = slowFormat(options);
  const bytes = Array.from(stream);
  const events: SlowEvent[] = [];
  let byteOffset = 0;
  for (let frameIndex = 0; ; frameIndex++) {
    const left = bytes.slice(byteOffset);
    const stop = (code: string | undefined, rest: number[]): SlowReading => ({
      events,
      error: code === undefined ? undefined : { code, byteOffset, frameIndex },
      rest: toHex(Uint8Array.from(rest)),
    });
    if (left.length === 0) {
      return stop(undefined, []);
    }
    const frame = slowFrame(format, left);
    if (frame.kind === 'more') {
      return stop(ended ? 'ERR_FRAME_TRUNCATED' : undefined, left);
    }
    if (frame.kind === 'fatal') {
      return stop(frame.code, left);
    }
    if (frame.kind === 'value') {
      events.push({ kind: 'value', value: frame.value });
    } else {
      if (!skips) {
        return stop(frame.code, left);
      }
      events.push({ kind: 'skip', code: frame.code, byteOffset, frameIndex });
      if (left.length < frame.length) {
        return stop(ended ? 'ERR_FRAME_TRUNCATED' : undefined, []);
      }
    }
    byteOffset += frame.length;
  }
}
