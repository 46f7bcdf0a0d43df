// Sections and checksums for the oracle of lengthPrefixed(): what each byte of a section is, and which bytes
// a checksum covers. It is slow and obvious on purpose, and has no code of src.

import type {
  Checksum,
  FramePart,
  FrameRange,
  SectionOption,
  SectionPiece,
} from '../../src/codec/sections.ts';

export type PartName = 'before' | 'after' | 'trailer';
export const PART_NAMES: readonly PartName[] = ['before', 'after', 'trailer'];
const ALL_PARTS: readonly FramePart[] = ['before', 'prefix', 'after', 'payload', 'trailer'];

/**
 * What one byte of a section is: a fixed value, chosen by the caller (`own`), or part of a checksum (`sum`).
 */
export type SlowByte = number | 'own' | 'sum';

export interface SlowSum {
  readonly section: PartName;
  readonly at: number;
  readonly checksum: Checksum;
  readonly order: 'be' | 'le';
  readonly over: readonly FrameRange[];
}

export interface SlowSection {
  readonly bytes: readonly SlowByte[];
  readonly sums: readonly SlowSum[];
}

/** The bytes of each part of one frame. */
export type SlowParts = Readonly<Record<FramePart, readonly number[]>>;

export function slowSection(section: PartName, given: SectionOption | undefined): SlowSection {
  const bytes: SlowByte[] = [];
  const sums: SlowSum[] = [];
  for (const piece of piecesOf(given)) {
    if (typeof piece === 'number') {
      bytes.push(...Array.from({ length: piece }, () => 'own' as const));
    } else if (typeof piece === 'string') {
      bytes.push(...Buffer.from(piece.replaceAll(' ', ''), 'hex'));
    } else if (piece instanceof Uint8Array) {
      bytes.push(...piece);
    } else {
      const one = 'compute' in piece ? { checksum: piece } : piece;
      const { checksum, order = 'be' } = one;
      const at = bytes.length;
      sums.push({ section, at, checksum, order, over: one.over ?? inFront(section, at) });
      bytes.push(...Array.from({ length: checksum.length }, () => 'sum' as const));
    }
  }
  return { bytes, sums };
}

function piecesOf(given: SectionOption | undefined): readonly SectionPiece[] {
  if (given === undefined) {
    return [];
  }
  return isList(given) ? given : [given];
}

function isList(given: SectionOption): given is readonly SectionPiece[] {
  return Array.isArray(given);
}

function inFront(section: PartName, at: number): readonly FrameRange[] {
  const parts = ALL_PARTS.slice(0, ALL_PARTS.indexOf(section));
  return [...parts, { part: section, from: 0, to: at }];
}

/** Whether a section may begin with these bytes: the fixed bytes that have come are right. */
export function fits({ bytes }: SlowSection, come: readonly number[]): boolean {
  return bytes.every((one, i) => typeof one !== 'number' || [one, undefined].includes(come[i]));
}

/** The bytes of a section that the caller chooses. */
export function ownOf({ bytes }: SlowSection, whole: readonly number[]): readonly number[] {
  return whole.filter((_, i) => bytes[i] === 'own');
}

export function ownLength({ bytes }: SlowSection): number {
  return bytes.filter((one) => one === 'own').length;
}

/** The bytes of the section with these bytes of the caller, and with zeros in place of checksums. */
export function filled({ bytes }: SlowSection, own: readonly number[]): number[] {
  const left = [...own];
  return bytes.map(
    (one) => (typeof one === 'number' ? one : one === 'own' ? left.shift() : 0) ?? 0,
  );
}

/** Whether a checksum can be checked once the head of the frame has come, before the payload. */
export function isHeadSum({ section, over }: SlowSum, lengths: Record<PartName, number>): boolean {
  const parts = over.filter((range) => !isEmpty(range, lengths)).map(partOf);
  return section !== 'trailer' && !parts.includes('payload') && !parts.includes('trailer');
}

function isEmpty(range: FrameRange, lengths: Record<PartName, number>): boolean {
  const part = partOf(range);
  const length = part === 'payload' || part === 'prefix' ? 1 : lengths[part];
  return typeof range === 'string' ? length === 0 : (range.to ?? length) === (range.from ?? 0);
}

function partOf(range: FrameRange): FramePart {
  return typeof range === 'string' ? range : range.part;
}

function sumOf({ checksum, order, over }: SlowSum, parts: SlowParts): number[] {
  const covered = over.flatMap((range) =>
    typeof range === 'string' ? parts[range] : parts[range.part].slice(range.from, range.to),
  );
  const bytes = Array.from(checksum.compute(Uint8Array.from(covered)));
  return order === 'le' ? bytes.toReversed() : bytes;
}

export function sumHolds(sum: SlowSum, parts: SlowParts): boolean {
  return sumOf(sum, parts).every((byte, i) => parts[sum.section][sum.at + i] === byte);
}

/** Computes all checksums so often that each is right even if checksums cover other checksums. */
export function withSums(sums: readonly SlowSum[], parts: SlowParts): SlowParts {
  const written: Record<FramePart, number[]> = {
    before: [...parts.before],
    prefix: [...parts.prefix],
    after: [...parts.after],
    payload: [...parts.payload],
    trailer: [...parts.trailer],
  };
  for (let round = 0; round <= sums.length; round++) {
    for (const one of sums) {
      written[one.section].splice(one.at, one.checksum.length, ...sumOf(one, written));
    }
  }
  return written;
}
