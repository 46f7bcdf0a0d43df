// Options of a framed connection and of its methods, with their defaults and checks.

import type { ProtocolError } from '../errors.ts';
import {
  callTime,
  checkFunction,
  checkNames,
  checkSignal,
  connectionTime,
  flag,
  oneOf,
  whole,
} from '../options.ts';
import type { OptionNames } from '../options.ts';

/** Options of a framed connection. A time of 0 throws ERR_OPTION; Infinity means no limit. */
export interface FramedOptions {
  /**
   * Signal whose abort ends the connection. Reads and sends then fail with ERR_CONNECTION_CLOSED. Default:
   * none.
   */
  readonly signal?: AbortSignal | undefined;
  /**
   * Time in ms within which a frame that has begun must end, or another 64 KiB of it must come. The time
   * counts only while a reader waits. When it is over, the connection ends with ERR_FRAME_STALLED. With
   * resync the connection goes on, and the decoder searches on after the first byte of that frame. Default
   * Infinity, which means no limit; 30 000 in `serve` and `serveMessages`, except for a codec whose frames
   * may take any time, such as `lines()` and `delimited()`: that codec keeps Infinity.
   */
  readonly frameTimeout?: number | undefined;
  /**
   * Maximum time in ms during which the kernel takes none of the bytes that wait to be sent. When it is over,
   * the connection ends with ERR_SEND_STALLED. Default Infinity, which means no limit; 30 000 in `serve` and
   * `serveMessages`.
   */
  readonly sendTimeout?: number | undefined;
  /**
   * Maximum time in ms during which no byte moves in either direction. When it is over, the connection ends
   * with ERR_IDLE. Bytes that wait for a slow reader on this side count as not moving. Default Infinity,
   * which means no limit.
   */
  readonly idleTimeout?: number | undefined;
  /**
   * Maximum number of bytes that wait to be sent. A value that is alone in the queue may be longer.
   * `whenFull` says what happens to a send that would exceed the maximum. Default 16 MiB.
   */
  readonly maxQueuedLength?: number | undefined;
  /**
   * Effect of a send that would exceed `maxQueuedLength`: 'reject' fails that send with ERR_QUEUE_FULL,
   * 'destroy' ends the connection with that error. Default 'reject'.
   */
  readonly whenFull?: 'reject' | 'destroy' | undefined;
  /**
   * Number of queued bytes up to which `send` resolves without waiting. The send of a value of more than 8
   * KiB resolves only when the kernel has the value. Default 64 KiB.
   */
  readonly highWaterMark?: number | undefined;
  /** Whether values have bytes of their own. With false, values are views of chunks. Default false. */
  readonly copy?: boolean | undefined;
  /**
   * Function that is called with the error of each frame that is skipped: a wrong frame whose end is known or
   * can be found, such as one that is too large or fails its checksum. With resync it is also called for each
   * gap: bytes that are no frame. Without the function, such a frame ends reading with a ProtocolError, and
   * gaps are only counted in `stats`. Default: none.
   */
  readonly onSkip?: ((error: ProtocolError) => void) | undefined;
}

/** Options that were checked, with their defaults. A server makes one object for all its connections. */
export class ResolvedFramedOptions {
  readonly signal: AbortSignal | undefined;
  readonly frameTimeout: number;
  readonly sendTimeout: number;
  readonly idleTimeout: number;
  readonly maxQueuedLength: number;
  readonly whenFull: 'reject' | 'destroy';
  readonly highWaterMark: number;
  readonly copy: boolean;
  readonly onSkip: ((error: ProtocolError) => void) | undefined;

  constructor(options: FramedOptions) {
    this.signal = options.signal;
    this.frameTimeout = connectionTime('frameTimeout', options.frameTimeout ?? Infinity);
    this.sendTimeout = connectionTime('sendTimeout', options.sendTimeout ?? Infinity);
    this.idleTimeout = connectionTime('idleTimeout', options.idleTimeout ?? Infinity);
    const maxQueuedLength = options.maxQueuedLength ?? DEFAULT_MAX_QUEUED_LENGTH;
    this.maxQueuedLength = whole('maxQueuedLength', maxQueuedLength);
    this.whenFull = oneOf('whenFull', options.whenFull ?? 'reject', ['reject', 'destroy']);
    this.highWaterMark = whole('highWaterMark', options.highWaterMark ?? DEFAULT_HIGH_WATER_MARK);
    this.copy = flag('copy', options.copy, false);
    this.onSkip = options.onSkip;
  }
}

