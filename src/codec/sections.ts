// The sections of a frame are `before`, `after` and `trailer`. Each section is a row of pieces in the order
// of the wire. There are three kinds of piece: fixed bytes, which are the same in every frame, own bytes,
// which belong to the caller, and checksums, which are computed.
//
//   before: ['23 23', 3, xor8]       magic  23 23 00 00 00 00
//   ┌───────┬──────────┬──────┐      mask   1  1  0  0  0  0
//   │ fixed │ own      │ sum  │      own    from 2 to 5
//   └───────┴──────────┴──────┘      sums   from 5 to 6
//
// A value has the own bytes of a section as one Uint8Array, without the fixed bytes and checksums.

import { checkNames, oneOf, refuse, refuseValue, whole } from '../options.ts';
import type { OptionNames } from '../options.ts';
import { allocateLike } from './allocate.ts';
import type { Bytes } from './byte-types.ts';
import { isBytes } from './bytes.ts';
import { DESCRIBED_HINT } from './described.ts';
import { fromHex } from './hex.ts';

export type SectionName = 'before' | 'after' | 'trailer';
/** Part of a frame, in the order of the wire: before, prefix, after, payload, trailer. */
export type FramePart = SectionName | 'prefix' | 'payload';

/** A checksum algorithm. Encode writes the checksum of some bytes of a frame, and decode verifies it. */
export interface Checksum {
  /** Length of the checksum in bytes. */
  readonly length: number;
  /** Computes the checksum of the bytes. Must return `length` bytes. */
  compute(bytes: Uint8Array): Uint8Array;
}

/**
 * A whole part of a frame, or the bytes `from` up to `to` of a part, counted from the start of the part.
 * Without `from` the range begins at 0, and without `to` it ends at the end of the part.
 */
export type FrameRange =
  | FramePart
  | {
      readonly part: FramePart;
      readonly from?: number | undefined;
      readonly to?: number | undefined;
    };

/** A checksum as a piece of a section, with the bytes that it covers. */
export interface ChecksumPiece {
  /** Algorithm: an export such as CRC_16_MODBUS or xor8, or a custom one. */
  readonly checksum: Checksum;
  /**
   * Bytes that the checksum covers, in the order in which the algorithm gets them. An empty list, and a list
   * that contains the checksum itself, throw ERR_OPTION. Default: every byte of the frame in front of the
   * checksum.
   */
  readonly over?: readonly FrameRange[] | undefined;
  /** Order of the bytes of the stored value. 'le' reverses them. Default 'be'. */
  readonly order?: 'be' | 'le' | undefined;
}

/**
 * A piece of a section. A number means that many bytes of the caller. A Uint8Array or hex digits ('23 23') are
 * fixed bytes. A Checksum alone covers every byte of the frame in front of it.
 */
export type SectionPiece = number | string | Uint8Array | Checksum | ChecksumPiece;
/** One piece, or several pieces in the order of the wire. */
export type SectionOption = SectionPiece | readonly SectionPiece[];

/** The bytes `from` up to `to` of a section, counted from its start. */
export interface Run {
  readonly from: number;
  readonly to: number;
}

/**
 * A checksum and its place in a section. `over` is still as in the options; checksum-layout.ts resolves it.
 */
export interface SumRun extends Run {
  readonly checksum: Checksum;
  readonly over: readonly FrameRange[] | undefined;
  readonly reversed: boolean;
}

/** A checked section. The picture at the top of this file shows one. */
export interface Section {
  readonly name: SectionName;
  readonly length: number;
  /** Number of bytes that belong to the caller. */
  readonly ownLength: number;
  /** Ranges of the section that hold the bytes of the caller. */
  readonly own: readonly Run[];
  /** The fixed bytes, with zeros for all other bytes. `undefined` if the section has no fixed bytes. */
  readonly magic: Uint8Array | undefined;
  /**
   * 1 for each fixed byte of `magic`, and 0 for each other byte. It is `undefined` if all bytes are fixed, or
   * none.
   */
  readonly mask: Uint8Array | undefined;
  readonly sums: readonly SumRun[];
}

/**
 * Maximum length in bytes of a section that has both fixed and other bytes: `magic` and `mask` each take as
 * much memory.
 */
const MAX_MIXED_LENGTH = 65_536;
const SUM_NAMES = { checksum: true, over: true, order: true } satisfies OptionNames<ChecksumPiece>;

type Piece =
  | { readonly kind: 'own'; readonly length: number }
  | { readonly kind: 'fixed'; readonly length: number; readonly bytes: Uint8Array }
  | { readonly kind: 'sum'; readonly length: number; readonly sum: ChecksumPiece };

/**
 * Checks one of `before`, `after`, `trailer` and makes its section. Throws UsageError ERR_OPTION for a wrong
 * piece.
 */
export function resolveSection(name: SectionName, given: unknown): Section {
  const pieces = piecesOf(name, given).filter((one) => one.length > 0);
  const placed: (Piece & Run)[] = [];
  let length = 0;
  for (const piece of pieces) {
    placed.push({ ...piece, from: length, to: length + piece.length });
    length += piece.length;
  }
  whole(`The length of ${name}`, length);
  const own = runsOf(placed);
  const isMixed = placed.some(isFixed) && !placed.every(isFixed);
  if (isMixed && length > MAX_MIXED_LENGTH) {
    refuse(
      `${name} has ${length} bytes, but a section with fixed and other bytes has at most ${MAX_MIXED_LENGTH}.`,
    );
  }
  return Object.freeze({
    name,
    length,
    ownLength: own.reduce((sum, { from, to }) => sum + to - from, 0),
    own,
    magic: placed.some(isFixed) ? magicOf(placed, length) : undefined,
    mask: isMixed ? maskOf(placed, length) : undefined,
    sums: placed.flatMap((one) => (one.kind === 'sum' ? [sumRun(one)] : [])),
  });
}

