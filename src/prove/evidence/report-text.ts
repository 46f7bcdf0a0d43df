// How a report reads: the verdict first, then the bytes with the cut drawn in them, what came back, and
// the line that replays it. Pure: text out of a value.

import { checkNames } from '../../options.ts';
import type { OptionNames } from '../../options.ts';
import { joinBytes } from '../../schedule/pieces.ts';
import { describeOps } from '../../schedule/schedule.ts';
import type { Schedule } from '../../schedule/schedule.ts';
import { printable } from '../../text.ts';
import type { Failure, ReportedAnswer, ServerReport } from './report.ts';
import type { FrameSpan } from '../cut-points.ts';
import { boundariesOf, departures } from './shrink.ts';

/** What only the caller knows. */
export interface RenderOptions {
  /** The command that plays the schedule again. */
  readonly replay?: string | undefined;
}

const BYTES_IN_LINE = 20;
/** Bytes shown on each side of a cut or a difference, where not everything fits. */
const MARGIN = 9;
/** Cuts that are drawn and named; the first ones tell the rest. */
const CUTS_SHOWN = 6;

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

function character(byte: number): string {
  return byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.';
}

/** Bytes in hex, and below them as text, with a bar before each offset in `marks`. */
function drawLine(bytes: Uint8Array, range: Range, marks: ReadonlySet<number>): readonly string[] {
  let hex = '';
  let text = '';
  for (let at = range.start; at < range.end; at++) {
    if (marks.has(at)) {
      hex += '│ ';
      text += '│ ';
    }
    const byte = bytes[at] ?? 0;
    hex += `${byte.toString(16).padStart(2, '0')} `;
    text += `${character(byte)}  `;
  }
  const place = `${range.start}`.padStart(8);
  return [`${place}  ${hex.trimEnd()}`, `${''.padStart(8)}  ${text.trimEnd()}`];
}

interface Range {
  readonly start: number;
  readonly end: number;
}

/** The lines around the places; everything where that is little. */
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

function draw(bytes: Uint8Array, places: readonly number[]): readonly string[] {
  const marks = new Set(places);
  const lines: string[] = [];
  let reached = 0;
  for (const range of rangesAround(places, bytes.length)) {
    if (range.start > reached) {
      lines.push('…'.padStart(8));
    }
    lines.push(...drawLine(bytes, range, marks));
    reached = range.end;
  }
  if (reached < bytes.length) {
    lines.push(`${'…'.padStart(8)}  (${bytes.length} bytes)`);
  }
  return lines;
}

/** Where in the frames an offset lies: "inside the length prefix of frame 1". Frames count from 0. */
export function nameCut(at: number, frames: readonly FrameSpan[]): string | undefined {
  const index = frames.findIndex(({ start, end }) => at >= start && at < end);
  const frame = frames[index];
  if (frame === undefined) {
    return undefined;
  }
  if (at === frame.start) {
    return `before frame ${index}`;
  }
  if (at < frame.payloadStart) {
    return `inside the length prefix of frame ${index}`;
  }
  if (at === frame.payloadStart) {
    return `between length prefix and payload of frame ${index}`;
  }
  return `inside the payload of frame ${index}`;
}

function inRequest(at: number, lengths: readonly number[]): string {
  if (lengths.length === 1) {
    return `byte ${at}`;
  }
  let start = 0;
  for (const [index, length] of lengths.entries()) {
    if (at < start + length) {
      return `byte ${at - start} of request ${index + 1}`;
    }
    start += length;
  }
  return `byte ${at}`;
}

function named(at: number, report: ServerReport): string {
  const lengths = report.requests.map(({ length }) => length);
  const name = nameCut(at, report.frames);
  return `${inRequest(at, lengths)}${name === undefined ? '' : `, ${name}`}`;
}

function whatIsCut(schedule: Schedule, report: ServerReport): readonly string[] {
  const lengths = report.requests.map(({ length }) => length);
  const { cuts, joins } = departures(schedule, lengths);
  const ends = lengths.map((_, index) => sum(lengths.slice(0, index + 1)));
  const lines = [
    ...cuts.slice(0, CUTS_SHOWN).map((at) => `  cut before ${named(at, report)}`),
    ...joins.slice(0, CUTS_SHOWN).map((at) => {
      const request = ends.indexOf(at) + 1;
      return `  request ${request} and request ${request + 1} joined`;
    }),
  ];
  const hidden = cuts.length + joins.length - lines.length;
  if (hidden > 0) {
    lines.push(`  and ${hidden} more`);
  }
  if (lines.length === 0) {
    lines.push('  every request whole, sent without waiting for its answer');
  }
  return lines;
}

