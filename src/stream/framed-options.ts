// The options of a framed connection: defaults and validation in one place.

import { checkOptionNames, UsageError } from '../errors.ts';
import type { ProtocolError } from '../errors.ts';

export interface FramedOptions {
  /** Aborts the connection: reads and sends fail with ERR_CONNECTION_CLOSED, the socket is destroyed. */
  readonly signal?: AbortSignal | undefined;
  /**
   * The longest time in ms that one frame may take from its first byte to its last while a reader waits
   * for it; then the connection ends with ERR_FRAME_STALLED. A slow reader here never counts. Default 0: no limit.
   */
  readonly frameTimeout?: number | undefined;
  /**
   * The longest time in ms in which nothing is received or sent; then the connection ends with ERR_IDLE.
   * It rests while received values wait for a slow reader here. Default 0: no limit.
   */
  readonly idleTimeout?: number | undefined;
  /** The most bytes that may wait to be sent; `send` fails with ERR_QUEUE_FULL above. Default 16 MiB. */
  readonly maxQueuedLength?: number | undefined;
  /** `send` waits while more bytes than this are queued. Default 64 KiB. */
  readonly highWaterMark?: number | undefined;
  /** Give values that own their bytes, instead of views of chunks. Default false. */
  readonly copy?: boolean | undefined;
  /** Frames that are too large or fail their checksum are reported here and skipped, not fatal. */
  readonly onSkip?: ((error: ProtocolError) => void) | undefined;
}

export interface ResolvedOptions {
  readonly signal: AbortSignal | undefined;
  readonly frameTimeout: number;
  readonly idleTimeout: number;
  readonly maxQueuedLength: number;
  readonly highWaterMark: number;
  readonly copy: boolean;
  readonly onSkip: ((error: ProtocolError) => void) | undefined;
}

const DEFAULT_MAX_QUEUED_LENGTH = 16 * 1024 * 1024;
/** What one read of a socket gives at most, and what Node ≥ 22 has as its own mark. */
const DEFAULT_HIGH_WATER_MARK = 64 * 1024;
/** The longest that a timer of Node can be set to, in ms. */
export const MAX_TIMEOUT: number = 2 ** 31 - 1;

export const framedOptionNames: readonly string[] = [
  'signal',
  'frameTimeout',
  'idleTimeout',
  'maxQueuedLength',
  'highWaterMark',
  'copy',
  'onSkip',
];

/** The options with their defaults. Throws UsageError ERR_OPTION. */
export function resolveOptions(options: FramedOptions): ResolvedOptions {
  checkOptionNames('framed', options, framedOptionNames);
  const { signal, onSkip } = options;
  if (signal !== undefined && typeof signal?.addEventListener !== 'function')
    refuse('signal must be an AbortSignal.');
  if (onSkip !== undefined && typeof onSkip !== 'function') refuse('onSkip must be a function.');
  // Nearly all connections have the defaults: those share them.
  if (options !== NONE && Object.keys(options).length === 0) return DEFAULTS;
  return {
    signal,
    frameTimeout: whole('frameTimeout', options.frameTimeout ?? 0, MAX_TIMEOUT),
    idleTimeout: whole('idleTimeout', options.idleTimeout ?? 0, MAX_TIMEOUT),
    maxQueuedLength: whole(
      'maxQueuedLength',
      options.maxQueuedLength ?? DEFAULT_MAX_QUEUED_LENGTH,
      Number.MAX_SAFE_INTEGER,
    ),
    highWaterMark: whole(
      'highWaterMark',
      options.highWaterMark ?? DEFAULT_HIGH_WATER_MARK,
      Number.MAX_SAFE_INTEGER,
    ),
    copy: options.copy ?? false,
    onSkip,
  };
}

const NONE: FramedOptions = {};
const DEFAULTS: ResolvedOptions = Object.freeze(resolveOptions(NONE));

/** A whole number from 0 to `largest`. */
export function whole(name: string, value: number, largest: number): number {
  if (Number.isSafeInteger(value) && value >= 0 && value <= largest) return value;
  return refuse(`${name} must be a whole number from 0 to ${largest}, not ${String(value)}.`);
}

function refuse(facts: string): never {
  throw new UsageError('ERR_OPTION', facts);
}
