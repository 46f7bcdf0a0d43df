// The options of chop(), checked: what contradicts itself is refused before a port is opened.

import {
  callTime,
  checkFunction,
  checkNames,
  checkSignal,
  flag,
  MAX_TIMER_MS,
  oneOf,
  refuse,
  refuseValue,
  whole,
} from '../options.ts';
import type { OptionNames } from '../options.ts';
import { MAX_SEED } from '../schedule/random.ts';
import { checkSchedule, DIRECTIONS, refuseSchedule } from '../schedule/schedule.ts';
import type { Direction, Op, Schedule } from '../schedule/schedule.ts';
import { parseAddress } from '../deliver/address.ts';
import type { Address } from '../deliver/address.ts';
import { checkFault, effectOf, parseFault } from './faults/faults.ts';
import type { Fault } from './faults/faults.ts';
import type { ConnectionReport, ConnectionStart } from './connection-report.ts';
import { faultSlicer, planSlicer } from './plan/slicing.ts';
import type { ChopPlan, Slicer } from './plan/slicing.ts';

export interface ChopOptions {
  /** Where clients connect: `host:port`, `:port`, or its parts. Port 0 takes any free one. */
  readonly listen: string | Address;
  /** The server: likewise. */
  readonly to: string | Address;
  /** Decides all chance, 0 … 2^32-1. Default 0. Each connection has its own, made from it. */
  readonly seed?: number | undefined;
  /** How the streams are cut. Default: as they come. */
  readonly plan?: ChopPlan | undefined;
  /**
   * Schedules to be played instead of a plan. One without `connection` is for every connection that
   * has none of its own. A direction without a schedule passes as it comes.
   */
  readonly schedules?: readonly Schedule[] | undefined;
  /** Which direction the plan and the faults are for. Default 'both'. */
  readonly direction?: Direction | 'both' | undefined;
  /** What else is done: `delay:5-20`, `throttle:4096`, `rst@100`, … or the same as values. */
  readonly faults?: readonly (string | Fault)[] | undefined;
  /**
   * Time in ms without a byte after which a sender counts as paused: then what was held goes on.
   * Default 20. Infinity holds until the sender ends.
   */
  readonly quietTime?: number | undefined;
  /** Time in ms between two pieces, where the receiver's queue cannot be seen. Default 20. */
  readonly pause?: number | undefined;
  /**
   * Time in ms that a receiver may leave a piece unread before the next one is sent. Default 500.
   * Infinity means no limit.
   */
  readonly patience?: number | undefined;
  /** Whether what was done is kept, for `recording()`. Default false. */
  readonly record?: boolean | undefined;
  /** Called for each connection that is accepted, and when it is over. */
  readonly onOpen?: ((start: ConnectionStart) => void) | undefined;
  readonly onClose?: ((report: ConnectionReport) => void) | undefined;
  /** Aborting closes the proxy. */
  readonly signal?: AbortSignal | undefined;
}

/** What is done in one direction of one connection. */
export interface LaneSettings {
  readonly ops?: readonly Op[] | undefined;
  readonly slicer?: Slicer | undefined;
  readonly faults?: readonly Fault[] | undefined;
  /** One byte of so many is changed. */
  readonly oneIn?: number | undefined;
}

/** The options with their defaults. */
export interface ResolvedChopOptions {
  readonly listen: Address;
  readonly to: Address;
  readonly seed: number;
  readonly quietTime: number;
  readonly pause: number;
  readonly patience: number;
  readonly record: boolean;
  readonly onOpen: (start: ConnectionStart) => void;
  readonly onClose: (report: ConnectionReport) => void;
  readonly signal: AbortSignal | undefined;
  /** `undefined` for a direction that is left alone: its bytes pass as they come. */
  lane(direction: Direction, connection: number): LaneSettings | undefined;
}

/** A hold is kept in memory until it is complete. In bytes. */
const MAX_HOLD = 16 * 1024 * 1024;
const DEFAULT_QUIET_TIME = 20;
const DEFAULT_PAUSE = 20;
const DEFAULT_PATIENCE = 500;
const ignore = (): void => undefined;

