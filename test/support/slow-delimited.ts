// The oracle of delimited(), lines(), cobs() and fixedLength(). It has the whole stream in one array and
// reads every frame from its first byte, one byte after another. It is slow and obvious on purpose. It shares
// types with src, but no code.

import type { EscapeMap } from '../../src/codec/delimited/escapes.ts';
import type { DelimitedOptions } from '../../src/codec/delimited/layout.ts';
import type { Checksum } from '../../src/codec/sections.ts';
import { toHex } from './bytes.ts';
import type { SlowEvent, SlowReading, SlowTerms } from './slow-frames.ts';
import { slowSearch } from './slow-resync.ts';
import type { Candidate } from './slow-resync.ts';

/** A framing without a length prefix. Its markers are arrays of bytes. */
export type SlowFraming =
  | { readonly kind: 'delimited'; readonly options: SlowOptions }
  | { readonly kind: 'lines'; readonly maxLength: number; readonly newline: 'lf' | 'crlf' }
  | { readonly kind: 'cobs'; readonly maxLength: number }
  | { readonly kind: 'fixed'; readonly length: number };

export interface SlowOptions extends DelimitedOptions {
  readonly start?: Uint8Array | undefined;
  readonly end: Uint8Array;
  readonly checksum?: Checksum | undefined;
  readonly maxLength: number;
}

const CRLF = Uint8Array.of(13, 10);
const LF = Uint8Array.of(10);

type Bytes = readonly number[];

/** What the bytes at one place of a frame's content mean. */
type Token =
  | { readonly kind: 'end' | 'bad'; readonly width: number }
  | { readonly kind: 'plain'; readonly width: number; readonly byte: number }
  | { readonly kind: 'more' };

function startsWith(bytes: Bytes, wanted: Uint8Array): boolean {
  return wanted.every((byte, i) => bytes[i] === byte);
}

/** Whether the bytes are a beginning of the marker, but not the whole marker. */
function isCutMarker(bytes: Bytes, marker: Uint8Array): boolean {
  return bytes.length < marker.length && bytes.every((byte, i) => marker[i] === byte);
}

function plainOf(map: EscapeMap, code: number, end: Uint8Array): number | undefined {
  const named = Object.entries(map.codes).find(([, one]) => one === code);
  if (named !== undefined) {
    return Number(named[0]);
  }
  return map.xor === undefined || end.includes(code) ? undefined : code ^ map.xor;
}

function tokenAt(bytes: Bytes, ends: readonly Uint8Array[], maps: readonly EscapeMap[]): Token {
  const [byte = 0, code] = bytes;
  const map = maps.find(({ escape }) => escape === byte);
  const isEscape = bytes.length > 0 && map !== undefined;
  if (map !== undefined && isEscape && code !== undefined) {
    const plain = plainOf(map, code, ends[0] ?? LF);
    if (plain !== undefined) {
      return { kind: 'plain', width: 2, byte: plain };
    }
  }
  const end = ends.find((one) => startsWith(bytes, one));
  if (end !== undefined) {
    return { kind: 'end', width: end.length };
  }
  if (bytes.length === 0 || ends.some((one) => isCutMarker(bytes, one))) {
    return { kind: 'more' };
  }
  if (!isEscape) {
    return { kind: 'plain', width: 1, byte };
  }
  return code === undefined ? { kind: 'more' } : { kind: 'bad', width: 1 };
}

function mapsOf(escape: SlowOptions['escape']): readonly EscapeMap[] {
  if (escape === undefined) {
    return [];
  }
  return 'escape' in escape ? [escape] : escape;
}

type Frame =
  | { readonly kind: 'value'; readonly length: number; readonly value: string }
  | { readonly kind: 'fill'; readonly length: number }
  | { readonly kind: 'fatal'; readonly code: string }
  | {
      readonly kind: 'skippable';
      readonly code: string;
      readonly length: number | undefined;
      /** How many bytes of the frame must have come before its fault is known. */
      readonly extent: number;
    }
  | { readonly kind: 'more' };

const MORE: Frame = { kind: 'more' };

interface Terms {
  readonly start: Uint8Array;
  readonly ends: readonly Uint8Array[];
  readonly options: Omit<SlowOptions, 'end'>;
}

function termsOf(framing: Exclude<SlowFraming, { kind: 'fixed' | 'cobs' }>): Terms {
  if (framing.kind === 'lines') {
    const { maxLength } = framing;
    return { start: Uint8Array.of(), ends: [CRLF, LF], options: { maxLength } };
  }
  const { options } = framing;
  return { start: options.start ?? Uint8Array.of(), ends: [options.end], options };
}

