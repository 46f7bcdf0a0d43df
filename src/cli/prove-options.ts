// The options of `unstick prove`, in one table. The flags, --help with its defaults and the table in
// docs/proving.md are made of it.

import { refuseValue } from '../options.ts';
import { PROVE_DEFAULTS } from '../prove/server/options.ts';
import type { Until } from '../prove/server/options.ts';
import { FRAMES_WORDS } from './frame-words.ts';
import { parseCount, parsePattern } from './inputs.ts';
import type { OptionRow } from './option-table.ts';
import { parseTime } from './units.ts';

/** The flags in the form in which commander gives them. */
export interface ProveFlags {
  readonly targets?: string;
  readonly to?: string;
  readonly stdio?: string;
  readonly tls?: boolean;
  readonly tlsCa?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly tlsName?: string;
  readonly insecure?: boolean;
  readonly send?: readonly string[];
  readonly dialogue?: string;
  readonly spawn?: string;
  readonly ready?: RegExp | 'connect' | 'answer';
  readonly fresh?: boolean | string;
  readonly lockstep?: boolean;
  readonly runs?: number;
  readonly time?: number;
  readonly seed?: number;
  readonly replay?: string;
  readonly repeat?: number;
  readonly connections?: number;
  readonly fin?: string;
  readonly jobs?: number;
  readonly expect?: string;
  readonly until?: Until;
  readonly normalize?: RegExp;
  readonly frames?: string;
  readonly codec?: string;
  readonly guess?: string | boolean | undefined;
  readonly pause?: number;
  readonly patience?: number;
  readonly out?: string;
  readonly json?: boolean;
  readonly junit?: string;
  readonly github?: boolean;
}

/** Writes a time in the form that the command line takes. */
function timeWord(ms: number): string {
  return ms % 1000 === 0 ? `${ms / 1000}s` : `${ms}ms`;
}

function parseUntil(word: string): Until {
  if (word === 'same-length' || word === 'eof') {
    return word;
  }
  const time = /^idle[ =:]?(.*)$/.exec(word)?.[1];
  return time === undefined
    ? refuseValue('--until', 'one of same-length, eof, "idle 200ms"', word)
    : { idle: parseTime(time, '--until idle') };
}

function parseReady(word: string): RegExp | 'connect' | 'answer' {
  return word === 'connect' || word === 'answer' ? word : parsePattern(word);
}

