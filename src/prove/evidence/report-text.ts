// Makes the report as text. The verdict comes first, then the counts and the warnings. Then comes the answer
// on which the verdict rests, or for a failure the bytes with the cuts drawn in them, and the wrong answer.
// Then come the table of what was tried, and the command that replays the failure. This file is pure.

import { checkNames } from '../../options.ts';
import type { OptionNames } from '../../options.ts';
import { joinBytes } from '../../schedule/pieces.ts';
import { describeOps } from '../../schedule/schedule.ts';
import { printable } from '../../text.ts';
import { boundariesOf, departures } from '../trials/departures.ts';
import { repeated } from '../trials/trial.ts';
import type { Sending } from '../trials/trial.ts';
import type { FrameSpan } from '../cut-points.ts';
import { draw, drawDifference, drawStart } from './draw.ts';
import type { Failure, ReportedAnswer, ServerReport } from './report.ts';
import type { ScheduleCounts } from './tally.ts';
import { describeTried } from './tried-text.ts';
import type { Varying } from './baselines.ts';

/** Facts for the report that only the caller knows. */
export interface RenderOptions {
  /**
   * Command that plays the broken schedule again, for a line of the report. Default: the report has no such
   * line.
   */
  readonly replay?: string | undefined;
}

/**
 * Maximum number of cuts, of joins and of ops that are named in the text. Up to twice as many boundaries are
 * drawn.
 */
const CUTS_SHOWN = 6;

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/**
 * Names an offset by its frame, such as "inside the length prefix of frame 1". Frames count from 0. Returns
 * `undefined` outside of frames.
 */
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

/** Returns the requests, repeated as often as the failure was played with them. */
function requestsOf({ sending }: Failure, report: ServerReport): readonly Uint8Array[] {
  return repeated(report.requests, sending.repeat);
}