function isSharing({ start, ends }: Terms): boolean {
  return start.length > 0 && toHex(start) === toHex(ends[0] ?? LF);
}

/** The frame that begins with the first of `bytes`. */
function slowFrame(terms: Terms, bytes: Bytes, isFirst: boolean): Frame {
  const { start, ends, options } = terms;
  const { checksum, escape, maxLength, strip = true } = options;
  const sharing = isSharing(terms);
  const skipEmpty = options.skipEmpty ?? sharing;
  if (isCutMarker(bytes, start)) {
    return MORE;
  }
  let lacks = false;
  if (!startsWith(bytes, start)) {
    if (!sharing || isFirst) {
      return { kind: 'fatal', code: 'ERR_FRAME_MAGIC' };
    }
    lacks = true;
  }
  const contentAt = lacks ? 0 : start.length;
  const limit = maxLength + (checksum?.length ?? 0);
  const longest = Math.max(2, ...ends.map(({ length }) => length));
  const plain: number[] = [];
  let wrong: string | undefined;
  let extent = 0;
  for (let at = contentAt; ;) {
    const token = tokenAt(bytes.slice(at, at + longest), ends, mapsOf(escape));
    if (token.kind === 'more') {
      return wrong === undefined
        ? MORE
        : { kind: 'skippable', code: wrong, length: undefined, extent };
    }
    at += token.width;
    if (token.kind === 'plain') {
      plain.push(token.byte);
      if (plain.length > limit && wrong === undefined) {
        wrong = 'ERR_FRAME_TOO_LARGE';
        extent = start.length + limit;
      }
    } else if (token.kind === 'bad') {
      extent = wrong === undefined ? at : extent;
      wrong ??= 'ERR_FRAME_ESCAPE';
    } else {
      if (wrong !== undefined) {
        return { kind: 'skippable', code: wrong, length: at, extent };
      }
      if (at - token.width === contentAt && skipEmpty) {
        return { kind: 'fill', length: sharing ? contentAt : at };
      }
      const payload = Uint8Array.from(plain.slice(0, plain.length - (checksum?.length ?? 0)));
      const sum = Uint8Array.from(plain.slice(payload.length));
      if (checksum !== undefined) {
        const isShort = plain.length < checksum.length;
        if (isShort || toHex(checksum.compute(payload)) !== toHex(sum)) {
          return { kind: 'skippable', code: 'ERR_FRAME_CHECKSUM', length: at, extent: at };
        }
      }
      const whole = toHex(Uint8Array.from([...(lacks ? start : []), ...bytes.slice(0, at)]));
      return { kind: 'value', length: at, value: strip ? toHex(payload) : whole };
    }
  }
}

/** The frame of COBS that begins with the first of `bytes`. */
function slowCobs(maxLength: number, bytes: Bytes): Frame {
  const zero = bytes.indexOf(0);
  const plain: number[] = [];
  const length = zero < 0 ? undefined : zero + 1;
  const content = zero < 0 ? bytes : bytes.slice(0, zero);
  if (content.length === 0) {
    return length === undefined ? MORE : { kind: 'fill', length };
  }
  let isCut = false;
  for (let at = 0; at < content.length;) {
    const code = content[at] ?? 0;
    const block = content.slice(at + 1, at + code);
    plain.push(...block);
    isCut = block.length < code - 1;
    at += code;
    if (code < 255 && at < content.length) {
      plain.push(0);
    }
  }
  if (plain.length > maxLength) {
    return { kind: 'skippable', code: 'ERR_FRAME_TOO_LARGE', length, extent: 0 };
  }
  if (length === undefined) {
    return MORE;
  }
  return isCut
    ? { kind: 'skippable', code: 'ERR_FRAME_ESCAPE', length, extent: 0 }
    : { kind: 'value', length, value: toHex(Uint8Array.from(plain)) };
}

function frameOf(framing: SlowFraming, bytes: Bytes, isFirst: boolean): Frame {
  if (framing.kind === 'cobs') {
    return slowCobs(framing.maxLength, bytes);
  }
  if (framing.kind === 'fixed') {
    const { length } = framing;
    const value = toHex(Uint8Array.from(bytes.slice(0, length)));
    return bytes.length < length ? MORE : { kind: 'value', length, value };
  }
  return slowFrame(termsOf(framing), bytes, isFirst);
}