export interface ReceiveOptions {
  /**
   * Time in ms for the whole call. When it is over, the call fails with ERR_TIMEOUT, and the connection goes
   * on. With 0 the call returns only what has come already. Default Infinity, which means no limit.
   */
  readonly timeout?: number | undefined;
  /** Signal whose abort gives the call up with ERR_ABORTED. The connection goes on. Default: none. */
  readonly signal?: AbortSignal | undefined;
}

export interface SendOptions {
  /**
   * Signal whose abort stops the waiting with ERR_ABORTED. Bytes that were accepted still go out. Default:
   * none.
   */
  readonly signal?: AbortSignal | undefined;
}

/** Options of `close`. */
export interface CloseOptions {
  /**
   * Time in ms for the whole ending, counted from the call. When it is over, the socket is cut off, and bytes
   * that have not gone out are lost. Default 30 000 for a connection and a peer, 5000 for a server.
   */
  readonly within?: number | undefined;
}

const DEFAULT_MAX_QUEUED_LENGTH = 16 * 1024 * 1024;
/**
 * The largest number of bytes that one read of a socket gives. It is also the `highWaterMark` of node's own
 * streams since Node 22.
 */
const DEFAULT_HIGH_WATER_MARK = 64 * 1024;
const DEFAULT_WITHIN_MS = 30_000;
/**
 * The `within` of `await using`, in ms. It is short, so that a scope does not hold up its caller for half a
 * minute.
 */
export const DISPOSE_MS = 5000;

export const FRAMED_NAMES: OptionNames<FramedOptions> = {
  signal: true,
  frameTimeout: true,
  sendTimeout: true,
  idleTimeout: true,
  maxQueuedLength: true,
  whenFull: true,
  highWaterMark: true,
  copy: true,
  onSkip: true,
};
const RECEIVE_NAMES: OptionNames<ReceiveOptions> = { timeout: true, signal: true };
const SEND_NAMES: OptionNames<SendOptions> = { signal: true };
const CLOSE_NAMES: OptionNames<CloseOptions> = { within: true };

/**
 * Checks the options and fills in the defaults. Options that were resolved already are returned as they are.
 * Throws UsageError ERR_OPTION.
 */
export function resolveFramedOptions(options: FramedOptions): ResolvedFramedOptions {
  if (options instanceof ResolvedFramedOptions) {
    return options;
  }
  checkNames('framed', options, FRAMED_NAMES);
  const { signal, onSkip } = options;
  checkSignal('signal', signal);
  if (onSkip !== undefined) {
    checkFunction('onSkip', onSkip);
  }
  // Nearly all connections have the defaults, so those connections share one object.
  return Object.keys(options).length === 0 ? DEFAULTS : new ResolvedFramedOptions(options);
}

const DEFAULTS: ResolvedFramedOptions = Object.freeze(new ResolvedFramedOptions({}));

export interface ResolvedReceiveOptions {
  readonly timeout: number;
  readonly signal: AbortSignal | undefined;
}

export function resolveReceiveOptions(options: ReceiveOptions): ResolvedReceiveOptions {
  checkNames('receive', options, RECEIVE_NAMES);
  const { timeout = Infinity, signal } = options;
  checkSignal('signal', signal);
  return { timeout: callTime('timeout', timeout), signal };
}

export function resolveSendOptions(options: SendOptions): SendOptions {
  checkNames('send', options, SEND_NAMES);
  checkSignal('signal', options.signal);
  return options;
}

/** Checks the options of an ending and returns `within`, in ms. */
export function resolveWithin(options: CloseOptions, preset: number = DEFAULT_WITHIN_MS): number {
  checkNames('close', options, CLOSE_NAMES);
  return callTime('within', options.within ?? preset);
}
