// The options of `proveServer`, checked before anything is started. Wrong options are UsageErrors.

import { isBytes } from '../../codec/bytes.ts';
import {
  checkFunction,
  checkNames,
  checkSignal,
  connectionTime,
  flag,
  MAX_TIMER_MS,
  oneOf,
  refuse,
  refuseValue,
  whole,
} from '../../options.ts';
import type { OptionNames } from '../../options.ts';
import { MAX_SEED } from '../../schedule/random.ts';
import { steps } from '../../schedule/pieces.ts';
import { checkSchedule, refuseSchedule } from '../../schedule/schedule.ts';
import type { Schedule } from '../../schedule/schedule.ts';
import type { FrameSpan } from '../cut-points.ts';
import type { Dialogue } from '../dialogue/dialogue.ts';
import { formatDialogue, parseDialogue } from '../dialogue/parse.ts';
import { repeated } from '../trials/trial.ts';
import type { Fin } from '../trials/trial.ts';
import { resolveWhere } from './where.ts';
import type { Where, WhereOptions } from './where.ts';

/** Rule for when an answer is complete. ProveServerOptions explains the words. */
export type Until = 'same-length' | 'eof' | { readonly idle: number };

export interface ProveServerOptions extends WhereOptions {
  /**
   * Requests in order, one whole request each. Empty requests are left out. Required without `dialogue`, and
   * throws ERR_OPTION beside it.
   */
  readonly send?: Uint8Array | readonly Uint8Array[] | undefined;
  /**
   * Script of both sides, for programs that answer step by step. Give it instead of `send`, `repeat` and
   * `frames`, which throw ERR_OPTION beside it. Required for a `client`. Default: none.
   */
  readonly dialogue?: Dialogue | undefined;
  /**
   * Shell command that starts the server. The prover ends its process group afterwards. Default: none, and
   * the server must be running.
   */
  readonly spawn?: string | undefined;
  /**
   * Maximum number of schedules. When so many were played, the proof ends, and its verdict rests on them.
   * Infinity means no limit. Default 200.
   */
  readonly runs?: number | undefined;
  /**
   * Time in ms for playing schedules. When it is over, the proof ends, and its verdict rests on the schedules
   * that were played. Confirming and shrinking a failure may add 20 s, or a little more. Infinity means no
   * limit. Default 20 000.
   */
  readonly time?: number | undefined;
  /** Seed of the random schedules, 0 … 2^32-1. Default: a new seed each time, which the report names. */
  readonly seed?: number | undefined;
  /**
   * Schedules to play, up to `runs` of them. The prover then makes no schedules of its own. Default: the
   * prover makes its own.
   */
  readonly replay?: Schedule | readonly Schedule[] | undefined;
  /**
   * Answer that the whole requests must get. If they get another answer, the verdict is INCONCLUSIVE.
   * Default: the answer that they get at first.
   */
  readonly expect?: Uint8Array | undefined;
  /**
   * Rule for when an answer is complete. 'same-length' (default): it is as long as the answer to the whole
   * requests, and no more bytes come. 'eof': the prover sends FIN after the requests, and the server ends the
   * connection. `{ idle: ms }`: no byte came for that many ms.
   */
  readonly until?: Until | undefined;
  /**
   * Pattern of text that the prover removes from answers before it compares them, such as times. It removes
   * every match, even without the flag g. The pattern sees one character for each byte. Default: nothing is
   * removed.
   */
  readonly normalize?: RegExp | undefined;
  /**
   * What is new for each schedule: 'connection' or 'process'. 'process' needs `spawn`, and throws ERR_OPTION
   * without it. Default 'connection'.
   */
  readonly fresh?: 'connection' | 'process' | undefined;
  /**
   * Rule for when a spawned server counts as started. 'connect': when it listens. A pattern: when it listens
   * and has printed a match. 'answer' (default): when it listens and its answers to the whole requests no
   * longer change. Without `spawn` the option has no effect.
   */
  readonly ready?: RegExp | 'connect' | 'answer' | undefined;
  /**
   * Whether each request waits for the answer to the request before it, and no piece spans two requests. With
   * until 'eof' requests never wait. With `dialogue` it is always true. Default false.
   */
  readonly lockstep?: boolean | undefined;
  /**
   * Number of times that the list of requests is sent on each connection, 1 … 100 000. Throws ERR_OPTION
   * beside `dialogue`. Default 1.
   */
  readonly repeat?: number | undefined;
  /**
   * Number of connections that play the schedule at once, 1 … 64. Throws ERR_OPTION without `replay`. Default
   * 1.
   */
  readonly connections?: number | undefined;
  /**
   * Time at which FIN is sent after the requests. 'joined': with the last byte. 'apart': when the server has
   * read the last byte, or has left that byte unread for too long. Throws ERR_OPTION without `replay`.
   * Default 'none': no FIN, or with until 'eof' a FIN after the requests.
   */
  readonly fin?: Exclude<Fin, 'late'> | undefined;
  /**
   * Places of the frames in the joined requests. They serve to cut around prefixes and to name cuts. Throws
   * ERR_OPTION beside `dialogue`. Default: not known.
   */
  readonly frames?: readonly FrameSpan[] | undefined;
  /** Pause in ms between two pieces, if the receiver's queue cannot be seen. Default 30. */
  readonly pause?: number | undefined;
  /**
   * Time in ms of silence after which an answer counts as missing. If four times the time of the slowest
   * right answer is longer, later answers get that time. Later answers never get more than 60 s; for the
   * first answers Infinity means no limit. Default 3000.
   */
  readonly patience?: number | undefined;
  /**
   * Number of schedules that are played at once, each on its own connection, 1 … 64. The prover plays one at
   * a time in two cases: if the server does not answer whole requests on so many connections, and if each
   * schedule gets a new server. Default 1.
   */
  readonly jobs?: number | undefined;
  /**
   * Function that is called with the progress after each schedule, or with `jobs` after each round of
   * schedules. Default: none.
   */
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  /** Signal whose abort ends the proof early. The verdict is then INCONCLUSIVE. Default: none. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Progress of a proof: the number of played schedules (of at most `runs`), and the time spent in ms (of
 * `time`).
 */
export interface Progress {
  readonly played: number;
  readonly runs: number;
  readonly spent: number;
  readonly time: number;
}

/** The options with their defaults. */
export interface ResolvedProveServerOptions {
  readonly where: Where;
  readonly dialogue: Dialogue | undefined;
  readonly requests: readonly Uint8Array[];
  /**
   * Number of times that a replay sends `requests` on a connection. It is 1 if `requests` already holds all
   * repeats.
   */
  readonly rounds: number;
  readonly spawn: string | undefined;
  readonly runs: number;
  readonly time: number;
  readonly seed: number;
  readonly replay: readonly Schedule[] | undefined;
  readonly expect: Uint8Array | undefined;
  readonly until: Until;
  readonly normalize: RegExp | undefined;
  readonly fresh: 'connection' | 'process';
  readonly ready: RegExp | 'connect' | 'answer';
  readonly lockstep: boolean;
  readonly connections: number;
  readonly fin: Fin;
  readonly frames: readonly FrameSpan[];
  readonly pause: number;
  readonly patience: number;
  readonly jobs: number;
  readonly onProgress: ((progress: Progress) => void) | undefined;
  readonly signal: AbortSignal | undefined;
}

/** The defaults, which --help and the docs use as well. Times are in ms. */
export const PROVE_DEFAULTS = {
  runs: 200,
  time: 20_000,
  until: 'same-length',
  fresh: 'connection',
  ready: 'answer',
  repeat: 1,
  connections: 1,
  fin: 'none',
  jobs: 1,
  pause: 30,
  patience: 3000,
} as const;

/** Maximum of `connections` and of `jobs`. */
const MAX_CONNECTIONS = 64;
/** Maximum of `repeat`. */
const MAX_REPEAT = 100_000;
/**
 * Number of repeats above which the baselines of a replay send the list only once: so many requests, one by
 * one, would take minutes.
 */
const MOST_REPEATED_WHOLE = 100;

function toRequests(send: ProveServerOptions['send']): readonly Uint8Array[] {
  const given: unknown = isBytes(send) ? [send] : send;
  if (!Array.isArray(given) || !given.every(isBytes)) {
    const hint = 'Text: Buffer.from(text).';
    return refuseValue('send', { what: 'bytes, or a list of them', hint }, send);
  }
  const requests = given.filter(({ length }) => length > 0);
  if (requests.length === 0) {
    refuse('send: there is nothing to send.', 'Give a request.');
  }
  return requests;
}

function toUntil(until: Until = PROVE_DEFAULTS.until): Until {
  if (typeof until === 'object' && until !== null) {
    checkNames('until', until, { idle: true });
    return { idle: whole('until.idle', until.idle, { min: 1, max: MAX_TIMER_MS }) };
  }
  const isKnown = until === 'same-length' || until === 'eof';
  return isKnown ? until : refuseValue('until', 'same-length, eof, or { idle: ms }', until);
}

/** Returns the schedules of a replay. Throws if one is not well-formed. */
function toSchedules(replay: ProveServerOptions['replay']): readonly Schedule[] | undefined {
  if (replay === undefined) {
    return undefined;
  }
  if (typeof replay !== 'object' || replay === null) {
    return refuseValue('replay', 'a schedule, or a list of them', replay);
  }
  const schedules = 'ops' in replay ? [replay] : replay;
  if (schedules.length === 0) {
    refuse('replay: there is no schedule in it.');
  }
  return schedules.map((schedule) => checkSchedule(schedule));
}

/**
 * Checks a replay, which must fit the requests and deliver all their bytes. Throws UsageError ERR_SCHEDULE.
 */
export function toReplay(
  replay: ProveServerOptions['replay'],
  requests: readonly Uint8Array[],
): readonly Schedule[] | undefined {
  const lengths = requests.map(({ length }) => length);
  const schedules = toSchedules(replay);
  for (const schedule of schedules ?? []) {
    if (schedule.direction !== 'to-server') {
      refuseSchedule(
        'The schedule cuts answers, not requests.',
        'Schedules to the client are for unstick chop.',
      );
    }
    const ending = steps(schedule, lengths).find(
      ({ kind }) => kind !== 'piece' && kind !== 'delay',
    );
    if (ending !== undefined) {
      refuseSchedule(
        `The schedule does not deliver everything: ${ending.kind}.`,
        'prove compares whole deliveries; play this one with unstick chop.',
      );
    }
  }
  return schedules;
}

/** Checks the dialogue, without which a client cannot be proven. */
function toDialogue({
  dialogue,
  send,
  client,
  repeat,
  frames,
}: ProveServerOptions): Dialogue | undefined {
  if (dialogue === undefined) {
    return client === undefined
      ? undefined
      : refuse('client needs a dialogue.', 'Record one with unstick record.');
  }
  if (send !== undefined || repeat !== undefined || frames !== undefined) {
    refuse('send, repeat and frames cannot be given beside dialogue.', 'Leave them out.');
  }
  if (typeof dialogue !== 'object' || dialogue === null) {
    return refuseValue('dialogue', 'a dialogue, as parseDialogue gives it', dialogue);
  }
  return parseDialogue(formatDialogue(dialogue));
}

const NAMES = {
  to: true,
  tls: true,
  stdio: true,
  client: true,
  send: true,
  dialogue: true,
  spawn: true,
  runs: true,
  time: true,
  seed: true,
  replay: true,
  expect: true,
  until: true,
  normalize: true,
  fresh: true,
  ready: true,
  lockstep: true,
  repeat: true,
  connections: true,
  fin: true,
  frames: true,
  pause: true,
  patience: true,
  jobs: true,
  onProgress: true,
  signal: true,
} satisfies OptionNames<ProveServerOptions>;

function toSpawn({ spawn, fresh }: ProveServerOptions): string | undefined {
  if (spawn === undefined) {
    if (fresh === 'process') {
      refuse('fresh: a new process each run needs spawn.', 'Say how the server is started.');
    }
    return undefined;
  }
  if (typeof spawn !== 'string' || spawn.trim() === '') {
    const hint = 'Leave it out for a server that runs already.';
    return refuseValue('spawn', { what: 'a shell command', hint }, spawn);
  }
  return spawn;
}

/** Returns the expression with the flag g and without the flag y, so that it removes every match. */
function toPattern(pattern: RegExp | undefined): RegExp | undefined {
  if (pattern === undefined) {
    return undefined;
  }
  if (Object.prototype.toString.call(pattern) !== '[object RegExp]') {
    return refuseValue('normalize', 'a regular expression', pattern);
  }
  return new RegExp(pattern.source, `${pattern.flags.replaceAll(/[gy]/g, '')}g`);
}

function toFrames(frames: ProveServerOptions['frames'] = []): readonly FrameSpan[] {
  if (!Array.isArray(frames)) {
    return refuseValue('frames', 'a list of spans', frames);
  }
  for (const [index, { start, payloadStart, end }] of frames.entries()) {
    const name = `frames[${index}]`;
    whole(`${name}.start`, start);
    whole(`${name}.payloadStart`, payloadStart, { min: start });
    whole(`${name}.end`, end, { min: payloadStart });
  }
  return frames;
}

function randomSeed(): number {
  return Math.floor(Math.random() * (MAX_SEED + 1));
}

function toReady(
  ready: ProveServerOptions['ready'] = PROVE_DEFAULTS.ready,
): RegExp | 'connect' | 'answer' {
  if (ready === 'connect' || ready === 'answer') {
    return ready;
  }
  if (Object.prototype.toString.call(ready) !== '[object RegExp]') {
    return refuseValue('ready', 'connect, answer or a regular expression', ready);
  }
  return new RegExp(ready.source, ready.flags.replaceAll(/[gy]/g, ''));
}

/** Returns the way of sending. Refuses `connections` and `fin` without a replay. */
function toSending(options: ProveServerOptions): {
  connections: number;
  fin: Fin;
  lockstep: boolean;
} {
  const { connections = PROVE_DEFAULTS.connections, fin = PROVE_DEFAULTS.fin } = options;
  if (options.replay === undefined && (connections !== 1 || fin !== 'none')) {
    refuse('connections and fin need replay.', 'Leave them out: the prover tries both by itself.');
  }
  return {
    connections: whole('connections', connections, { min: 1, max: MAX_CONNECTIONS }),
    fin: oneOf('fin', fin, ['none', 'joined', 'apart'] as const),
    lockstep: flag('lockstep', options.lockstep, false) || options.dialogue !== undefined,
  };
}

/** Checks the options and fills in the defaults. Throws UsageError ERR_OPTION, _SCHEDULE or _DIALOGUE. */
export function resolveProveServerOptions(options: ProveServerOptions): ResolvedProveServerOptions {
  checkNames('proveServer', options, NAMES);
  const { expect, signal, onProgress, runs = PROVE_DEFAULTS.runs } = options;
  const times = whole('repeat', options.repeat ?? PROVE_DEFAULTS.repeat, {
    min: 1,
    max: MAX_REPEAT,
  });
  const where = resolveWhere(options);
  const dialogue = toDialogue(options);
  const rounds = options.replay !== undefined && times > MOST_REPEATED_WHOLE ? times : 1;
  const requests = dialogue === undefined ? repeated(toRequests(options.send), times / rounds) : [];
  if (expect !== undefined && !isBytes(expect)) {
    refuseValue('expect', 'bytes', expect);
  }
  if (onProgress !== undefined) {
    checkFunction('onProgress', onProgress);
  }
  checkSignal('signal', signal);
  return {
    where,
    dialogue,
    ...toSending(options),
    requests,
    rounds,
    fresh: oneOf('fresh', options.fresh ?? PROVE_DEFAULTS.fresh, ['connection', 'process']),
    spawn: toSpawn(options),
    runs: runs === Infinity ? runs : whole('runs', runs, { min: 1 }),
    time: connectionTime('time', options.time ?? PROVE_DEFAULTS.time),
    seed: whole('seed', options.seed ?? randomSeed(), { max: MAX_SEED }),
    replay:
      dialogue === undefined
        ? toReplay(options.replay, repeated(requests, rounds))
        : toSchedules(options.replay),
    expect,
    until: toUntil(options.until),
    normalize: toPattern(options.normalize),
    ready: toReady(options.ready),
    frames: toFrames(options.frames),
    pause: whole('pause', options.pause ?? PROVE_DEFAULTS.pause, { max: MAX_TIMER_MS }),
    patience: connectionTime('patience', options.patience ?? PROVE_DEFAULTS.patience),
    jobs: whole('jobs', options.jobs ?? PROVE_DEFAULTS.jobs, { min: 1, max: MAX_CONNECTIONS }),
    onProgress,
    signal,
  };
}
