// The command `unstick prove`: whether a server's answers depend on where the bytes were cut.

import type { Command } from 'commander';
import { oneOf, refuse } from '../options.ts';
import type { FrameSpan } from '../prove/cut-points.ts';
import type { ServerReport, Verdict } from '../prove/evidence/report.ts';
import {
  reportsToJson,
  reportsToJunit,
  reportToGithub,
  reportToJson,
} from '../prove/evidence/report-formats.ts';
import type { Told } from '../prove/evidence/report-formats.ts';
import { printable } from '../text.ts';
import { renderReport } from '../prove/evidence/report-text.ts';
import type { ProveServerOptions } from '../prove/server/options.ts';
import { proveServer } from '../prove/server/prove-server.ts';
import { formatSchedule } from '../schedule/schedule.ts';
import { COMMAND_EXITS, EXITS } from './exit-codes.ts';
import { frameSpans } from './frame-spans.ts';
import { importSpots, parseSpots } from './frame-words.ts';
import { helpText } from './help.ts';
import {
  checkStandardInput,
  readDialogue,
  readRequest,
  readSchedules,
  writeText,
} from './inputs.ts';
import { watchInterrupts } from './interrupt.ts';
import { addOptions } from './option-table.ts';
import { printRaw } from './print.ts';
import { openProgress } from './progress.ts';
import { PROVE_OPTIONS } from './prove-options.ts';
import { withGuess } from './prove-guess.ts';
import type { ProveFlags } from './prove-options.ts';
import { reachOf } from './reach.ts';
import { replayCommand, toFresh } from './replay-command.ts';
import type { Given } from './replay-command.ts';
import { hasColours, inTone } from './style.ts';
import type { Tone } from './style.ts';
import { readTargets } from './target-file.ts';

/** Exit code of each verdict. A verdict without an exit code does not compile. */
export const EXIT_CODES: Readonly<Record<Verdict, number>> = {
  SAFE: EXITS.expected.code,
  BROKEN: EXITS.finding.code,
  INCONCLUSIVE: EXITS.inconclusive.code,
};

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

/** Returns the places of the frames in the requests, if a flag says how they are framed. */
async function toFrames(
  { frames, codec }: ProveFlags,
  requests: readonly Uint8Array[],
): Promise<readonly FrameSpan[] | undefined> {
  if (frames !== undefined && codec !== undefined) {
    refuse('--frames and --codec exclude each other.', 'Both say how the requests are framed.');
  }
  const stream = Buffer.concat(requests);
  if (codec !== undefined) {
    return frameSpans(stream, await importSpots(codec));
  }
  return frames === undefined ? undefined : frameSpans(stream, parseSpots(frames, '--frames'));
}

/**
 * Writes the schedule of a failure to a file, and returns the command line that replays it. A schedule that
 * came from a file is written only if --out is given.
 */
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

function print(told: readonly Told[], { targets, json, junit, github }: ProveFlags): void {
  if (junit !== undefined) {
    writeText(junit, reportsToJunit(told));
  }
  printRaw(rendered(told, { isList: targets !== undefined, json, github }));
}

function rendered(
  told: readonly Told[],
  {
    isList,
    json,
    github,
  }: { isList: boolean; json?: boolean | undefined; github?: boolean | undefined },
): string {
  const [first] = told;
  if (json === true) {
    return isList || first === undefined
      ? reportsToJson(told)
      : reportToJson(first.report, { replay: first.replay });
  }
  if (github === true) {
    return told.map(({ report, replay }) => reportToGithub(report, { replay })).join('');
  }
  const texts = told.map(({ name, report, replay }) => {
    const text = coloured(renderReport(report, { replay }), report.verdict);
    return isList ? `== ${printable(name, { quotes: false })}\n${text}` : text;
  });
  return isList ? `${texts.join('\n')}\n${summary(told)}\n` : texts.join('');
}

const TONES: Readonly<Record<Verdict, Tone>> = {
  SAFE: 'good',
  BROKEN: 'bad',
  INCONCLUSIVE: 'doubt',
};

/** Returns the report with its first word, the verdict, in colour. */
function coloured(text: string, verdict: Verdict): string {
  return hasColours(process.stdout) && text.startsWith(verdict)
    ? `${inTone(verdict, TONES[verdict])}${text.slice(verdict.length)}`
    : text;
}

/** Returns a summary such as `3 targets: 2 SAFE, 1 BROKEN`. */
function summary(told: readonly Told[]): string {
  const counts = Object.keys(EXIT_CODES).flatMap((verdict) => {
    const count = told.filter(({ report }) => report.verdict === verdict).length;
    return count === 0 ? [] : [`${count} ${verdict}`];
  });
  return `${told.length} ${told.length === 1 ? 'target' : 'targets'}: ${counts.join(', ')}`;
}

/**
 * Turns the flags into options of the library, with the requests that they name. Other files are read here,
 * too.
 */
