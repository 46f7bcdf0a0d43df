// Draws bytes as lines for a terminal: hex, and the same bytes as text below, with a bar at each cut or
// difference. This file is pure.

interface Range {
  readonly start: number;
  readonly end: number;
}

const BYTES_IN_LINE = 20;
/**
 * Number of bytes that are shown on each side of a difference, or of a cut in more than 60 bytes. Up to 60
 * bytes are shown whole.
 */
const MARGIN = 9;
const PLACE_WIDTH = 8;

function character(byte: number): string {
  return byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.';
}

/** Draws bytes in hex, and below them as text, with a bar before each offset in `marks`. */
function drawRange(
  bytes: Uint8Array,
  range: Range,
  marks: ReadonlySet<number>,
): readonly [string, string] {
  let hex = '';
  let text = '';
  for (let at = range.start; at < range.end; at++) {
    if (marks.has(at)) {
      hex += '│ ';
      text += '│ ';
    }
    const byte = bytes[at];
    hex += byte === undefined ? '' : `${byte.toString(16).padStart(2, '0')} `;
    text += byte === undefined ? '' : `${character(byte)}  `;
  }
  return [hex.trimEnd(), text.trimEnd()];
}

/** Returns the ranges of bytes around the places, one range for each line. Up to 60 bytes are shown whole. */
function rangesAround(places: readonly number[], length: number): readonly Range[] {
  const ranges: Range[] = [];
  const wanted = length <= 3 * BYTES_IN_LINE ? [{ start: 0, end: length }] : [];
  for (const place of places) {
    wanted.push({ start: Math.max(0, place - MARGIN), end: Math.min(length, place + MARGIN) });
  }
  for (const { start, end } of wanted) {
    const from = Math.max(start, ranges.at(-1)?.end ?? 0);
    for (let at = from; at < end; at += BYTES_IN_LINE) {
      ranges.push({ start: at, end: Math.min(end, at + BYTES_IN_LINE) });
    }
  }
  return ranges;
}

/**
 * Draws bytes with a bar before each place. If there are more than 60 bytes, only the bytes around the places
 * are drawn.
 */
export function draw(bytes: Uint8Array, places: readonly number[]): readonly string[] {
  const marks = new Set(places);
  const lines: string[] = [];
  let reached = 0;
  for (const range of rangesAround(places, bytes.length)) {
    if (range.start > reached) {
      lines.push('…'.padStart(PLACE_WIDTH));
    }
    const [hex, text] = drawRange(bytes, range, marks);
    lines.push(`${`${range.start}`.padStart(PLACE_WIDTH)}  ${hex}`);
    lines.push(`${''.padStart(PLACE_WIDTH)}  ${text}`);
    reached = range.end;
  }
  if (reached < bytes.length) {
    lines.push(`${'…'.padStart(PLACE_WIDTH)}  (${bytes.length} bytes)`);
  }
  return lines;
}

/** Draws the first 60 bytes. */
export function drawStart(bytes: Uint8Array): readonly string[] {
  const shown = bytes.subarray(0, 3 * BYTES_IN_LINE);
  const lines = [...draw(shown, [])];
  if (shown.length < bytes.length) {
    lines.push(`${'…'.padStart(PLACE_WIDTH)}  (${bytes.length} bytes)`);
  }
  return lines;
}

/** Bytes with a name. */
export interface NamedBytes {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/**
 * Draws several byte strings below each other. Of each it shows the bytes around `at`, with a bar at `at`,
 * where the strings begin to differ.
 */
export function drawDifference(rows: readonly NamedBytes[], at: number): readonly string[] {
  const start = Math.max(0, at - MARGIN);
  const range = { start, end: at + MARGIN };
  const width = Math.max(...rows.map(({ name }) => name.length));
  return rows.flatMap(({ name, bytes }) => {
    const [hex, text] = drawRange(bytes, range, new Set([at]));
    const end = bytes.length < range.end ? ' (end)' : '';
    return [`  ${name.padEnd(width)}  ${hex}${end}`, `  ${''.padEnd(width)}  ${text}`];
  });
}