/** The one way of slicing that the options ask for. */
function toSlicer(plan: ChopPlan | undefined, faults: readonly Fault[]): Slicer | undefined {
  const slicers = [
    plan === undefined ? undefined : planSlicer(plan),
    ...faults.map((fault) => faultSlicer(fault)),
  ].filter((slicer) => slicer !== undefined);
  if (slicers.length > 1) {
    refuse('A stream is cut in one way only.', 'Give one plan, or slice, or coalesce.');
  }
  return slicers[0];
}

function checkSchedules(schedules: readonly Schedule[]): void {
  const seen = new Set<string>();
  for (const schedule of schedules) {
    const { direction, connection, ops } = checkSchedule(schedule);
    const place = connection === undefined ? direction : `connection ${connection} ${direction}`;
    if (seen.has(place)) {
      refuseSchedule(`There are two schedules for ${place}.`);
    }
    seen.add(place);
    const long = ops.find((op) => op.kind === 'hold' && op.n > MAX_HOLD);
    if (long === undefined) {
      continue;
    }
    refuseSchedule(
      `${place}: a hold is longer than ${MAX_HOLD} bytes.`,
      'The proxy would have to keep them in memory.',
      { limit: MAX_HOLD },
    );
  }
}

function scheduleFor(
  schedules: readonly Schedule[],
  direction: Direction,
  connection: number,
): Schedule | undefined {
  const fitting = schedules.filter((schedule) => schedule.direction === direction);
  return (
    fitting.find((schedule) => schedule.connection === connection) ??
    fitting.find((schedule) => schedule.connection === undefined)
  );
}

function toDirections(given: ChopOptions['direction']): readonly Direction[] {
  const direction = oneOf('direction', given ?? 'both', [...DIRECTIONS, 'both']);
  return direction === 'both' ? DIRECTIONS : [direction];
}

function list<T>(name: string, given: readonly T[] = []): readonly T[] {
  return Array.isArray(given) ? given : refuseValue(name, 'a list', given);
}

/** The lanes of all connections, from the options that are about cutting. */
function toLanes(options: ChopOptions): ResolvedChopOptions['lane'] {
  const { plan } = options;
  const schedules = list('schedules', options.schedules);
  const faults = list('faults', options.faults).map((fault) =>
    typeof fault === 'string' ? parseFault(fault) : checkFault(fault),
  );
  const slicer = toSlicer(plan, faults);
  if (slicer !== undefined && schedules.length > 0) {
    refuse('A schedule says already where to cut.', 'Leave out the plan, slice, coalesce.');
  }
  checkSchedules(schedules);
  const directions = toDirections(options.direction);
  const change = faults.map(effectOf).find((effect) => effect.kind === 'change');
  const wanted = { slicer, faults, oneIn: change?.oneIn };
  return (direction, connection) => {
    const schedule = scheduleFor(schedules, direction, connection);
    const chopped = directions.includes(direction);
    if (schedule === undefined) {
      return chopped ? wanted : undefined;
    }
    return { ...(chopped ? wanted : {}), ops: schedule.ops };
  };
}

const NAMES = {
  listen: true,
  to: true,
  seed: true,
  plan: true,
  schedules: true,
  direction: true,
  faults: true,
  quietTime: true,
  pause: true,
  patience: true,
  record: true,
  onOpen: true,
  onClose: true,
  signal: true,
} satisfies OptionNames<ChopOptions>;

/** The options with their defaults. Throws UsageError ERR_OPTION or ERR_SCHEDULE. */
export function resolveChopOptions(options: ChopOptions): ResolvedChopOptions {
  checkNames('chop', options, NAMES);
  const { onOpen = ignore, onClose = ignore, signal } = options;
  checkFunction('onOpen', onOpen);
  checkFunction('onClose', onClose);
  checkSignal('signal', signal);
  return {
    listen: parseAddress('listen', options.listen, 0),
    to: parseAddress('to', options.to, 1),
    seed: whole('seed', options.seed ?? 0, { max: MAX_SEED }),
    quietTime: callTime('quietTime', options.quietTime ?? DEFAULT_QUIET_TIME),
    pause: whole('pause', options.pause ?? DEFAULT_PAUSE, { max: MAX_TIMER_MS }),
    patience: callTime('patience', options.patience ?? DEFAULT_PATIENCE),
    record: flag('record', options.record, false),
    lane: toLanes(options),
    onOpen,
    onClose,
    signal,
  };
}
