// Sections of every kind for the properties of lengthPrefixed(): fixed bytes, own bytes, checksums over any
// parts, and mixtures of them that do not contradict each other.

import * as fc from 'fast-check';
import type {
  Checksum,
  FramePart,
  FrameRange,
  SectionOption,
  SectionPiece,
} from '../../src/codec/sections.ts';
import { toHex } from './bytes.ts';
import type { PartName } from './slow-sections.ts';

/** Two bytes: the sum of the bytes, and their number. */
export const sumChecksum: Checksum = {
  length: 2,
  compute: (bytes) =>
    Uint8Array.of(
      bytes.reduce((sum, byte) => (sum + byte) % 256, 7),
      bytes.length % 256,
    ),
};

/** One byte: all bytes combined by XOR, and 0x5a. */
export const xorChecksum: Checksum = {
  length: 1,
  compute: (bytes) => Uint8Array.of(bytes.reduce((sum, byte) => sum ^ byte, 0x5a)),
};

const fixedPieces: fc.Arbitrary<SectionPiece> = fc
  .tuple(fc.uint8Array({ maxLength: 3 }), fc.boolean())
  .map(([bytes, isText]) => (isText && bytes.length > 0 ? toHex(bytes) : bytes));
export const plainPieces = fc.oneof(fixedPieces, fc.nat(3));
/** The parts that a checksum in each section may cover, so that no two checksums cover each other. */
const COVERED: Readonly<Record<PartName, readonly FramePart[]>> = {
  before: ['prefix', 'payload'],
  after: ['before', 'prefix', 'payload'],
  trailer: ['before', 'prefix', 'after', 'payload'],
};

/**
 * A checksum after `at` bytes of its section. It covers whole parts in any order, or some of these `at`
 * bytes.
 */
function checksumPieces(section: PartName, at: number): fc.Arbitrary<SectionPiece> {
  const algorithms = fc.constantFrom(sumChecksum, xorChecksum);
  const front: readonly FrameRange[] = at === 0 ? [] : [{ part: section, to: at }];
  const slice: readonly FrameRange[] = at < 2 ? [] : [{ part: section, from: 1, to: at }];
  const over = fc.shuffledSubarray([...COVERED[section], ...front, ...slice], { minLength: 1 });
  const pieces = fc
    .record({ checksum: algorithms, over, order: fc.constantFrom('be', 'le', undefined) })
    .filter(({ over: ranges }) => ranges.some(isNeverEmpty));
  return section === 'trailer' ? fc.oneof(pieces, algorithms) : pieces;
}

/** Whether a range is never empty. Of whole parts, only prefix and payload are in every format. */
function isNeverEmpty(range: FrameRange): boolean {
  return typeof range === 'object' || range === 'prefix' || range === 'payload';
}

function lengthOfPiece(piece: SectionPiece): number {
  if (typeof piece === 'number') {
    return piece;
  }
  return typeof piece === 'string' ? piece.length / 2 : lengthOf(piece);
}

function lengthOf(piece: Exclude<SectionPiece, number | string>): number {
  return 'checksum' in piece ? piece.checksum.length : piece.length;
}

/** Mixed sections: pieces, at most one checksum, and pieces. */
function mixed(section: PartName): fc.Arbitrary<SectionOption> {
  const lists = fc.array(plainPieces, { maxLength: 3 });
  return lists.chain((front) => {
    const at = front.reduce<number>((sum, one) => sum + lengthOfPiece(one), 0);
    const sums = fc.option(checksumPieces(section, at), { nil: undefined });
    return fc
      .tuple(sums, lists)
      .map(([sum, behind]) => [...front, ...(sum === undefined ? [] : [sum]), ...behind]);
  });
}

/** A section, or none. */
export function sectionsOf(section: PartName): fc.Arbitrary<SectionOption | undefined> {
  return fc.oneof(
    { weight: 3, arbitrary: fc.constant(undefined) },
    { weight: 2, arbitrary: fc.nat(4) },
    { weight: 2, arbitrary: fc.uint8Array({ maxLength: 4 }) },
    { weight: 3, arbitrary: mixed(section) },
  );
}
