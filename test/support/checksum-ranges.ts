// Sections whose checksums cover another part of the prefix.

import type { LengthField } from '../../src/codec/length-field.ts';
import type { LengthPrefix } from '../../src/codec/prefixes.ts';
import type { FrameRange, SectionOption, SectionPiece } from '../../src/codec/sections.ts';
import { isVarint, WIDTHS } from './slow-frames.ts';

type Range = NonNullable<Extract<SectionPiece, { over?: unknown }>['over']>[number];

export function isFixed(prefix: LengthPrefix | LengthField): boolean {
  return typeof prefix === 'string' ? !isVarint(prefix) : prefix.fixed === true;
}

/** The checksums cover the end of a prefix of fixed width only, instead of all of it. */
export function coveringPrefixEnd(
  section: SectionOption | undefined,
  prefix: LengthPrefix | LengthField,
): SectionOption | undefined {
  const width = typeof prefix === 'string' ? WIDTHS[prefix] : prefix.maxWidth;
  if (width === undefined || width < 2 || !isFixed(prefix)) {
    return section;
  }
  const end: FrameRange = { part: 'prefix', from: 1, to: width };
  return covering(section, (range) => (range === 'prefix' ? end : range));
}

/** The checksums cover all of the prefix, instead of a part of it. */
export function coveringPrefix(section: SectionOption | undefined): SectionOption | undefined {
  return covering(section, (range) =>
    typeof range === 'object' && range.part === 'prefix' ? 'prefix' : range,
  );
}

function covering(
  section: SectionOption | undefined,
  change: (range: Range) => Range,
): SectionOption | undefined {
  if (!isList(section)) {
    return section;
  }
  return section.map((piece) =>
    typeof piece === 'object' && 'over' in piece
      ? { ...piece, over: piece.over?.map(change) }
      : piece,
  );
}

function isList(section: SectionOption | undefined): section is readonly SectionPiece[] {
  return Array.isArray(section);
}
