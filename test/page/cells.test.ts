// The cells of the ruler and of the hex view: frames above, pieces below.

import { describe, expect, test } from 'vitest';
import { cellsOf, hexLines } from '../../src/page/cells.ts';
import type { Cell } from '../../src/page/cells.ts';
import type { Detail, FrameDetail } from '../../src/trace/rows.ts';
import type { Inspection } from '../../src/trace/inspection.ts';
import { hex } from '../support/bytes.ts';
import { inspectionOf, say } from '../trace/tracing.ts';

function detailOf(inspection: Inspection, id: number): Detail {
  const detail = inspection.detail(id);
  if (detail === undefined) {
    throw new Error(`no row ${id}`);
  }
  return detail;
}

function frameOf(detail: Detail): FrameDetail {
  const own = detail.around.find(({ row }) => row.id === detail.row.id);
  if (own === undefined || !('bytes' in own)) {
    throw new Error('no frame');
  }
  return own;
}

/** A row of cells as text: `|3` where piece 3 begins, the first letter of the part, the digits. */
function drawn(cells: readonly Cell[]): string {
  return cells
    .map((cell) => {
      const part = cell.part.slice(0, 1);
      if (cell.kind === 'more') {
        return `${part}+${cell.count}(${cell.cuts})`;
      }
      return `${cell.piece === undefined ? '' : `|${cell.piece} `}${part}${cell.digits ?? '··'}`;
    })
    .join(' ');
}

describe('the ruler', () => {
  test('has frames above and pieces below, as the terminal has', () => {
    const inspection = inspectionOf('u32be');
    say(inspection, [hex('0000'), hex('0005 68656c'), hex('6c6f 00000002 68'), hex('69')]);
    const groups = cellsOf(detailOf(inspection, 1));
    expect(groups.map((group) => (group.kind === 'frame' ? drawn(group.cells) : ''))).toEqual([
      '|0 h00 h00 |1 h00 h05 p68 p65 p6c |2 p6c p6f',
      'h00 h00 h00 h02 p68 |3 p69',
    ]);
    expect(groups.map(({ isSelected }) => isSelected)).toEqual([false, true]);
  });

  test('draws dots for a payload that is not kept, and counts the rest', () => {
    const inspection = inspectionOf('u8', { showsPayload: false });
    say(inspection, [hex('c8 + 61*100'), hex('61*100'), hex('02 6161')]);
    const [long, short] = cellsOf(detailOf(inspection, 0));
    expect(long?.kind === 'frame' ? drawn(long.cells) : '').toBe(
      '|0 hc8 p·· p·· p·· p·· p·· p·· p+194(1)',
    );
    expect(short?.kind === 'frame' ? drawn(short.cells) : '').toBe('|2 h02 p·· p··');
  });

  test('leaves bytes of neighbours out before those of the frame itself', () => {
    const inspection = inspectionOf('u8');
    say(inspection, [hex('3f + 61*63'), hex('3f + 62*63')]);
    const [one, other] = cellsOf(detailOf(inspection, 0));
    expect(one?.kind === 'frame' ? one.cells.length : 0).toBe(64);
    expect(other?.kind === 'frame' ? drawn(other.cells.slice(-1)) : '').toBe('p+40(0)');
  });

  test('names gaps and errors in their place', () => {
    const inspection = inspectionOf('u32be');
    say(inspection, [hex('00000001 61'), hex('7fffffff')], { how: 'fin' });
    const groups = cellsOf(detailOf(inspection, 1));
    expect(groups.map((group) => (group.kind === 'other' ? group.row.kind : 'frame'))).toEqual([
      'frame',
      'error',
      'gap',
    ]);
  });
});

describe('the hex view', () => {
  test('has the part of each byte, and offsets of the stream', () => {
    const inspection = inspectionOf('{"codec":"netstrings"}');
    say(inspection, [new TextEncoder().encode('2:hi,3:hey,')]);
    const [line, ...others] = hexLines(frameOf(detailOf(inspection, 1)), 4);
    expect(line?.offset).toBe(5);
    expect(line?.bytes.map(({ glyph, part }) => `${part} ${glyph}`)).toEqual([
      'head 3',
      'head :',
      'payload h',
      'payload e',
    ]);
    expect(others.map(({ offset }) => offset)).toEqual([9]);
  });

  test('shows no character but those of ASCII that can be seen', () => {
    const inspection = inspectionOf('u8');
    say(inspection, [hex('08 1b 5b 00 7f e2 80 ae 3c')]);
    const [line] = hexLines(frameOf(detailOf(inspection, 0)), 16);
    expect(line?.bytes.map(({ glyph }) => glyph).join('')).toBe('··[·····<');
  });
});
