// How a length is written: fixed-width integers, LEB128 varints, or a field of yours.
// Reading is one switch over a small number instead of a method per format: the switch stays fast
// when one process uses many formats, a call through different objects does not (3 ns against 9).

import { UsageError } from '../errors.ts';

/** The names of the built-in formats: width in bits, byte order; `i32` is signed; varint is LEB128. */
export type LengthPrefix =
  | 'u8'
  | `${'u16' | 'u24' | 'u32' | 'u40' | 'u48' | 'u56' | 'u64' | 'i32'}${'be' | 'le'}`
  | 'varint';

/** A length format of yours. `read` sees the bytes that have come, so the result may only depend on them. */
export interface LengthField {
  /** The most bytes that a length takes. */
  readonly maxWidth: number;
  /** Set it when every length takes exactly `maxWidth` bytes; only then can `counts` include 'prefix'. */
  readonly fixed?: boolean;
  /** The largest length that it can write. Default 2^53-1. */
  readonly maxLength?: number;
  /**
   * Reads the length at `at`. Returns it with the number of bytes it took, or `undefined` when more
   * bytes are needed. Throw to refuse the bytes: it becomes ERR_PREFIX_MALFORMED.
   */
  read(bytes: Uint8Array, at: number): { length: number; width: number } | undefined;
  /** The bytes of a length. */
  write(length: number): Uint8Array;
}

/** What `readFixed` switches over: width times 2, plus 1 for little endian; signed ones behind. */
export type FixedKind = number;
const U32BE = 8;
const I32BE = 18;
const I32LE = 19;

export function isLittleEndian(kind: FixedKind): boolean {
  return (kind & 1) === 1;
}

export function isU32(kind: FixedKind): boolean {
  return kind >> 1 === U32BE >> 1;
}

/** A length format, ready to use. `kind` is set for fixed built-in ones only. */
export interface PrefixFormat {
  readonly name: string;
  /** 0 when the width varies or the field is the caller's. */
  readonly kind: FixedKind;
  /** Bytes that every length takes, or 0 when it varies. */
  readonly width: number;
  readonly maxWidth: number;
  readonly maxLength: number;
  readonly custom?: LengthField;
}

/** 32 bits in groups of 7: what other implementations send and accept. */
const VARINT_READ_WIDTH = 5;
/** 2^53-1 in groups of 7 bits. */
const VARINT_MAX_WIDTH = 8;

export function prefixFormat(prefix: LengthPrefix | LengthField): PrefixFormat {
  if (typeof prefix === 'object' && prefix !== null) return customFormat(prefix);
  const match = /^(?:(u)(8)|([ui])(16|24|32|40|48|56|64)(be|le))$/.exec(String(prefix));
  if (prefix === 'varint') {
    const maxLength = Number.MAX_SAFE_INTEGER;
    return { name: prefix, kind: 0, width: 0, maxWidth: VARINT_MAX_WIDTH, maxLength };
  }
  const width = Number(match?.[2] ?? match?.[4]) / 8;
  const signed = match?.[3] === 'i';
  if (match === null || (signed && width !== 4)) {
    throw new UsageError('ERR_OPTION', `prefix ${describe(prefix)} is not a length format.`, {
      hint: "Use 'u8', u16 … u64 or i32 with 'be' or 'le' behind it, 'varint', or a LengthField.",
    });
  }
  const little = match[5] === 'le';
  const kind = signed ? (little ? I32LE : I32BE) : width * 2 + (little ? 1 : 0);
  const maxLength = signed ? 2 ** 31 - 1 : Math.min(2 ** (8 * width) - 1, Number.MAX_SAFE_INTEGER);
  return { name: prefix, kind, width, maxWidth: width, maxLength };
}

function customFormat(field: LengthField): PrefixFormat {
  const { maxWidth, fixed = false, maxLength = Number.MAX_SAFE_INTEGER } = field;
  const usable =
    Number.isSafeInteger(maxWidth) &&
    maxWidth > 0 &&
    Number.isSafeInteger(maxLength) &&
    maxLength >= 0 &&
    typeof field.read === 'function' &&
    typeof field.write === 'function';
  if (!usable) {
    throw new UsageError('ERR_OPTION', 'prefix is an object but not a LengthField.', {
      hint: 'A LengthField has a positive maxWidth, read(bytes, at) and write(length).',
    });
  }
  const width = fixed ? maxWidth : 0;
  return { name: 'custom', kind: 0, width, maxWidth, maxLength, custom: field };
}

/**
 * Calls a field of the caller's and holds it to its word. What it throws passes through, and what it
 * should not have said becomes an error of the same kind.
 */
