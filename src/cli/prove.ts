// `unstick prove`: whether a server's answers depend on where the bytes were cut.

import type { Command } from 'commander';
import { oneOf, refuse } from '../options.ts';
import type { FrameSpan } from '../prove/cut-points.ts';
import type { ServerReport, Verdict } from '../prove/evidence/report.ts';
import { reportToGithub, reportToJson, reportToJunit } from '../prove/evidence/report-formats.ts';
import { renderReport } from '../prove/evidence/report-text.ts';
import { PLAIN } from '../prove/trials/trial.ts';
import { PROVE_DEFAULTS } from '../prove/server/options.ts';
import type { ProveServerOptions } from '../prove/server/options.ts';
import { parseDialogue } from '../prove/dialogue/parse.ts';
import { proveServer } from '../prove/server/prove-server.ts';
import { formatSchedule } from '../schedule/schedule.ts';
import { EXITS, exitLine } from './exit-codes.ts';
import { frameSpans, parseFormat } from './frame-spans.ts';
import {
  checkStandardInput,
  quoteForShell,
  readBytes,
  readRequest,
  readSchedules,
  writeText,
} from './inputs.ts';
import { watchInterrupts } from './interrupt.ts';
import { addOptions } from './option-table.ts';
import { openProgress } from './progress.ts';
import { PROVE_OPTIONS } from './prove-options.ts';
import type { ProveFlags } from './prove-options.ts';
import { reachOf } from './reach.ts';

/** A verdict without an exit code does not compile; --help and docs/proving.md follow. */
export const EXIT_CODES: Readonly<Record<Verdict, number>> = {
  SAFE: EXITS.expected.code,
  BROKEN: EXITS.finding.code,
  INCONCLUSIVE: EXITS.inconclusive.code,
};

/** The flags, with the first word in its place. */
interface Given extends ProveFlags {
  readonly target: string | undefined;
}

function checked(target: string | undefined, flags: ProveFlags): Given {
  const { send = [], dialogue, expect } = flags;
  if (send.length === 0 && dialogue === undefined) {
    refuse('--send is missing.', 'Give a request that the program answers, or --dialogue.');
  }
  if (send.length > 0 && dialogue !== undefined) {
    refuse('--send and --dialogue exclude each other.', 'A dialogue holds the requests.');
  }
  checkStandardInput([...send, ...(expect === undefined ? [] : [expect])]);
  return { ...flags, target };
}

function toFresh({ fresh, spawn }: ProveFlags): 'connection' | 'process' | undefined {
  if (fresh === undefined || fresh === false) {
    return undefined;
  }
  if (fresh === true) {
    return spawn === undefined ? 'connection' : 'process';
  }
  return oneOf('--fresh', fresh, ['connection', 'process'] as const);
}

function toFrames(word: string, requests: readonly Uint8Array[]): readonly FrameSpan[] {
  return frameSpans(Buffer.concat(requests), parseFormat(word));
}

/** How the value of a flag is written on a command line; nothing for what only guided the search. */
const REPLAY_WORDS: Readonly<
  Partial<Record<keyof ProveFlags, (flags: Given) => readonly (string | number | undefined)[]>>
> = {
  to: ({ to, target }) => [target === undefined || to !== undefined ? to : undefined],
  stdio: ({ stdio }) => [stdio],
  tlsCa: ({ tlsCa }) => [tlsCa],
  tlsCert: ({ tlsCert }) => [tlsCert],
  tlsKey: ({ tlsKey }) => [tlsKey],
  tlsName: ({ tlsName }) => [tlsName],
  dialogue: ({ dialogue }) => [dialogue],
  spawn: ({ spawn }) => [spawn],
  ready: ({ ready }) => [ready instanceof RegExp ? ready.source : ready],
  send: ({ send = [] }) => send,
  expect: ({ expect }) => [expect],
  until: ({ until }) => [typeof until === 'object' ? `idle ${until.idle}ms` : until],
  normalize: ({ normalize }) => [normalize?.source],
  fresh: (flags) => [toFresh(flags)],
  frames: ({ frames }) => [frames],
  pause: ({ pause }) => [pause === undefined ? undefined : `${pause}ms`],
  patience: ({ patience }) => [patience === undefined ? undefined : `${patience}ms`],
};

/** Flags without a value that a replay needs. */
const SWITCHES = ['tls', 'insecure'] as const;

