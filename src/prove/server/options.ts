// What `proveServer` can be told, checked before anything is started. Wrong options are UsageErrors.

import { parseAddress } from '../../deliver/address.ts';
import type { Address } from '../../deliver/address.ts';
import { checkOptionNames, UsageError } from '../../errors.ts';
import { isSeed } from '../../schedule/random.ts';
import { steps } from '../../schedule/pieces.ts';
import { checkSchedule } from '../../schedule/schedule.ts';
import type { Schedule } from '../../schedule/schedule.ts';
import type { FrameSpan } from '../cut-points.ts';

/** When an answer counts as complete. */
export type Until = 'same-length' | 'eof' | { readonly idle: number };

export interface ProveServerOptions {
  /** The server: `host:port`, `[::1]:port`, or its parts. */
  readonly to: string | Address;
  /** The requests, in order; each a whole one. */
  readonly send: Uint8Array | readonly Uint8Array[];
  /** A shell command that starts the server; it is ended with its process group. Default: it runs. */
  readonly spawn?: string | undefined;
  /** At most so many schedules. Default 200. */
  readonly runs?: number | undefined;
  /** At most so long, in ms; shrinking comes on top. Default: no limit. */
  readonly time?: number | undefined;
  /** Decides the random schedules, 0 … 2^32-1. Default: a new one each time, which the report gives. */
  readonly seed?: number | undefined;
  /** Play these schedules alone. */
  readonly replay?: Schedule | readonly Schedule[] | undefined;
  /** What the server must answer to the whole requests. Default: what it does answer. */
  readonly expect?: Uint8Array | undefined;
  /**
   * `same-length` (default): as many bytes as the whole requests got, then watched a little for more.
   * `eof`: the requests end with FIN, the answer with the server's. `idle`: so many ms of silence.
   */
  readonly until?: Until | undefined;
  /** What matches is removed from answers before they are compared: clocks, counters. */
  readonly normalize?: RegExp | undefined;
  /** `process`: a new server for each schedule (needs `spawn`). Default `connection`. */
  readonly fresh?: 'connection' | 'process' | undefined;
  /** Where the frames lie, if you know. */
  readonly frames?: readonly FrameSpan[] | undefined;
  /** The pause between pieces where the receiver's queue cannot be seen, in ms. Default 20. */
  readonly pause?: number | undefined;
  /** How long a server may take for its first answer, and to start, in ms. Default 3000, and 10 000. */
  readonly patience?: number | undefined;
  /** Ends the work early; the result is INCONCLUSIVE. */
  readonly signal?: AbortSignal | undefined;
}

/** The options with their defaults. */
export interface Settings {
  readonly host: string;
  readonly port: number;
  readonly requests: readonly Uint8Array[];
  readonly spawn: string | undefined;
  readonly runs: number;
  readonly time: number;
  readonly seed: number;
  readonly replay: readonly Schedule[] | undefined;
  readonly expect: Uint8Array | undefined;
  readonly until: Until;
  readonly normalize: RegExp | undefined;
  readonly fresh: 'connection' | 'process';
  readonly frames: readonly FrameSpan[];
  readonly pause: number;
  readonly patience: number;
  readonly signal: AbortSignal | undefined;
}

function refusal(facts: string, hint?: string): UsageError {
  return new UsageError('ERR_OPTION', facts, { hint });
}

function toRequests(send: ProveServerOptions['send']): readonly Uint8Array[] {
  const given: unknown = send instanceof Uint8Array ? [send] : send;
  if (!Array.isArray(given) || !given.every((request) => request instanceof Uint8Array)) {
    throw refusal('send must be bytes, or a list of them.', 'Text: Buffer.from(text).');
  }
  const requests = given.filter(({ length }) => length > 0);
  if (requests.length === 0) {
    throw refusal('send: there is nothing to send.', 'Give a request.');
  }
  return requests;
}

interface Range {
  readonly name: string;
  readonly fallback: number;
  readonly least?: number;
}

