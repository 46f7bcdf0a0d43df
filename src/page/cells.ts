// The bytes around a frame as cells of the ruler: what is above each byte (its frame), and below (its piece).
// This file is pure.
//
//   #0              #1            frames: head, payload, tail
//   00 00 00 05 68  00 00 00 02
//   ▔▔▔▔▔ ▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔ ▔▔▔▔▔
//   0     1               2       pieces

import type { FramePart } from '../inspect/lines.ts';
import type { Detail, FrameDetail, OtherRow } from '../trace/rows.ts';

export interface ByteCell {
  readonly kind: 'byte';
  readonly part: FramePart;
  /** The byte as two digits of hex. `undefined` for a byte that is not kept. */
  readonly digits: string | undefined;
  /** Number of the piece that begins with this byte. */
  readonly piece: number | undefined;
  /** Whether the number of the piece is odd. Neighbouring pieces differ in colour. */
  readonly isOdd: boolean;
}

/** A cell that stands for bytes of a frame that are left out. */
export interface MoreCell {
  readonly kind: 'more';
  readonly part: FramePart;
  readonly count: number;
  /** Number of pieces that end among the bytes that are left out. */
  readonly cuts: number;
  readonly isOdd: boolean;
}

export type Cell = ByteCell | MoreCell;

export interface FrameCells {
  readonly kind: 'frame';
  readonly id: number;
  readonly frame: number;
  readonly isSelected: boolean;
  readonly cells: readonly Cell[];
}

export interface OtherCells {
  readonly kind: 'other';
  readonly id: number;
  readonly isSelected: boolean;
  readonly row: OtherRow;
}

/** Maximum number of kept bytes that the ruler shows of the selected frame, and of each neighbour. */
const SELECTED_CELLS = 64;
const NEAR_CELLS = 24;
/** Maximum number of bytes behind the kept ones that are drawn without their digits. */
const HIDDEN_CELLS = 6;

/** Returns the digits of a hex text in pairs. */
export function pairs(hex: string): readonly string[] {
  return hex.match(/../g) ?? [];
}

/** Returns the part of a frame to which the byte at an offset belongs. */
export function partOf({ head, payload }: FrameDetail['row'], offset: number): FramePart {
  return offset < head ? 'head' : offset < head + payload ? 'payload' : 'tail';
}

/** Returns the cells of a detail, frame by frame. */
export function cellsOf({ row, around }: Detail): readonly (FrameCells | OtherCells)[] {
  return around.map((one) => {
    const isSelected = one.row.id === row.id;
    if (!('bytes' in one)) {
      return { kind: 'other', id: one.row.id, isSelected, row: one.row };
    }
    const { id, frame } = one.row;
    const most = isSelected ? SELECTED_CELLS : NEAR_CELLS;
    return { kind: 'frame', id, frame, isSelected, cells: frameCells(one, most) };
  });
}

function frameCells(detail: FrameDetail, most: number): readonly Cell[] {
  const { row, bytes, cuts } = detail;
  const digits = pairs(bytes);
  const known = Math.min(digits.length, most);
  // If only a few bytes of a frame would be left out, show the whole frame.
  const hidden = digits.length > most ? 0 : HIDDEN_CELLS;
  const drawn = row.length - known <= hidden ? row.length : known + hidden;
  const cells: Cell[] = [];
  for (let offset = 0; offset < Math.min(drawn, row.length); offset++) {
    const passed = cuts.filter((cut) => cut <= offset).length;
    const piece = row.pieces[0] + passed;
    const isStart = offset === 0 ? !row.isSticky : cuts.includes(offset);
    cells.push({
      kind: 'byte',
      part: partOf(row, offset),
      digits: digits[offset],
      piece: isStart ? piece : undefined,
      isOdd: piece % 2 === 1,
    });
  }
  if (drawn < row.length) {
    cells.push({
      kind: 'more',
      part: partOf(row, drawn),
      count: row.length - drawn,
      cuts: cuts.filter((cut) => cut >= drawn).length,
      isOdd: row.pieces[1] % 2 === 1,
    });
  }
  return cells;
}

/** A line of the hex view. */
export interface HexLine {
  readonly offset: number;
  readonly bytes: readonly {
    readonly digits: string;
    readonly glyph: string;
    readonly part: FramePart;
    readonly at: number;
  }[];
}

/** Returns the bytes of a frame in lines. */
export function hexLines({ row, bytes }: FrameDetail, width: number): readonly HexLine[] {
  const lines: HexLine[] = [];
  const all = pairs(bytes);
  for (let at = 0; at < all.length; at += width) {
    const line = all.slice(at, at + width).map((digits, i) => ({
      digits,
      glyph: glyphOf(Number.parseInt(digits, 16)),
      part: partOf(row, at + i),
      at: at + i,
    }));
    lines.push({ offset: row.offset + at, bytes: line });
  }
  return lines;
}

/**
 * Returns a byte as a character of printable ASCII, or as a dot. No other character is shown, because a
 * remote chooses the bytes.
 */
function glyphOf(byte: number): string {
  return byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '·';
}
