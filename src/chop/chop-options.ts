// The options of chop(), checked: what contradicts itself is refused before a port is opened.

import { checkOptionNames, UsageError } from '../errors.ts';
import { isSeed } from '../schedule/random.ts';
import { checkSchedule } from '../schedule/schedule.ts';
import type { Direction, Op, Schedule } from '../schedule/schedule.ts';
import { parseAddress } from '../deliver/address.ts';
import type { Address } from '../deliver/address.ts';
import { checkFault, parseFault } from './faults/faults.ts';
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
  /** A sender has paused when nothing came for so long; then what was held goes on. Default 20 ms. */
  readonly quietTime?: number | undefined;
  /** Between pieces, where the receiver cannot be seen. Default 20 ms. */
  readonly pause?: number | undefined;
  /** How long a receiver may leave a piece unread before the next comes. Default 500 ms. */
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

export interface ChopSettings {
  readonly listen: Address;
  readonly to: Address;
  readonly seed: number;
  readonly quietTime: number;
  readonly pause: number;
  readonly patience: number;
  /** `undefined` for a direction that is left alone: its bytes pass as they come. */
  lane(direction: Direction, connection: number): LaneSettings | undefined;
}

/** A hold is kept in memory until it is complete. In bytes. */
const MAX_HOLD = 16 * 1024 * 1024;

function refusal(facts: string, hint?: string): UsageError {
  return new UsageError('ERR_OPTION', facts, { hint });
}

function toTime(name: string, value: number | undefined, fallback: number): number {
  const time = value ?? fallback;
  if (Number.isSafeInteger(time) && time >= 0 && time < 2 ** 31) {
    return time;
  }
  throw refusal(`${name} must be a whole number of milliseconds, not ${String(time)}.`);
}

/** The one way of slicing that the options ask for. */
function toSlicer(plan: ChopPlan | undefined, faults: readonly Fault[]): Slicer | undefined {
  const slicers = [
    plan === undefined ? undefined : planSlicer(plan),
    ...faults.map((fault) => faultSlicer(fault)),
  ].filter((slicer) => slicer !== undefined);
  if (slicers.length > 1) {
    throw refusal('A stream is cut in one way only.', 'Give one plan, or slice, or coalesce.');
  }
  return slicers[0];
}

function checkSchedules(schedules: readonly Schedule[]): void {
  const seen = new Set<string>();
  for (const schedule of schedules) {
    const { direction, connection, ops } = checkSchedule(schedule);
    const place = connection === undefined ? direction : `connection ${connection} ${direction}`;
    if (seen.has(place)) {
      throw new UsageError('ERR_SCHEDULE', `There are two schedules for ${place}.`);
    }
    seen.add(place);
    const long = ops.find((op) => op.kind === 'hold' && op.n > MAX_HOLD);
    if (long === undefined) {
      continue;
    }
    throw new UsageError('ERR_SCHEDULE', `${place}: a hold is longer than ${MAX_HOLD} bytes.`, {
      hint: 'The proxy would have to keep them in memory.',
      limit: MAX_HOLD,
    });
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

function toDirections(direction: ChopOptions['direction']): readonly Direction[] {
  switch (direction) {
    case undefined:
    case 'both':
      return ['to-server', 'to-client'];
    case 'to-server':
    case 'to-client':
      return [direction];
    default:
      throw refusal(
        `direction: ${JSON.stringify(direction)} is not known.`,
        'to-server, to-client, or both.',
      );
  }
}

/** The lanes of all connections, from the options that are about cutting. */
function toLanes(options: ChopOptions): ChopSettings['lane'] {
  const { plan, schedules = [], direction: given } = options;
  const faults = (options.faults ?? []).map((fault) =>
    typeof fault === 'string' ? parseFault(fault) : checkFault(fault),
  );
  const slicer = toSlicer(plan, faults);
  if (slicer !== undefined && schedules.length > 0) {
    throw refusal('A schedule says already where to cut.', 'Leave out the plan, slice, coalesce.');
  }
  checkSchedules(schedules);
  const directions = toDirections(given);
  const corrupt = faults.find((fault) => fault.kind === 'corrupt');
  const wanted = { slicer, faults, oneIn: corrupt?.oneIn };
  return (direction, connection) => {
    const schedule = scheduleFor(schedules, direction, connection);
    const chopped = directions.includes(direction);
    if (schedule === undefined) {
      return chopped ? wanted : undefined;
    }
    return { ...(chopped ? wanted : {}), ops: schedule.ops };
  };
}

const OPTION_NAMES = [
  'listen',
  'to',
  'seed',
  'plan',
  'schedules',
  'direction',
  'faults',
  'quietTime',
  'pause',
  'patience',
  'record',
  'onOpen',
  'onClose',
  'signal',
];

/** Throws UsageError ERR_OPTION or ERR_SCHEDULE. */
export function chopSettings(options: ChopOptions): ChopSettings {
  checkOptionNames('chop', options, OPTION_NAMES);
  const { seed = 0 } = options;
  if (!isSeed(seed)) {
    throw refusal('seed must be an integer, 0 to 4294967295.');
  }
  return {
    listen: parseAddress('listen', options.listen, 0),
    to: parseAddress('to', options.to, 1),
    seed,
    quietTime: toTime('quietTime', options.quietTime, 20),
    pause: toTime('pause', options.pause, 20),
    patience: toTime('patience', options.patience, 500),
    lane: toLanes(options),
  };
}