function sum(lengths: readonly number[]): number {
  return lengths.reduce((total, length) => total + length, 0);
}

function describeAnswer(answer: ReportedAnswer, at: number): readonly string[] {
  const { bytes, end } = answer;
  const ends = {
    open: 'connection open',
    closed: 'then the server ended the connection',
    reset: 'then the connection was reset',
  };
  const count = bytes.length === 0 ? 'nothing' : plural(bytes.length, 'byte');
  return [`${count}, ${ends[end]}`, ...draw(bytes, at > 0 && at < bytes.length ? [at] : [])];
}

function describeFailure(failure: Failure, report: ServerReport): readonly string[] {
  const lengths = report.requests.map(({ length }) => length);
  const places = boundariesOf(failure.schedule, lengths).slice(0, 2 * CUTS_SHOWN);
  const [whole = '', ...wholeDrawn] = describeAnswer(failure.whole, failure.difference.at);
  const [cut = '', ...cutDrawn] = describeAnswer(failure.cut, failure.difference.at);
  return [
    '',
    'sent',
    ...draw(joinBytes(report.requests), places),
    ...whatIsCut(failure.schedule, report),
    '',
    `answer to the whole requests: ${whole}`,
    ...wholeDrawn,
    `answer to this schedule: ${cut}`,
    ...cutDrawn,
    ...(failure.serverEnding === undefined ? [] : [`the server ${failure.serverEnding}`]),
  ];
}

/** What was played, in words: how many schedules, and how many of them reached the server as planned. */
function describeCounts(report: ServerReport): string {
  const { exact, delayed, lost } = report.schedules;
  const parts = [
    `${exact} with exact boundaries`,
    ...(delayed > 0 ? [`${delayed} with boundaries by pauses`] : []),
    ...(lost > 0 ? [`${lost} with boundaries lost`] : []),
  ];
  if (exact + delayed + lost === 0) {
    return 'no schedule played';
  }
  return `${plural(exact + delayed + lost, 'schedule')} played: ${parts.join(', ')}`;
}

/** The first line: the verdict and what it rests on. */
export function headline(report: ServerReport): string {
  const { verdict, because, schedules, failure } = report;
  if (verdict === 'INCONCLUSIVE') {
    return `INCONCLUSIVE because ${because ?? 'of no known reason'}`;
  }
  if (verdict === 'BROKEN' && failure !== undefined) {
    const ops = describeOps(failure.schedule.ops.slice(0, CUTS_SHOWN));
    const more = failure.schedule.ops.length > CUTS_SHOWN ? ', …' : '';
    return `BROKEN by this schedule: ${ops}${more}`;
  }
  const counted = schedules.exact > 0 ? schedules.exact : schedules.delayed;
  return `SAFE after ${plural(counted, 'schedule')}${because === undefined ? '' : `, ${because}`}`;
}

/** The lines of a text, with nothing in them that a terminal would act on. */
export function shownLines(text: string): string {
  const options = { quotes: false, keepJoiners: true, maxLength: Infinity };
  return text
    .split('\n')
    .map((line) => printable(line, options))
    .join('\n');
}

const RENDER_NAMES = { replay: true } satisfies OptionNames<RenderOptions>;

/** The report for a terminal, with a newline at the end. */
export function renderReport(report: ServerReport, options: RenderOptions = {}): string {
  checkNames('renderReport', options, RENDER_NAMES);
  const { failure, target, seed, elapsed } = report;
  const confirmed =
    report.verdict === 'BROKEN' && failure !== undefined
      ? `, confirmed ${failure.confirmations} times`
      : '';
  const lines = [
    headline(report),
    `${target}, seed ${seed}, ${(elapsed / 1000).toFixed(1)} s; ${describeCounts(report)}${confirmed}`,
    ...(failure === undefined ? [] : describeFailure(failure, report)),
    ...(options.replay === undefined ? [] : ['', `replay: ${options.replay}`]),
  ];
  return `${shownLines(lines.join('\n'))}\n`;
}