/** Whether the bytes are a shared marker alone. The input may end after it, because no frame has begun. */
function isFill(framing: SlowFraming, bytes: Bytes): boolean {
  if (framing.kind !== 'delimited') {
    return false;
  }
  const terms = termsOf(framing);
  return isSharing(terms) && bytes.length === terms.start.length && startsWith(bytes, terms.start);
}

function candidateOf(terms: Terms, bytes: Bytes, isFirst: boolean): Candidate {
  const frame = slowFrame(terms, bytes, isFirst);
  switch (frame.kind) {
    case 'skippable':
      return { kind: 'wrong', code: frame.code, extent: frame.extent };
    case 'fatal':
      return { kind: 'wrong', code: frame.code, extent: terms.start.length };
    case 'more':
      return { kind: 'more', extent: bytes.length };
    default:
      return frame;
  }
}

/** The values, skips, error and rest that a decoder must give for these bytes, in order. */
export function slowReadDelimited(
  framing: SlowFraming,
  stream: Uint8Array,
  { ended, skips }: SlowTerms,
): SlowReading {
  if (framing.kind === 'delimited' && framing.options.resync !== undefined) {
    const terms = termsOf(framing);
    const searched = {
      marker: Array.from(terms.start),
      isChecked: framing.options.checksum !== undefined,
      limits: framing.options.resync,
      candidate: (bytes: Bytes, isFirst: boolean) => candidateOf(terms, bytes, isFirst),
      isFill: (bytes: Bytes) => isFill(framing, bytes),
    };
    return slowSearch(searched, stream, { ended, skips });
  }
  const bytes = Array.from(stream);
  const events: SlowEvent[] = [];
  let byteOffset = 0;
  for (let frameIndex = 0; ;) {
    const left = bytes.slice(byteOffset);
    const stop = (code: string | undefined, rest: Bytes): SlowReading => ({
      events,
      error: code === undefined ? undefined : { code, byteOffset, frameIndex },
      rest: toHex(Uint8Array.from(rest)),
    });
    if (left.length === 0) {
      return stop(undefined, []);
    }
    if (isFill(framing, left)) {
      return stop(undefined, ended ? [] : left);
    }
    const frame = frameOf(framing, left, frameIndex === 0);
    if (frame.kind === 'more') {
      return stop(ended ? 'ERR_FRAME_TRUNCATED' : undefined, left);
    }
    if (frame.kind === 'fatal') {
      return stop(frame.code, left);
    }
    if (frame.kind === 'value') {
      events.push({ kind: 'value', value: frame.value });
    }
    if (frame.kind === 'skippable') {
      if (!skips) {
        return stop(frame.code, left);
      }
      events.push({ kind: 'skip', code: frame.code, byteOffset, frameIndex });
      if (frame.length === undefined) {
        return stop(ended ? 'ERR_FRAME_TRUNCATED' : undefined, []);
      }
    }
    frameIndex += frame.kind === 'fill' ? 0 : 1;
    byteOffset += frame.length ?? 0;
  }
}

/** The bytes of a frame with this payload, even if decode would not give the same payload back. */
export function slowWriteDelimited(framing: SlowFraming, payload: Uint8Array): Uint8Array {
  switch (framing.kind) {
    case 'fixed':
      return payload;
    case 'cobs':
      return Uint8Array.of(...slowStuff(Array.from(payload)), 0);
    case 'lines':
      return Uint8Array.of(...payload, ...(framing.newline === 'lf' ? LF : CRLF));
    case 'delimited': {
      const { start = [], end, escape, checksum } = framing.options;
      const content = [...payload, ...(checksum?.compute(payload) ?? [])];
      const written = content.flatMap((byte) => {
        const map = mapsOf(escape).find(({ codes }) => Object.hasOwn(codes, byte));
        return map === undefined ? [byte] : [map.escape, map.codes[byte] ?? 0];
      });
      return Uint8Array.of(...start, ...written, ...end);
    }
  }
}

/**
 * The rule of the COBS paper: a block ends at each zero, and after 254 bytes that are not zero. At the end of
 * the payload, such a full block is not followed by an empty one.
 */
function slowStuff(plain: Bytes): number[] {
  const zero = plain.indexOf(0);
  const length = zero < 0 ? plain.length : zero;
  if (length >= 254) {
    const rest = plain.slice(254);
    return [255, ...plain.slice(0, 254), ...(rest.length === 0 ? [] : slowStuff(rest))];
  }
  const block = [length + 1, ...plain.slice(0, length)];
  return zero < 0 ? block : [...block, ...slowStuff(plain.slice(length + 1))];
}
