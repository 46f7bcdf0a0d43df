// A schedule says how to deliver a stream of bytes: where to cut it, what to hold together, when to wait, how
// to end it. In code it is a value, on disk a JSON file. `prove`, `chop` and tests take the same schedules.
//
// Rules:
// - The same schedule gives the same pieces for the same bytes, if these come in the same chunks. Where holds
//   cover the bytes, the chunks do not matter.
// - A schedule never changes bytes, and never their order. An ending or a stall leaves out the bytes behind it.
// - `cut` and `hold` add a boundary behind their bytes, and `hold` removes the boundaries between them. Bytes
//   that no op covers pass as they came. So `[]` leaves the stream as it is, and a schedule with fewer ops is a
//   simpler delivery.
// - `fin`, `close` and `rst` have an absolute offset. `delay` and `stall` act at their place in the list.

import { UsageError } from '../errors.ts';
import type { ErrorInit } from '../errors.ts';
import { shown } from '../options.ts';
import { printable } from '../text.ts';
import { isSeed, MAX_SEED } from './random.ts';

/** One instruction. `n` and `at` are in bytes, and `at` counts from the start of the stream. */
export type Op =
  /** A boundary behind the next `n` bytes. These bytes may leave in several pieces. */
  | { readonly kind: 'cut'; readonly n: number }
  /** The next `n` bytes leave as one piece, so they wait until all of them have come or the stream ends. */
  | { readonly kind: 'hold'; readonly n: number }
  /** A pause of `ms` milliseconds before the next op. */
  | { readonly kind: 'delay'; readonly ms: number }
  /** The sender sends nothing more, and the connection stays open. */
  | { readonly kind: 'stall' }
  /** The sender sends FIN after `at` bytes. */
  | { readonly kind: 'fin'; readonly at: number }
  /**
   * The proxy sends FIN to both sides after `at` bytes of this direction. A prover has only the sending side,
   * so it treats this op as `fin`.
   */
  | { readonly kind: 'close'; readonly at: number }
  /** The sender resets the connection (RST) after `at` bytes. */
  | { readonly kind: 'rst'; readonly at: number };

/** An op that ends the direction at an offset. */
export type EndingOp = Extract<Op, { readonly at: number }>;

export const DIRECTIONS = ['to-server', 'to-client'] as const;

/** Direction of the bytes: those that the client sends, or those that the server sends. */
export type Direction = (typeof DIRECTIONS)[number];

/** The delivery of a stream as data: cuts, pauses and an end, in order. */
export interface Schedule {
  readonly v: 1;
  /** Seed from which the ops were made, 0 … 2^32-1. People read it; playing the schedule does not use it. */
  readonly seed: number;
  readonly direction: Direction;
  /**
   * Number of the connection that the schedule is for. The first connection is 0. Default: the schedule is
   * for every connection whose number no other schedule of this direction gives.
   */
  readonly connection?: number;
  readonly ops: readonly Op[];
}

const VERSION = 1;
/**
 * Maximum number of ops, so that a schedule cannot fill the memory. A dribble of 1 MiB needs this many ops.
 */
export const MAX_OPS: number = 1 << 20;
/** Maximum delay in ms: one hour. To wait without an end, a schedule has the op `stall`. */
export const MAX_DELAY = 3_600_000;
const OP_SYNTAX = /^(?:(cut|hold|delay) (\d{1,16})|(fin|close|rst)@(\d{1,16})|(stall))$/;
const SCHEDULE_HINT = 'An example: {"v":1,"seed":7,"direction":"to-server","ops":["cut 2"]}.';
const OP_HINT =
  'An op is "cut 4", "hold 16", "delay 10", "stall", "fin@12", "close@12" or "rst@12".';

/** Throws UsageError ERR_SCHEDULE, to refuse a schedule. */
export function refuseSchedule(facts: string, hint?: string, init: ErrorInit = {}): never {
  throw new UsageError('ERR_SCHEDULE', facts, { ...init, hint });
}

/** Returns an op as text, as schedule files have it: `cut 2`, `delay 10`, `rst@40`. */
export function formatOp(op: Op): string {
  if (op.kind === 'stall') {
    return 'stall';
  }
  if (op.kind === 'delay') {
    return `delay ${op.ms}`;
  }
  return 'at' in op ? `${op.kind}@${op.at}` : `${op.kind} ${op.n}`;
}

/** Returns all ops in one line, for people. Without ops the line is `as it came`. */
export function describeOps(ops: readonly Op[]): string {
  return ops.length === 0 ? 'as it came' : ops.map(formatOp).join(', ');
}