function toCount(value: number | undefined, { name, fallback, least = 1 }: Range): number {
  const count = value ?? fallback;
  if (!(count >= least) || (!Number.isInteger(count) && count !== Number.POSITIVE_INFINITY)) {
    throw refusal(`${name} must be an integer, ${least} or more, not ${String(value)}.`);
  }
  return count;
}

function toUntil(until: Until = 'same-length'): Until {
  if (typeof until === 'object') {
    return { idle: toCount(until.idle, { name: 'until.idle', fallback: 1 }) };
  }
  if (until === 'same-length' || until === 'eof') {
    return until;
  }
  throw refusal(
    `until: ${JSON.stringify(until)} is not known.`,
    'same-length, eof, or { idle: ms }.',
  );
}

/** A replay must fit the requests, and must be a delivery of all their bytes. */
function toReplay(
  replay: ProveServerOptions['replay'],
  lengths: readonly number[],
): readonly Schedule[] | undefined {
  if (replay === undefined) {
    return undefined;
  }
  const schedules = 'ops' in replay ? [replay] : replay;
  if (schedules.length === 0) {
    throw refusal('replay: there is no schedule in it.');
  }
  for (const schedule of schedules.map(checkSchedule)) {
    if (schedule.direction !== 'to-server') {
      throw new UsageError('ERR_SCHEDULE', 'The schedule cuts answers, not requests.', {
        hint: 'Schedules to the client are for unstick chop.',
      });
    }
    const ending = steps(schedule, lengths).find(
      ({ kind }) => kind !== 'piece' && kind !== 'delay',
    );
    if (ending !== undefined) {
      throw new UsageError(
        'ERR_SCHEDULE',
        `The schedule does not deliver everything: ${ending.kind}.`,
        {
          hint: 'prove compares whole deliveries; play this one with unstick chop.',
        },
      );
    }
  }
  return schedules;
}

const OPTION_NAMES = [
  'to',
  'send',
  'spawn',
  'runs',
  'time',
  'seed',
  'replay',
  'expect',
  'until',
  'normalize',
  'fresh',
  'frames',
  'pause',
  'patience',
  'signal',
];

/** Checks the options and fills in the defaults. Throws UsageError. */
export function toSettings(options: ProveServerOptions): Settings {
  checkOptionNames('proveServer', options, OPTION_NAMES);
  const { seed = Math.floor(Math.random() * 2 ** 32), fresh = 'connection', normalize } = options;
  const requests = toRequests(options.send);
  const lengths = requests.map(({ length }) => length);
  if (!isSeed(seed)) {
    throw refusal('seed must be an integer, 0 to 4294967295.');
  }
  const { spawn } = options;
  if (spawn !== undefined && (typeof spawn !== 'string' || spawn.trim() === '')) {
    throw refusal('spawn must be a shell command.', 'Leave it out for a server that runs already.');
  }
  if (fresh !== 'connection' && fresh !== 'process') {
    throw refusal('fresh: connection or process.');
  }
  if (fresh === 'process' && spawn === undefined) {
    throw refusal('fresh: a new process each run needs spawn.', 'Say how the server is started.');
  }
  return {
    ...parseAddress('to', options.to, 1),
    requests,
    spawn,
    runs: toCount(options.runs, { name: 'runs', fallback: 200 }),
    time: toCount(options.time, { name: 'time', fallback: Number.POSITIVE_INFINITY }),
    seed,
    replay: toReplay(options.replay, lengths),
    expect: options.expect,
    until: toUntil(options.until),
    normalize:
      normalize && new RegExp(normalize.source, `${normalize.flags.replaceAll(/[gy]/g, '')}g`),
    fresh,
    frames: options.frames ?? [],
    pause: toCount(options.pause, { name: 'pause', fallback: 20, least: 0 }),
    patience: toCount(options.patience, { name: 'patience', fallback: 3000 }),
    signal: options.signal,
  };
}
