// The settings of each direction. They come from the options, and can be changed while the proxy runs. If a
// part of a change contradicts another, the whole change is refused.

import { checkNames, oneOf, refuse, refuseValue } from '../options.ts';
import type { OptionNames } from '../options.ts';
import { checkSchedule, DIRECTIONS, refuseSchedule } from '../schedule/schedule.ts';
import type { Direction, Op, Schedule } from '../schedule/schedule.ts';
import { checkFault, parseFault } from './faults/faults.ts';
import type { Fault } from './faults/faults.ts';
import { faultSlicer, planSlicer } from './plan/slicing.ts';
import type { ChopPlan, Slicer } from './plan/slicing.ts';

/** Changes to one direction. A property that is missing leaves its setting unchanged. */
export interface ChopChange {
  /**
   * Plan by which the stream is cut from now on, instead of any schedules. A plan throws ERR_OPTION beside a
   * fault 'slice' or 'coalesce'. `null` means no plan and no schedules, but a fault 'slice' or 'coalesce'
   * still cuts. Default: no change.
   */
  readonly plan?: ChopPlan | null | undefined;
  /**
   * Faults from now on, instead of all earlier faults. If 'slice' or 'coalesce' is among them, no schedule is
   * played any more. Default: no change.
   */
  readonly faults?: readonly (string | Fault)[] | undefined;
}

/** Changes to both directions. A direction that is missing stays unchanged. */
export interface ChopChanges {
  readonly toServer?: ChopChange | undefined;
  readonly toClient?: ChopChange | undefined;
}

/** The plan and faults of each direction, as they are now. */
export interface ChopState {
  readonly toServer: LaneState;
  readonly toClient: LaneState;
}

/** The plan and faults of one direction, as they are now. */
export interface LaneState {
  readonly plan: ChopPlan | undefined;
  readonly faults: readonly Fault[];
}

/** The settings of one direction of one connection. */
export interface LaneSettings {
  readonly ops?: readonly Op[] | undefined;
  readonly slicer?: Slicer | undefined;
  readonly faults: readonly Fault[];
}

/** Options of `chop` that say where and how a stream is cut, and which faults it gets. */
export interface LaneOptions {
  readonly plan?: ChopPlan | undefined;
  readonly faults?: ChopChange['faults'];
  readonly schedules?: readonly Schedule[] | undefined;
  readonly direction?: Direction | 'both' | undefined;
}

type Lane = LaneState & Pick<LaneSettings, 'slicer'>;

/**
 * Maximum length of a hold in bytes. The proxy keeps the bytes of a hold in memory until the hold is
 * complete.
 */
const MAX_HOLD = 16 * 1024 * 1024;
const CHANGES_NAMES = { toServer: true, toClient: true } satisfies OptionNames<ChopChanges>;
const CHANGE_NAMES = { plan: true, faults: true } satisfies OptionNames<ChopChange>;
/** A direction without settings. */
const UNTOUCHED: Lane = { plan: undefined, faults: [] };

/**
 * Returns the slicer for a plan and faults, or `undefined` if none of them cuts. Throws if several of them
 * cut.
 */
function toSlicer(plan: ChopPlan | undefined, faults: readonly Fault[]): Slicer | undefined {
  const slicers = [
    plan === undefined ? undefined : planSlicer(plan),
    ...faults.map((fault) => faultSlicer(fault)),
  ].filter((slicer) => slicer !== undefined);
  if (slicers.length > 1) {
    refuse(
      `${slicers.length} ways to cut are given, and a stream is cut in one way only.`,
      'Give one plan, or slice, or coalesce.',
    );
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

/** Returns the directions that a word names: one direction, or both for 'both' (default). */
export function toDirections(given: unknown): readonly Direction[] {
  const direction = oneOf('direction', given ?? 'both', [...DIRECTIONS, 'both']);
  return direction === 'both' ? DIRECTIONS : [direction];
}

function list<T>(name: string, given: readonly T[]): readonly T[] {
  return Array.isArray(given) ? given : refuseValue(name, 'a list', given);
}

/** Returns the faults that cut the stream, as a text that can be compared. */
function slicingOf(faults: readonly Fault[]): string {
  return JSON.stringify(faults.filter((fault) => faultSlicer(fault) !== undefined));
}

/**
 * Returns a lane after a change. If the change does not touch the slicing, the slicer stays the same object
 * and keeps its state.
 */
function changed(lane: Lane, change: ChopChange): Lane {
  const plan = change.plan === undefined ? lane.plan : (change.plan ?? undefined);
  const faults =
    change.faults === undefined
      ? lane.faults
      : list('faults', change.faults).map((fault) =>
          typeof fault === 'string' ? parseFault(fault) : checkFault(fault),
        );
  const isSame = plan === lane.plan && slicingOf(faults) === slicingOf(lane.faults);
  return { plan, faults, slicer: isSame ? lane.slicer : toSlicer(plan, faults) };
}

function stateOf({ plan, faults }: Lane): LaneState {
  return { plan, faults };
}

export class Lanes {
  #schedules: readonly Schedule[];
  readonly #lanes: Record<Direction, Lane> = { 'to-server': UNTOUCHED, 'to-client': UNTOUCHED };

  /** Throws UsageError ERR_OPTION or ERR_SCHEDULE for wrong settings. */
  constructor({ schedules = [], direction, plan, faults }: LaneOptions) {
    this.#schedules = list('schedules', schedules);
    checkSchedules(this.#schedules);
    const directions = toDirections(direction);
    const given = changed(UNTOUCHED, { faults });
    const asked = { plan, faults: given.faults, slicer: toSlicer(plan, given.faults) };
    if (asked.slicer !== undefined && this.#schedules.length > 0) {
      refuse(
        'schedules cannot be given beside a plan, slice or coalesce.',
        'Leave out the schedules, or the others.',
      );
    }
    for (const one of directions) {
      this.#lanes[one] = asked;
    }
  }

  state(): ChopState {
    return {
      toServer: stateOf(this.#lanes['to-server']),
      toClient: stateOf(this.#lanes['to-client']),
    };
  }

  /**
   * Returns the settings of a direction of a connection. `undefined` means that there are none, and that the
   * bytes pass as they come.
   */
  settings(direction: Direction, connection: number): LaneSettings | undefined {
    const lane = this.#lanes[direction];
    const fitting = this.#schedules.filter((schedule) => schedule.direction === direction);
    const schedule =
      fitting.find((one) => one.connection === connection) ??
      fitting.find((one) => one.connection === undefined);
    if (schedule === undefined && lane === UNTOUCHED) {
      return undefined;
    }
    return { ops: schedule?.ops, slicer: lane.slicer, faults: lane.faults };
  }

  /**
   * Changes the given directions and returns them. Throws UsageError ERR_OPTION before it changes anything.
   */
  change(changes: ChopChanges): readonly Direction[] {
    checkNames('change', changes, CHANGES_NAMES);
    const asked = { 'to-server': changes.toServer, 'to-client': changes.toClient };
    const next = DIRECTIONS.flatMap((direction) => {
      const change = asked[direction];
      if (change === undefined) {
        return [];
      }
      checkNames('change', change, CHANGE_NAMES);
      return [{ direction, lane: changed(this.#lanes[direction], change), change }];
    });
    for (const { direction, lane, change } of next) {
      this.#lanes[direction] = lane;
      if (lane.slicer !== undefined || change.plan === null) {
        this.#schedules = this.#schedules.filter((one) => one.direction !== direction);
      }
    }
    return next.map(({ direction }) => direction);
  }
}