export const PROVE_OPTIONS: Readonly<Record<keyof ProveFlags, OptionRow>> = {
  to: {
    flags: '--to <address>',
    does: 'the server, host:port or unix:PATH; the same as the first word',
  },
  targets: {
    flags: '--targets <file>',
    does: 'prove each program of this file, one after another; their options stand in it',
  },
  stdio: {
    flags: '--stdio <command>',
    does: 'instead of an address: shell command that reads requests from its standard input and answers on its standard output, a new process for each connection',
  },
  tls: {
    flags: '--tls',
    does: 'speak TLS to the server, as each of the next five options does too',
    preset: 'off',
  },
  tlsCa: {
    flags: '--tls-ca <file>',
    does: 'certificates in PEM, one of which signed that of the server',
  },
  tlsCert: { flags: '--tls-cert <file>', does: 'certificate in PEM that the prover shows' },
  tlsKey: { flags: '--tls-key <file>', does: 'key of that certificate in PEM' },
  tlsName: {
    flags: '--tls-name <name>',
    does: 'name or address that the certificate of the server must have',
    preset: 'the host',
  },
  insecure: { flags: '--insecure', does: 'accept any certificate', preset: 'off' },
  send: {
    flags: '--send <request>',
    does: 'a whole request: a file, - for standard input, hex:…, or text:… with \\r \\n \\xNN; several are sent in order',
    repeatable: true,
  },
  dialogue: {
    flags: '--dialogue <file>',
    does: 'instead of --send: a script of both sides, as unstick record writes it',
  },
  spawn: {
    flags: '--spawn <command>',
    does: 'shell command that starts the server, or the client with {port} in it; its process group is ended afterwards',
  },
  ready: {
    flags: '--ready <when>',
    does: 'when a spawned server has started: connect (it listens), answer (its answers no longer change), or a regular expression (it listens, and its output matches)',
    preset: PROVE_DEFAULTS.ready,
    parse: parseReady,
  },
  fresh: {
    flags: '--fresh [what]',
    does: 'what is new for each schedule: connection or process; --fresh alone means process with --spawn, otherwise connection',
    preset: PROVE_DEFAULTS.fresh,
  },
  lockstep: {
    flags: '--lockstep',
    does: 'send each request when the one before it is answered, and cut inside requests only; a dialogue always does',
    preset: 'off',
  },
  runs: {
    flags: '--runs <n>',
    does: 'maximum number of schedules',
    preset: String(PROVE_DEFAULTS.runs),
    parse: parseCount,
  },
  time: {
    flags: '--time <time>',
    does: 'time for playing; confirming and shrinking add 20s or a little more',
    preset: timeWord(PROVE_DEFAULTS.time),
    parse: parseTime,
  },
  seed: {
    flags: '--seed <n>',
    does: 'seed of the random schedules',
    preset: 'a new one',
    parse: parseCount,
  },
  replay: { flags: '--replay <file>', does: 'schedules to play, and no others' },
  repeat: {
    flags: '--repeat <n>',
    does: 'number of times that the requests are sent on each connection',
    preset: String(PROVE_DEFAULTS.repeat),
    parse: parseCount,
  },
  connections: {
    flags: '--connections <n>',
    does: 'with --replay: number of connections that play at once',
    preset: String(PROVE_DEFAULTS.connections),
    parse: parseCount,
  },
  fin: {
    flags: '--fin <how>',
    does: 'with --replay: FIN joined with the last byte, apart when that was read, or none',
    preset: PROVE_DEFAULTS.fin,
  },
  jobs: {
    flags: '--jobs <n>',
    does: 'number of schedules that are played side by side, if the server answers so many connections',
    preset: String(PROVE_DEFAULTS.jobs),
    parse: parseCount,
  },
  expect: {
    flags: '--expect <answer>',
    does: 'answer that the whole requests must get, in the syntax of --send',
  },
  until: {
    flags: '--until <when>',
    does: 'when an answer is complete: same-length (as that of the whole requests), eof (the server ends), "idle 200ms" (of silence)',
    preset: PROVE_DEFAULTS.until,
    parse: parseUntil,
  },
  normalize: {
    flags: '--normalize <regex>',
    does: 'what is left out of answers before they are compared: every match; one character is one byte',
    parse: parsePattern,
  },
  frames: {
    flags: '--frames <format>',
    does: `format of the frames in the requests, to cut around each prefix, and to say of a cut in which part of a frame it is: ${FRAMES_WORDS}`,
  },
  codec: {
    flags: '--codec <file>',
    does: 'instead of --frames: JavaScript file that exports the codec of the requests; it is imported, so it runs',
  },
  guess: {
    flags: '--guess [capture]',
    does: 'instead of --frames: guess the framing from the requests, or from a capture of the same protocol; the guess is printed, and stands as --frames in the replay line',
    preset: 'off',
  },
  pause: {
    flags: '--pause <time>',
    does: 'time between two pieces where the receiver cannot be seen',
    preset: timeWord(PROVE_DEFAULTS.pause),
    parse: parseTime,
  },
  patience: {
    flags: '--patience <time>',
    does: 'least time of silence after which an answer counts as missing; longer for a slow server',
    preset: timeWord(PROVE_DEFAULTS.patience),
    parse: parseTime,
  },
  out: {
    flags: '--out <file>',
    does: 'where a schedule with a wrong answer is written; that of a --replay only if this is given',
    preset: 'unstick-broken-SEED.json',
  },
  json: { flags: '--json', does: 'report as JSON', preset: 'off' },
  junit: {
    flags: '--junit <file>',
    does: 'file for the report as JUnit XML, besides the printed one',
  },
  github: {
    flags: '--github',
    does: 'report as an annotation of a GitHub workflow, unless --json is given',
    preset: 'off',
  },
};
