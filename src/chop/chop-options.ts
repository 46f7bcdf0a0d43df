// The options of chop() with their defaults. They are checked before a port is opened.

import {
  callTime,
  checkFunction,
  checkNames,
  checkSignal,
  flag,
  MAX_TIMER_MS,
  whole,
} from '../options.ts';
import type { OptionNames } from '../options.ts';
import { MAX_SEED } from '../schedule/random.ts';
import type { Direction, Schedule } from '../schedule/schedule.ts';
import { parseAddress } from '../deliver/address.ts';
import type { Address } from '../deliver/address.ts';
import type { Fault } from './faults/faults.ts';
import type { ConnectionReport, ConnectionStart } from './connection-report.ts';
import { Lanes } from './lanes.ts';
import type { ChopPlan } from './plan/slicing.ts';

/** Options of `chop`. */
export interface ChopOptions {
  /**
   * Address where clients connect: 'host:port', ':port' or `{ host, port }`. With port 0 the system chooses a
   * free port.
   */
  readonly listen: string | Address;
  /** Address of the server: 'host:port', ':port' or `{ host, port }`. */
  readonly to: string | Address;
  /**
   * Seed of all random choices, 0 … 2^32-1. Each connection gets a seed of its own, made from this seed and
   * the number of the connection. Default 0.
   */
  readonly seed?: number | undefined;
  /**
   * Plan by which the streams are cut. Throws ERR_OPTION beside `schedules`, and beside a fault 'slice' or
   * 'coalesce'. Default: none, and bytes pass as they come.
   */
  readonly plan?: ChopPlan | undefined;
  /**
   * Schedules to play. Throws ERR_OPTION beside `plan`, and beside a fault 'slice' or 'coalesce'; other
   * faults may be given as well. A schedule without `connection` is for every connection that no other
   * schedule names. In a direction without a schedule the bytes pass as they come. Default: none.
   */
  readonly schedules?: readonly Schedule[] | undefined;
  /**
   * Direction for which `plan` and `faults` are. In the other direction the bytes pass as they come. Each
   * schedule names its own direction. Default 'both'.
   */
  readonly direction?: Direction | 'both' | undefined;
  /**
   * Faults, as words or as values: 'delay:5ms-20ms', 'throttle:64KiB', 'rst@100', … Only one of a plan,
   * 'slice' and 'coalesce' may be given; more throw ERR_OPTION. Default: none.
   */
  readonly faults?: readonly (string | Fault)[] | undefined;
  /**
   * Time in ms without a byte after which a sender counts as paused. Bytes that a plan or fault holds back
   * then pass on. Bytes that a schedule holds back still wait. With Infinity, bytes that a plan or fault
   * holds back pass on when the sender has ended, or when 64 KiB have come. Default 20.
   */
  readonly quietTime?: number | undefined;
  /** Pause in ms between two pieces, for a receiver whose queue cannot be seen. Default 20. */
  readonly pause?: number | undefined;
  /**
   * Time in ms for which a receiver whose queue can be seen may leave a piece unread. When it is over, the
   * next piece is sent all the same, and the boundary counts as 'lost'. For other receivers `pause` is used
   * instead. Infinity means no limit. Default 500.
   */
  readonly patience?: number | undefined;
  /**
   * Whether the proxy records what it does. `recording()` then returns the record as schedules. With false
   * `recording()` returns an empty list. Default false.
   */
  readonly record?: boolean | undefined;
  /** Function that is called when a connection is accepted. Default: none. */
  readonly onOpen?: ((start: ConnectionStart) => void) | undefined;
  /** Function that is called when a connection is over. Default: none. */
  readonly onClose?: ((report: ConnectionReport) => void) | undefined;
  /**
   * Function that is called with the bytes that pass, in the order in which they pass. If the function
   * throws, the connection of these bytes ends. Default: none.
   */
  readonly onPass?: ((passed: Passed) => void) | undefined;
  /** Signal whose abort closes the proxy. Default: none. */
  readonly signal?: AbortSignal | undefined;
}

/** Bytes that pass through the proxy, or the end of a direction. */
export interface Passed {
  readonly connection: number;
  readonly direction: Direction;
  /**
   * The bytes of a piece, or of a part of a piece. `undefined` means that the direction has ended without a
   * reset.
   */
  readonly bytes: Uint8Array | undefined;
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
  readonly onPass: ((passed: Passed) => void) | undefined;
  readonly signal: AbortSignal | undefined;
  readonly lanes: Lanes;
}

/** The defaults, which --help and docs/chop.md show, too. Times are in ms. */
export const CHOP_DEFAULTS = { seed: 0, quietTime: 20, pause: 20, patience: 500 } as const;
const ignore = (): void => undefined;

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
  onPass: true,
  signal: true,
} satisfies OptionNames<ChopOptions>;

/** Checks the options and fills in the defaults. Throws UsageError ERR_OPTION or ERR_SCHEDULE. */
export function resolveChopOptions(options: ChopOptions): ResolvedChopOptions {
  checkNames('chop', options, NAMES);
  const { onOpen = ignore, onClose = ignore, onPass, signal } = options;
  const { schedules, direction, plan, faults } = options;
  checkFunction('onOpen', onOpen);
  checkFunction('onClose', onClose);
  checkFunction('onPass', onPass ?? ignore);
  checkSignal('signal', signal);
  return {
    listen: parseAddress('listen', options.listen, 0),
    to: parseAddress('to', options.to, 1),
    seed: whole('seed', options.seed ?? CHOP_DEFAULTS.seed, { max: MAX_SEED }),
    quietTime: callTime('quietTime', options.quietTime ?? CHOP_DEFAULTS.quietTime),
    pause: whole('pause', options.pause ?? CHOP_DEFAULTS.pause, { max: MAX_TIMER_MS }),
    patience: callTime('patience', options.patience ?? CHOP_DEFAULTS.patience),
    record: flag('record', options.record, false),
    lanes: new Lanes({ schedules, direction, plan, faults }),
    onOpen,
    onClose,
    onPass,
    signal,
  };
}
