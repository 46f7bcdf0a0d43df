// `unstick prove`: whether a server's answers depend on where the bytes were cut.

import type { Command } from 'commander';
import { oneOf, refuseValue } from '../options.ts';
import type { FrameSpan } from '../prove/cut-points.ts';
import type { ServerReport, Verdict } from '../prove/server/report.ts';
import { reportToJson, reportToJunit } from '../prove/server/report-formats.ts';
import { renderReport } from '../prove/server/report-text.ts';
import { proveServer } from '../prove/server/prove-server.ts';
import type { Until } from '../prove/server/options.ts';
import { formatSchedule } from '../schedule/schedule.ts';
import { frameSpans, parseFormat } from './frame-spans.ts';
import {
  parseCount,
  parsePattern,
  parseTime,
  quoteForShell,
  readBytes,
  readRequest,
  readSchedules,
  writeText,
} from './inputs.ts';
import { watchInterrupts } from './interrupt.ts';

interface ProveFlags {
  readonly to: string;
  readonly send: readonly string[];
  readonly spawn?: string;
  readonly runs?: number;
  readonly time?: number;
  readonly seed?: number;
  readonly replay?: string;
  readonly expect?: string;
  readonly until?: Until;
  readonly normalize?: RegExp;
  readonly fresh?: boolean | string;
  readonly frames?: string;
  readonly pause?: number;
  readonly patience?: number;
  readonly out?: string;
  readonly json?: boolean;
  readonly junit?: string;
}

/** A verdict without an exit code does not compile; --help and docs/proving.md follow. */
export const EXIT_CODES: Readonly<Record<Verdict, number>> = {
  SAFE: 0,
  BROKEN: 1,
  INCONCLUSIVE: 3,
};

function parseUntil(word: string): Until {
  if (word === 'same-length' || word === 'eof') {
    return word;
  }
  const time = /^idle[ =:]?(.*)$/.exec(word)?.[1];
  if (time === undefined) {
    return refuseValue('--until', 'one of same-length, eof, "idle 200ms"', word);
  }
  return { idle: parseTime(time) };
}

function toFresh(flags: ProveFlags): 'connection' | 'process' | undefined {
  const { fresh, spawn } = flags;
  if (fresh === undefined || fresh === false) {
    return undefined;
  }
  if (fresh === true) {
    return spawn === undefined ? 'connection' : 'process';
  }
  return oneOf('--fresh', fresh, ['connection', 'process'] as const);
}

function toFrames(word: string | undefined, requests: readonly Uint8Array[]): readonly FrameSpan[] {
  return word === undefined ? [] : frameSpans(Buffer.concat(requests), parseFormat(word));
}

/** The command that plays a schedule again: what it needs to know, and nothing that only guided the search. */
function replayCommand(flags: ProveFlags, file: string): string {
  const { to, spawn, send, expect, until, normalize, fresh, frames, pause } = flags;
  const words: string[] = ['--to', to];
  if (spawn !== undefined) {
    words.push('--spawn', spawn);
  }
  for (const request of send) {
    words.push('--send', request);
  }
  if (expect !== undefined) {
    words.push('--expect', expect);
  }
  if (until !== undefined) {
    words.push('--until', typeof until === 'object' ? `idle ${until.idle}ms` : until);
  }
  if (normalize !== undefined) {
    words.push('--normalize', normalize.source);
  }
  if (fresh !== undefined) {
    words.push('--fresh', toFresh(flags) ?? 'connection');
  }
  if (frames !== undefined) {
    words.push('--frames', frames);
  }
  if (pause !== undefined) {
    words.push('--pause', String(pause));
  }
  return ['npx', 'unstick', 'prove', ...words, '--replay', file].map(quoteForShell).join(' ');
}

/** Writes the schedule of a failure, except where it came from a file; gives the line that replays it. */
function keepSchedule(
  report: ServerReport,
  flags: ProveFlags,
  out: string | undefined,
): string | undefined {
  if (report.failure === undefined) {
    return undefined;
  }
  if (flags.replay !== undefined && out === undefined) {
    return replayCommand(flags, flags.replay);
  }
  const file = out ?? `unstick-broken-${report.seed}.json`;
  writeText(file, formatSchedule(report.failure.schedule));
  return replayCommand(flags, file);
}

async function prove(flags: ProveFlags): Promise<void> {
  const { expect, replay, frames, json, junit, out, ...rest } = flags;
  const send = flags.send.map(readRequest);
  const interrupts = watchInterrupts();
  try {
    const report = await proveServer({
      ...rest,
      send,
      replay: replay === undefined ? undefined : readSchedules(replay),
      expect: expect === undefined ? undefined : readBytes(expect),
      fresh: toFresh(flags),
      frames: toFrames(frames, send),
      signal: interrupts.signal,
    });
    const options = { replay: keepSchedule(report, flags, out) };
    if (junit !== undefined) {
      writeText(junit, reportToJunit(report, options));
    }
    process.stdout.write(
      json === true ? reportToJson(report, options) : renderReport(report, options),
    );
    process.exitCode = EXIT_CODES[report.verdict];
  } finally {
    interrupts.stop();
  }
}

const VERDICT_CODES = Object.entries(EXIT_CODES).map(([verdict, code]) => `${code} ${verdict}`);

const HELP = `
Exit code: ${VERDICT_CODES.join(', ')}, 2 wrong usage.

Examples:
  unstick prove --to 127.0.0.1:9000 --send request.bin
  unstick prove --to :9000 --spawn "python3 server.py 9000" --send hex:00000005 68656c6c6f --frames u32be
  unstick prove --to :6379 --send ping.txt --send ping.txt --runs 1000 --seed 7`;

/** Adds the command to the program. */
export function addProve(program: Command): void {
  program
    .command('prove')
    .summary("prove that a server's answers do not depend on where the bytes were cut")
    .description(
      'Sends the requests whole, then cut and joined in many ways, and compares the answers.\nA schedule that breaks the server is made as small as possible and written to a file.',
    )
    .requiredOption('--to <host:port>', 'the server')
    .requiredOption(
      '--send <file>',
      'a request: a file, - for standard input, or hex:… (repeatable; several are also joined)',
      (word, before: readonly string[] | undefined) => [...(before ?? []), word],
    )
    .option('--spawn <command>', 'start the server with this shell command, and end it afterwards')
    .option('--runs <n>', 'maximum number of schedules (200)', parseCount('--runs'))
    .option('--time <time>', 'time for playing schedules, such as 30s', parseTime)
    .option('--seed <n>', 'decides the random schedules', parseCount('--seed'))
    .option('--replay <file>', 'play the schedules of this file alone')
    .option('--expect <file>', 'what the server must answer to the whole requests')
    .option(
      '--until <when>',
      'an answer is complete at: same-length, eof, "idle 200ms"',
      parseUntil,
    )
    .option('--normalize <regex>', 'leave out of answers what matches', parsePattern)
    .option('--fresh [what]', 'a new connection or a new process for each schedule')
    .option(
      '--frames <format>',
      'name cuts by frames of this format, such as u32be, varint or kafka',
    )
    .option('--pause <time>', 'between pieces, where the receiver cannot be seen (20ms)', parseTime)
    .option('--patience <time>', 'how long a first answer may take (3s)', parseTime)
    .option('--out <file>', 'where a schedule that breaks the server is written')
    .option('--json', 'report as JSON')
    .option('--junit <file>', 'write the report as JUnit XML too')
    .addHelpText('after', HELP)
    .action((flags: ProveFlags) => prove(flags));
}