/** `tlsCa` as `--tls-ca`. */
function flagOf(name: string): string {
  return `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** The command that plays a schedule again. */
function replayCommand(flags: Given, report: ServerReport, file: string): string {
  const { repeat, connections, fin, lockstep } = report.failure?.sending ?? PLAIN;
  const words = Object.entries(REPLAY_WORDS).flatMap(([name, wordsOf]) =>
    wordsOf(flags).flatMap((word) => (word === undefined ? [] : [flagOf(name), String(word)])),
  );
  const times = repeat * (flags.repeat ?? PROVE_DEFAULTS.repeat);
  const sending = [
    ...(times > 1 ? ['--repeat', String(times)] : []),
    ...(connections > 1 ? ['--connections', String(connections)] : []),
    ...(fin === 'none' ? [] : ['--fin', fin]),
    ...(lockstep && flags.dialogue === undefined ? ['--lockstep'] : []),
    ...SWITCHES.flatMap((name) => (flags[name] === true ? [flagOf(name)] : [])),
  ];
  const target = flags.target === undefined ? [] : [flags.target];
  return ['npx', 'unstick', 'prove', ...target, ...words, ...sending, '--replay', file]
    .map(quoteForShell)
    .join(' ');
}

/** Writes the schedule of a failure, except where it came from a file; gives the line that replays it. */
function keepSchedule(report: ServerReport, flags: Given): string | undefined {
  if (report.failure === undefined) {
    return undefined;
  }
  if (flags.replay !== undefined && flags.out === undefined) {
    return replayCommand(flags, report, flags.replay);
  }
  const file = flags.out ?? `unstick-broken-${report.seed}.json`;
  writeText(file, formatSchedule(report.failure.schedule));
  return replayCommand(flags, report, file);
}

function print(report: ServerReport, flags: Given): void {
  const options = { replay: keepSchedule(report, flags) };
  if (flags.junit !== undefined) {
    writeText(flags.junit, reportToJunit(report, options));
  }
  const render =
    flags.json === true ? reportToJson : flags.github === true ? reportToGithub : renderReport;
  process.stdout.write(render(report, options));
}

/** What the flags mean to the library. Files are read here. */
function optionsOf(flags: Given): ProveServerOptions {
  const { target, expect, replay, dialogue, frames, fin, spawn } = flags;
  const { ready, lockstep, runs, time, seed, repeat, connections, until, normalize } = flags;
  const { pause, patience } = flags;
  const where = reachOf(target, flags);
  const send = dialogue === undefined ? (flags.send ?? []).map(readRequest) : undefined;
  const words = { ready, lockstep, runs, time, seed, repeat, connections, until, normalize };
  return {
    ...where,
    ...words,
    pause,
    patience,
    send,
    dialogue:
      dialogue === undefined
        ? undefined
        : parseDialogue(Buffer.from(readBytes(dialogue)).toString()),
    spawn: where.client === undefined ? spawn : undefined,
    replay: replay === undefined ? undefined : readSchedules(replay),
    expect: expect === undefined ? undefined : readRequest(expect),
    fin: fin === undefined ? undefined : oneOf('--fin', fin, ['none', 'joined', 'apart'] as const),
    fresh: toFresh(flags),
    frames: send === undefined || frames === undefined ? undefined : toFrames(frames, send),
  };
}

async function prove(target: string | undefined, given: ProveFlags): Promise<void> {
  const flags = checked(target, given);
  const options = optionsOf(flags);
  const interrupts = watchInterrupts();
  const progress = openProgress(process.stderr);
  try {
    const report = await proveServer({
      ...options,
      onProgress: progress.show,
      signal: interrupts.signal,
    });
    progress.clear();
    print(report, flags);
    process.exitCode = interrupts.signal.aborted
      ? EXITS.interrupted.code
      : EXIT_CODES[report.verdict];
  } finally {
    progress.clear();
    interrupts.stop();
  }
}

const HELP = `
${exitLine({ expected: 'SAFE', finding: 'BROKEN', inconclusive: 'INCONCLUSIVE', interrupted: EXITS.interrupted.means })}

Examples:
  unstick prove 127.0.0.1:9000 --send request.bin
  unstick prove :9000 --spawn "python3 server.py 9000" --send hex:00000005 68656c6c6f --frames u32be
  unstick prove :6379 --send "text:PING\\r\\n" --send "text:ECHO hi\\r\\n" --runs 1000 --seed 7
  unstick prove mail.example.org:465 --tls --dialogue mail.json
  unstick prove --stdio "node server.js" --send request.bin
  unstick prove client --spawn "node client.js {port}" --dialogue mail.json`;

/** Adds the command to the program. */
export function addProve(program: Command): void {
  const command = program
    .command('prove')
    .summary("prove that a server's answers do not depend on where the bytes were cut")
    .description(
      'Sends the requests whole, then cut and joined in many ways, and compares the answers.\nA schedule that breaks the server is made as small as possible and written to a file.',
    )
    .argument(
      '[target]',
      'the server, host:port or unix:PATH (:9000 is 127.0.0.1:9000), or the word client',
    )
    .addHelpText('after', HELP);
  addOptions(command, Object.values(PROVE_OPTIONS)).action(
    (target: string | undefined, flags: ProveFlags) => prove(target, flags),
  );
}
