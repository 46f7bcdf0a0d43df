// Draws rows of messages and chunks over the same bytes. A place in the stream is in the same column of all
// rows. The picture is not to scale: a run of bytes gets at least the columns that its labels need.
//
//   messages  ┌ node --help ──────────────┐┌ v20.20.2 ┐
//   chunks    └ 1,024 ┘└ 1,024 ┘└ 19,464 ─────────────┘
//
// The first row holds the messages and sets the colours. In all rows a byte has the colour of its message.

import { endsOf } from './ends.ts';
import type { Segment } from './ends.ts';
import { columnsOf, NAME_COLUMNS, pad, paint } from '../../support/ink.ts';
import type { Style } from '../../support/ink.ts';

export interface Row {
  readonly name: string;
  readonly segments: readonly Segment[];
}

/** A run of bytes between two ends, so that no row divides it. */
interface Run {
  readonly start: number;
  readonly end: number;
  columns: number;
}

const HUES: readonly Style[] = ['cyan', 'yellow', 'magenta', 'green', 'blue'];
/** Columns of the corners, and of the blanks around a label. */
const FRAME_COLUMNS = 4;

export function draw(rows: readonly Row[], width: number): string[] {
  const runs = layOut(rows, width - NAME_COLUMNS - 2);
  const owners = runs.map((run) => ownerOf(rows[0]?.segments ?? [], run.start));
  return rows.map((row, index) => {
    const line = drawRow(row, runs, index === 0 ? '┌┐' : '└┘');
    return `  ${pad(row.name, NAME_COLUMNS)}${colour(line, runs, owners)}`;
  });
}

/** Gives every run its columns. */
function layOut(rows: readonly Row[], room: number): Run[] {
  const ends = new Set(rows.flatMap((row) => endsOf(lengthsOf(row.segments))));
  const runs: Run[] = [];
  for (const end of [...ends].sort((a, b) => a - b)) {
    runs.push({ start: runs.at(-1)?.end ?? 0, end, columns: 1 });
  }
  for (const { segments } of rows) {
    widen(segments, runs);
  }
  const spare = room - runs.reduce((sum, run) => sum + run.columns, 0);
  const total = runs.at(-1)?.end ?? 1;
  for (const run of runs) {
    run.columns += Math.max(0, Math.floor((spare * (run.end - run.start)) / total));
  }
  return runs;
}

/** Makes room for the labels, in the longest run of each segment. */
function widen(segments: readonly Segment[], runs: readonly Run[]): void {
  let start = 0;
  for (const { length, label } of segments) {
    const own = within(runs, start, start + length);
    const has = own.reduce((sum, run) => sum + run.columns, 0);
    const [longest] = own.toSorted((a, b) => b.end - b.start - (a.end - a.start));
    if (longest !== undefined) {
      longest.columns += Math.max(0, columnsOf(label) + FRAME_COLUMNS - has);
    }
    start += length;
  }
}

function drawRow(row: Row, runs: readonly Run[], corners: string): string {
  const [left = '', right = ''] = corners;
  let start = 0;
  return row.segments
    .map(({ length, label }) => {
      const own = within(runs, start, start + length);
      const columns = own.reduce((sum, run) => sum + run.columns, 0);
      start += length;
      const text = `${left} ${label} `;
      return `${text}${'─'.repeat(Math.max(0, columns - 1 - columnsOf(text)))}${right}`;
    })
    .join('');
}

function colour(line: string, runs: readonly Run[], owners: readonly number[]): string {
  const characters = Array.from(line);
  let done = 0;
  let end = 0;
  return runs
    .map(({ columns }, index) => {
      end += columns;
      let text = '';
      while (done < end && characters.length > 0) {
        const character = characters.shift() ?? '';
        text += character;
        done += columnsOf(character);
      }
      const hue = HUES[(owners[index] ?? 0) % HUES.length];
      return hue === undefined ? text : paint(hue, text);
    })
    .join('');
}

function lengthsOf(segments: readonly Segment[]): number[] {
  return segments.map(({ length }) => length);
}

function within(runs: readonly Run[], start: number, end: number): Run[] {
  return runs.filter((run) => run.start >= start && run.end <= end);
}

/** Which segment the byte at `place` is in. */
function ownerOf(segments: readonly Segment[], place: number): number {
  const index = endsOf(lengthsOf(segments)).findIndex((end) => place < end);
  return index < 0 ? segments.length : index;
}