async function optionsOf(
  flags: Given,
  send: readonly Uint8Array[] | undefined,
): Promise<ProveServerOptions> {
  const { expect, replay, dialogue, fin, spawn } = flags;
  const where = reachOf(flags);
  return {
    ...wordsOf(flags),
    ...where,
    send,
    dialogue: dialogue === undefined ? undefined : readDialogue(dialogue),
    spawn: where.client === undefined ? spawn : undefined,
    replay: replay === undefined ? undefined : readSchedules(replay),
    expect: expect === undefined ? undefined : readRequest(expect),
    fin: fin === undefined ? undefined : oneOf('--fin', fin, ['none', 'joined', 'apart'] as const),
    fresh: toFresh(flags),
    frames: send === undefined ? undefined : await toFrames(flags, send),
  };
}

/** Returns the flags that the library takes unchanged: all except those that this program reads itself. */
function wordsOf({
  target: _target,
  targets: _targets,
  to: _to,
  stdio: _stdio,
  tls: _tls,
  tlsCa: _tlsCa,
  tlsCert: _tlsCert,
  tlsKey: _tlsKey,
  tlsName: _tlsName,
  insecure: _insecure,
  send: _send,
  dialogue: _dialogue,
  spawn: _spawn,
  replay: _replay,
  expect: _expect,
  frames: _frames,
  codec: _codec,
  guess: _guess,
  fin: _fin,
  fresh: _fresh,
  out: _out,
  json: _json,
  junit: _junit,
  github: _github,
  ...words
}: Given): Pick<ProveServerOptions, keyof typeof words> {
  return words;
}

/** One of the programs to prove. */
interface Named {
  readonly name: string;
  readonly flags: Given;
}

/** Returns the programs that the command line or its file of targets names. */
function targetsOf(target: string | undefined, flags: ProveFlags): readonly Named[] {
  if (flags.targets === undefined) {
    const given = checked(target, flags);
    return [{ name: 'target', flags: given }];
  }
  const { targets, json: _json, junit: _junit, github: _github, ...others } = flags;
  if (target !== undefined || Object.keys(others).length > 0) {
    refuse(
      '--targets stands alone, but for --json, --junit and --github.',
      'The file has the rest.',
    );
  }
  return readTargets(targets).map(({ name, target: word, flags: own }) => ({
    name,
    flags: checked(word, own),
  }));
}

/**
 * Returns the exit code of the worst verdict. BROKEN is worse than INCONCLUSIVE, and INCONCLUSIVE is worse
 * than SAFE.
 */
function exitCode(reports: readonly ServerReport[]): number {
  const verdicts = reports.map(({ verdict }) => verdict);
  const worst =
    verdicts.find((each) => each === 'BROKEN') ?? verdicts.find((each) => each !== 'SAFE');
  return EXIT_CODES[worst ?? 'SAFE'];
}

async function prove(target: string | undefined, given: ProveFlags): Promise<void> {
  const named = await Promise.all(
    targetsOf(target, given).map(async ({ name, flags: words }) => {
      // Read the requests only once: standard input gives its bytes only once.
      const send = words.dialogue === undefined ? (words.send ?? []).map(readRequest) : undefined;
      const flags = await withGuess(words, send ?? []);
      return { name, flags, options: await optionsOf(flags, send) };
    }),
  );
  const interrupts = watchInterrupts();
  const progress = openProgress(process.stderr);
  const told: Told[] = [];
  try {
    for (const { name, flags, options } of named) {
      const { show: onProgress } = progress;
      const report = await proveServer({ ...options, onProgress, signal: interrupts.signal });
      progress.clear();
      told.push({ name, report, replay: keepSchedule(report, flags) });
      if (interrupts.signal.aborted) {
        break;
      }
    }
    print(told, given);
    process.exitCode = interrupts.signal.aborted
      ? EXITS.interrupted.code
      : exitCode(told.map(({ report }) => report));
  } finally {
    progress.clear();
    interrupts.stop();
  }
}

const HELP = helpText({
  exits: COMMAND_EXITS.prove,
  examples: [
    'unstick prove 127.0.0.1:9000 --send request.bin',
    'unstick prove :9000 --spawn "python3 server.py 9000" --send hex:00000005 68656c6c6f --frames u32be',
    'unstick prove :9000 --send request.bin --guess trace.pcap',
    'unstick prove :502 --send hex:000100000006 11 03006b0003 --frames u16be@4+6',
    'unstick prove :6379 --send "text:PING\\r\\n" --send "text:ECHO hi\\r\\n" --runs 1000 --seed 7',
    'unstick prove mail.example.org:465 --tls --dialogue mail.json',
    'unstick prove --stdio "node server.js" --send request.bin',
    'unstick prove client --spawn "node client.js {port}" --dialogue mail.json',
  ],
});

/** Adds the command to the program. */
export function addProve(program: Command): void {
  const command = program
    .command('prove')
    .summary("prove that a server's answers do not depend on where the bytes were cut")
    .description(
      'Sends the requests whole, then cut and joined in many ways, and compares the answers. A schedule that breaks the server is made as small as possible and written to a file.',
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