export function readCustom(
  field: LengthField,
  bytes: Uint8Array,
  at: number,
): { length: number; width: number } | undefined {
  const read = field.read(bytes, at);
  if (read === undefined) return undefined;
  const { length, width } = read;
  const most = Math.min(bytes.length - at, field.maxWidth);
  const least = field.fixed === true ? field.maxWidth : 1;
  if (!(Number.isSafeInteger(width) && width >= least && width <= most))
    throw new RangeError(`the width cannot be ${String(width)}`);
  if (typeof length !== 'number') throw new TypeError(`the length is a ${typeof length}`);
  return read;
}

function describe(value: unknown): string {
  return typeof value === 'string' ? `'${value}'` : String(value);
}

/** The number at `at`, of a fixed built-in format. Above 2^53 it is rounded, which the caller refuses. */
export function readFixed(kind: FixedKind, b: Uint8Array, at: number): number {
  switch (kind) {
    case 2:
    case 3:
      return byte(b, at);
    case 4:
      return (byte(b, at) << 8) | byte(b, at + 1);
    case 5:
      return byte(b, at) | (byte(b, at + 1) << 8);
    case 6:
      return (byte(b, at) << 16) | (byte(b, at + 1) << 8) | byte(b, at + 2);
    case 7:
      return byte(b, at) | (byte(b, at + 1) << 8) | (byte(b, at + 2) << 16);
    case U32BE:
      return read32be(b, at) >>> 0;
    case 9:
      return read32le(b, at) >>> 0;
    case I32BE:
      return read32be(b, at);
    case I32LE:
      return read32le(b, at);
    default:
      return readWide(kind, b, at);
  }
}

// An index past the end would read as 0; the callers check the bounds first.
function byte(b: Uint8Array, at: number): number {
  return b[at] ?? 0;
}

function read32be(b: Uint8Array, at: number): number {
  return (byte(b, at) << 24) | (byte(b, at + 1) << 16) | (byte(b, at + 2) << 8) | byte(b, at + 3);
}

function read32le(b: Uint8Array, at: number): number {
  return byte(b, at) | (byte(b, at + 1) << 8) | (byte(b, at + 2) << 16) | (byte(b, at + 3) << 24);
}

/** 5 to 8 bytes: past the 32 bits of the shift operators. */
function readWide(kind: FixedKind, b: Uint8Array, at: number): number {
  const width = kind >> 1;
  const little = isLittleEndian(kind);
  let value = 0;
  for (let i = 0; i < width; i++)
    value = value * 256 + byte(b, little ? at + width - 1 - i : at + i);
  return value;
}

/** Writes a fixed built-in length at `at` and returns the offset behind it. */
export function writeFixed(
  kind: FixedKind,
  length: number,
  target: Uint8Array,
  at: number,
): number {
  if (kind === U32BE) {
    target[at] = length >>> 24;
    target[at + 1] = length >>> 16;
    target[at + 2] = length >>> 8;
    target[at + 3] = length;
    return at + 4;
  }
  const width = kind >= I32BE ? 4 : kind >> 1;
  const little = isLittleEndian(kind);
  let rest = length;
  for (let i = 0; i < width; i++) {
    target[little ? at + i : at + width - 1 - i] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  return at + width;
}

/** Bytes that a varint of this value needs. */
export function varintWidth(value: number): number {
  let width = 1;
  for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) width++;
  return width;
}

export function writeVarint(value: number, target: Uint8Array, at: number): number {
  let offset = at;
  let rest = value;
  while (rest >= 128) {
    target[offset++] = (rest % 128) | 128;
    rest = Math.floor(rest / 128);
  }
  target[offset++] = rest;
  return offset;
}

/**
 * The most bytes that a varint may take where values up to `largest` are acceptable. A little more is
 * read than needed, so that a length which is merely too large is told from one that never ends.
 */
export function varintReadWidth(largest: number): number {
  return Math.min(VARINT_MAX_WIDTH, Math.max(VARINT_READ_WIDTH, varintWidth(largest)));
}

/** How many bytes the varint at `at` takes; 0 when its last byte is not before `stop`. */
export function varintWidthAt(b: Uint8Array, at: number, stop: number): number {
  for (let i = at; i < stop; i++) if (byte(b, i) < 128) return i - at + 1;
  return 0;
}

export function readVarint(b: Uint8Array, at: number, width: number): number {
  if (width === 1) return byte(b, at) & 127;
  if (width === 2) return (byte(b, at) & 127) | ((byte(b, at + 1) & 127) << 7);
  let value = 0;
  for (let i = width - 1; i >= 0; i--) value = value * 128 + (byte(b, at + i) & 127);
  return value;
}