function piecesOf(name: SectionName, given: unknown): Piece[] {
  if (given === undefined) {
    return [];
  }
  const list: readonly unknown[] | undefined = Array.isArray(given) ? given : undefined;
  return list === undefined
    ? [pieceOf(name, given)]
    : list.map((one, index) => pieceOf(`${name}[${index}]`, one));
}

function pieceOf(name: string, given: unknown): Piece {
  if (typeof given === 'number' && Number.isSafeInteger(given) && given >= 0) {
    return { kind: 'own', length: given };
  }
  const bytes = typeof given === 'string' ? fromHex(name, given) : given;
  if (isBytes(bytes)) {
    // Copy the fixed bytes: a caller that overwrites them must not change the codec.
    return { kind: 'fixed', length: bytes.length, bytes: Uint8Array.from(bytes) };
  }
  if (typeof given === 'object' && given !== null && !Array.isArray(given)) {
    return sumPiece(name, given);
  }
  return refuseValue(name, WANTED, given);
}

const WANTED = {
  what: 'a whole number of bytes, or fixed bytes, or a checksum',
  hint: "Fixed bytes are a Uint8Array, or hex digits such as '0d 0a'.",
};

function sumPiece(name: string, given: object): Piece {
  if (isChecksum(given)) {
    return { kind: 'sum', length: sumLength(name, given), sum: { checksum: given } };
  }
  if (!isSumPiece(given)) {
    return refuse(
      `${name} is an object without compute().`,
      `A checksum is { length, compute(bytes) }, or { checksum, over } with such a checksum. ${DESCRIBED_HINT}`,
    );
  }
  checkNames(name, given, SUM_NAMES);
  oneOf(`${name}.order`, given.order ?? 'be', ['be', 'le']);
  return { kind: 'sum', length: sumLength(name, given.checksum), sum: given };
}

export function isChecksum(given: unknown): given is Checksum {
  return (
    typeof given === 'object' &&
    given !== null &&
    'compute' in given &&
    typeof given.compute === 'function'
  );
}

function isSumPiece(given: object): given is ChecksumPiece {
  return 'checksum' in given && isChecksum(given.checksum);
}

function sumLength(name: string, { length }: Checksum): number {
  return whole(`${name}.length`, length, { min: 1 });
}

function isFixed({ kind }: Piece): boolean {
  return kind === 'fixed';
}

/**
 * Returns the ranges of the own bytes. Neighbouring pieces become one run, so that a value can be a view of
 * the run.
 */
function runsOf(placed: readonly (Piece & Run)[]): readonly Run[] {
  const runs: { from: number; to: number }[] = [];
  for (const { from, to } of placed.filter(({ kind }) => kind === 'own')) {
    const last = runs.at(-1);
    if (last?.to === from) {
      last.to = to;
    } else {
      runs.push({ from, to });
    }
  }
  return runs;
}

function magicOf(placed: readonly (Piece & Run)[], length: number): Uint8Array {
  const magic = new Uint8Array(length);
  for (const one of placed) {
    if (one.kind === 'fixed') {
      magic.set(one.bytes, one.from);
    }
  }
  return magic;
}

function maskOf(placed: readonly (Piece & Run)[], length: number): Uint8Array {
  const mask = new Uint8Array(length);
  for (const one of placed) {
    mask.fill(isFixed(one) ? 1 : 0, one.from, one.to);
  }
  return mask;
}

function sumRun({ from, to, sum }: Extract<Piece, { kind: 'sum' }> & Run): SumRun {
  const { checksum, over, order } = sum;
  return { from, to, checksum, over: over?.slice(), reversed: order === 'le' };
}

/**
 * Returns whether `byte` may stand at `index` of a section. Where the section has no fixed byte, any byte may
 * stand.
 */
export function isRight(
  { magic, mask }: Section,
  index: number,
  byte: number | undefined,
): boolean {
  return byte === magic?.[index] || mask?.[index] === 0;
}

/** Returns whether the fixed bytes of a whole section are right. */
export function fixedBytesHold(section: Section, bytes: Uint8Array): boolean {
  return section.magic === undefined || bytes.every((byte, i) => isRight(section, i, byte));
}

/** Returns the own bytes of a whole section: a view if they lie together, otherwise a joined copy. */
export function ownBytesOf(section: Section, bytes: Bytes): Bytes;
export function ownBytesOf(section: Section, bytes: Uint8Array): Uint8Array;
export function ownBytesOf({ own, ownLength }: Section, bytes: Uint8Array): Uint8Array {
  const [first] = own;
  if (first !== undefined && own.length === 1) {
    return bytes.subarray(first.from, first.to);
  }
  const joined = allocateLike(bytes, ownLength);
  let at = 0;
  for (const { from, to } of own) {
    joined.set(bytes.subarray(from, to), at);
    at += to - from;
  }
  return joined;
}