function whatIsCut(failure: Failure, report: ServerReport): readonly string[] {
  const lengths = requestsOf(failure, report).map(({ length }) => length);
  const { cuts, joins } = departures(failure.schedule, lengths);
  const ends = new Map<number, number>();
  let total = 0;
  for (const [index, length] of lengths.entries()) {
    ends.set((total += length), index + 1);
  }
  const lines = [
    ...cuts.slice(0, CUTS_SHOWN).map(({ at, delay }) => {
      const name = nameCut(at, report.frames);
      const place = `${inRequest(at, lengths)}${name === undefined ? '' : `, ${name}`}`;
      return `  cut before ${place}${delay > 0 ? `, and ${delay} ms of silence` : ''}`;
    }),
    ...joins.slice(0, CUTS_SHOWN).map((at) => {
      const request = ends.get(at) ?? 0;
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
  return [...lines, ...howSent(failure.sending)];
}

/**
 * Returns a line for each way in which the sending was not plain. A FIN after the whole answer ('late') gets no
 * line.
 */
function howSent({ repeat, connections, fin, lockstep }: Sending): readonly string[] {
  const fins = {
    none: [],
    late: [],
    apart: ['  FIN right behind the last byte'],
    joined: ['  FIN together with the last byte'],
  };
  return [
    ...(repeat > 1 ? [`  the requests ${repeat} times on the connection`] : []),
    ...(connections > 1 ? [`  on ${connections} connections at once`] : []),
    ...fins[fin],
    ...(lockstep ? ['  each request when the request before it was answered'] : []),
  ];
}

function describeAnswer({ bytes, end }: ReportedAnswer, { subject }: ServerReport): string {
  const ends = {
    open: 'connection open',
    closed: `then the ${subject} ended the connection`,
    reset: 'then the connection was reset',
  };
  return `${bytes.length === 0 ? 'nothing' : plural(bytes.length, 'byte')}, ${ends[end]}`;
}

function describeFailure(failure: Failure, report: ServerReport): readonly string[] {
  const requests = requestsOf(failure, report);
  const lengths = requests.map(({ length }) => length);
  const places = boundariesOf(failure.schedule, lengths).slice(0, 2 * CUTS_SHOWN);
  const { whole, cut, other, difference, serverEnding } = failure;
  const rows = [
    { name: 'whole', bytes: whole.bytes },
    { name: 'cut', bytes: cut.bytes },
    ...(other === undefined ? [] : [{ name: 'cut again', bytes: other.bytes }]),
  ];
  return [
    '',
    'sent',
    ...draw(joinBytes(requests), places),
    ...whatIsCut(failure, report),
    '',
    `answer to the whole requests: ${describeAnswer(whole, report)}`,
    `answer to this schedule: ${describeAnswer(cut, report)}`,
    ...(other === undefined ? [] : ['the wrong answers are not always the same; here are two']),
    `from byte ${difference.at} on they differ`,
    ...drawDifference(rows, difference.at),
    ...(serverEnding === undefined ? [] : [`the server ${serverEnding}`]),
  ];
}

function describeVarying({ one, other, at }: Varying, report: ServerReport): readonly string[] {
  const rows = [
    { name: 'one answer', bytes: one.bytes },
    { name: 'another', bytes: other.bytes },
  ];
  return [
    '',
    `one answer: ${describeAnswer(one, report)}`,
    `another: ${describeAnswer(other, report)}`,
    `from byte ${at} on they differ`,
    ...drawDifference(rows, at),
  ];
}

/**
 * Returns the line with the number of schedules that were played, what ended the playing, and how the
 * boundaries were kept.
 */
function describeCounts(report: ServerReport): string {
  const { exact, delayed, lost } = report.evidence;
  const played = sum(report.schedules);
  const uncut = played - sum(report.evidence);
  const parts = [
    `${exact} with exact boundaries`,
    ...(delayed > 0 ? [`${delayed} with boundaries by pauses`] : []),
    ...(lost > 0 ? [`${lost} with boundaries lost`] : []),
    ...(uncut > 0 ? [`${uncut} without a cut inside a request`] : []),
  ];
  if (played === 0) {
    return 'no schedule played';
  }
  const ends = {
    all: ', all that these bytes allow',
    runs: ', as many as --runs allows',
    time: ', as many as --time allows',
    failure: '',
    reason: '',
  };
  const count = plural(played, 'schedule');
  return `${count} played${ends[report.endedBy]}: ${parts.join(', ')}`;
}

function sum({ exact, delayed, lost }: ScheduleCounts): number {
  return exact + delayed + lost;
}

/** Returns the first line: the verdict, and on what it rests. */
export function headline(report: ServerReport): string {
  const { verdict, because, evidence, failure } = report;
  if (verdict === 'INCONCLUSIVE') {
    return `INCONCLUSIVE because ${because ?? 'of no known reason'}`;
  }
  if (verdict === 'BROKEN' && failure !== undefined) {
    const ops = describeOps(failure.schedule.ops.slice(0, CUTS_SHOWN));
    const more = failure.schedule.ops.length > CUTS_SHOWN ? ', …' : '';
    return `BROKEN by this schedule: ${ops}${more}`;
  }
  const counted = evidence.exact > 0 ? evidence.exact : evidence.delayed;
  return `SAFE after ${plural(counted, 'cut schedule')}${because === undefined ? '' : `, ${because}`}`;
}

/** Returns the lines of a text, with everything escaped on which a terminal would act. */
export function shownLines(text: string): string {
  const options = { quotes: false, keepJoiners: true, maxLength: Infinity };
  return text
    .split('\n')
    .map((line) => printable(line, options))
    .join('\n');
}

function describeConfirmations({ verdict, failure }: ServerReport): string {
  if (verdict !== 'BROKEN' || failure === undefined) {
    return '';
  }
  const { confirmations, runs } = failure;
  const times =
    runs === confirmations ? `${confirmations} times` : `${confirmations} of ${runs} times`;
  return `, confirmed ${times} in the same way`;
}

const RENDER_NAMES = { replay: true } satisfies OptionNames<RenderOptions>;

/** Returns the report for a terminal, with a newline at the end. */
export function renderReport(report: ServerReport, options: RenderOptions = {}): string {
  checkNames('renderReport', options, RENDER_NAMES);
  const { failure, varying, answer, target, seed, elapsed, warnings } = report;
  const isAnswerShown = failure === undefined && varying === undefined && answer !== undefined;
  const lines = [
    headline(report),
    `${target}, seed ${seed}, ${(elapsed / 1000).toFixed(1)} s; ${describeCounts(report)}${describeConfirmations(report)}`,
    ...warnings.map((warning) => `warning: ${warning}`),
    ...(failure === undefined ? [] : describeFailure(failure, report)),
    ...(varying === undefined ? [] : describeVarying(varying, report)),
    ...(isAnswerShown
      ? [
          '',
          `answer to the whole requests: ${describeAnswer(answer, report)}`,
          ...drawStart(answer.bytes),
        ]
      : []),
    ...(report.verdict === 'BROKEN' ? [] : describeTried(report.tried)),
    ...(options.replay === undefined ? [] : ['', `replay: ${options.replay}`]),
  ];
  return `${shownLines(lines.join('\n'))}\n`;
}