/** Reads an op from the text that `formatOp` writes. Throws UsageError ERR_SCHEDULE. */
export function parseOp(text: unknown): Op {
  const match = typeof text === 'string' ? OP_SYNTAX.exec(text) : null;
  if (match === null) {
    return refuseSchedule(`An op cannot be ${shown(text)}.`, OP_HINT);
  }
  const [, counted, count, ending, at] = match;
  const number = Number(count ?? at ?? 0);
  if (!Number.isSafeInteger(number)) {
    refuseSchedule(`${String(text)}: the number is too large.`);
  }
  if (counted === 'cut' || counted === 'hold') {
    if (number === 0) {
      refuseSchedule(`${counted} 0 does nothing.`, 'Leave the op out.');
    }
    return { kind: counted, n: number };
  }
  if (counted === 'delay') {
    if (number > MAX_DELAY) {
      refuseSchedule(
        `delay ${number} exceeds ${MAX_DELAY} ms.`,
        'For a wait without an end use "stall".',
      );
    }
    return { kind: 'delay', ms: number };
  }
  return isEndingKind(ending) ? { kind: ending, at: number } : { kind: 'stall' };
}

function isEndingKind(word: string | undefined): word is EndingOp['kind'] {
  return word === 'fin' || word === 'close' || word === 'rst';
}

/** Returns the JSON text of a schedule file: one op a line, and a newline at the end. */
export function formatSchedule(schedule: Schedule): string {
  const { ops, ...head } = schedule;
  return `${JSON.stringify({ ...head, ops: ops.map(formatOp) }, undefined, 2)}\n`;
}

/** Returns several schedules as one JSON list, for a recording of many connections. */
export function formatSchedules(schedules: readonly Schedule[]): string {
  return `[\n${schedules.map((schedule) => formatSchedule(schedule).trimEnd()).join(',\n')}\n]\n`;
}

/** Reads one schedule. Throws UsageError ERR_SCHEDULE if the text does not hold exactly one schedule. */
export function parseSchedule(text: string): Schedule {
  const schedules = parseSchedules(text);
  const [only] = schedules;
  if (only === undefined || schedules.length > 1) {
    refuseSchedule(`Expected one schedule, found ${schedules.length}.`);
  }
  return only;
}

/** Reads the text of a file that holds one schedule or a list of them. Throws UsageError ERR_SCHEDULE. */
export function parseSchedules(text: string): readonly Schedule[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    return refuseSchedule('A schedule must be JSON.', SCHEDULE_HINT, { cause });
  }
  return (Array.isArray(value) ? value : [value]).map(toSchedule);
}

/** Applies the rules for schedule files to a schedule made in code. Throws UsageError ERR_SCHEDULE. */
export function checkSchedule(schedule: Schedule): Schedule {
  if (!Array.isArray(schedule?.ops)) {
    refuseSchedule('A schedule must have a list of ops.');
  }
  const words = schedule.ops.map((op: unknown) => (isOp(op) ? formatOp(op) : op));
  return toSchedule({ ...schedule, ops: words });
}

/** Returns whether `formatOp` can take the value. `parseOp` then checks the text that `formatOp` returns. */
function isOp(value: unknown): value is Op {
  return typeof value === 'object' && value !== null && 'kind' in value;
}

function toSchedule(value: unknown): Schedule {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    refuseSchedule('A schedule must be a JSON object.');
  }
  const { v, seed, direction, connection, ops, ...unknown } = Object.fromEntries(
    Object.entries(value),
  );
  if (v !== VERSION) {
    refuseSchedule(
      `The schedule has version ${shown(v)}, but this program reads version ${VERSION}.`,
      'Replay it with the version of unstick that wrote it.',
    );
  }
  const [stranger] = Object.keys(unknown);
  if (stranger !== undefined) {
    refuseSchedule(`A schedule has the unknown field ${printable(stranger)}.`);
  }
  if (!isSeed(seed)) {
    refuseSchedule(`The seed must be a whole number from 0 to ${MAX_SEED}, not ${shown(seed)}.`);
  }
  if (direction !== 'to-server' && direction !== 'to-client') {
    refuseSchedule(`The direction must be to-server or to-client, not ${shown(direction)}.`);
  }
  const head = {
    v: VERSION,
    seed: Math.abs(seed),
    direction,
    ...toConnection(connection),
  } as const;
  return { ...head, ops: toOps(ops) };
}

function toConnection(value: unknown): { connection?: number } {
  if (value === undefined) {
    return {};
  }
  if (!Number.isSafeInteger(value) || Number(value) < 0) {
    refuseSchedule(`The connection must be a whole number, 0 or more, not ${shown(value)}.`);
  }
  // Turn -0 into 0. JSON.stringify writes -0 as 0, so a schedule with -0 would change when it is written and
  // read.
  return { connection: Math.abs(Number(value)) };
}

function toOps(value: unknown): readonly Op[] {
  if (!Array.isArray(value)) {
    refuseSchedule('The ops must be a list.', OP_HINT);
  }
  if (value.length > MAX_OPS) {
    refuseSchedule(`${value.length} ops exceed the limit of ${MAX_OPS}.`);
  }
  return value.map(parseOp);
}
