// The options of the methods of a peer. Every method refuses misspelt options.

import { isBytes, NO_BYTES } from '../codec/bytes.ts';
import { UsageError } from '../errors.ts';
import { callTime, checkNames, checkSignal, refuseValue } from '../options.ts';
import type { OptionNames } from '../options.ts';

/** Options of `request`. */
export interface RequestOptions {
  /** Bytes to send along with the params. Text is sent as UTF-8. Default: none. */
  readonly body?: Uint8Array | string | undefined;
  /**
   * Time in ms for the answer. When it is over, the request fails with ERR_TIMEOUT, and the signal of the
   * remote's handler aborts. Default: the value of `requestTimeout` of this peer.
   */
  readonly timeout?: number | undefined;
  /**
   * Signal whose abort gives the request up: it fails with ERR_ABORTED, and the signal of the remote's
   * handler aborts, too. Default: none.
   */
  readonly signal?: AbortSignal | undefined;
}

/** Options of `notify`. */
export interface NotifyOptions {
  /** Bytes to send along with the params. Text is sent as UTF-8. Default: none. */
  readonly body?: Uint8Array | string | undefined;
}

/** Options of `open`. */
export interface OpenOptions {
  /**
   * Time in ms until the remote must have room for the channel. When it is over, the channel fails with
   * ERR_TIMEOUT. Default Infinity, which means no limit.
   */
  readonly timeout?: number | undefined;
  /**
   * Signal whose abort resets the channel, whether it is open or still waits. The channel then fails with
   * ERR_ABORTED. Default: none.
   */
  readonly signal?: AbortSignal | undefined;
}

/** Options of `ping`. */
export interface PingOptions {
  /**
   * Time in ms for the answer. When it is over, `ping` fails with ERR_TIMEOUT. Default Infinity, which means
   * no limit.
   */
  readonly timeout?: number | undefined;
}

const REQUEST_NAMES = {
  body: true,
  timeout: true,
  signal: true,
} satisfies OptionNames<RequestOptions>;
const NOTIFY_NAMES = { body: true } satisfies OptionNames<NotifyOptions>;
const OPEN_NAMES = { timeout: true, signal: true } satisfies OptionNames<OpenOptions>;
const PING_NAMES = { timeout: true } satisfies OptionNames<PingOptions>;

export interface ResolvedRequest {
  readonly body: Uint8Array;
  readonly timeout: number;
  readonly signal: AbortSignal | undefined;
}

export function resolveRequest(
  name: unknown,
  options: RequestOptions,
  requestTimeout: number,
): ResolvedRequest {
  checkName('request', name);
  checkNames('request', options, REQUEST_NAMES);
  const { body, timeout = requestTimeout, signal } = options;
  checkSignal('signal', signal);
  return { body: bytesOf(body), timeout: callTime('timeout', timeout), signal };
}

/** Checks the name and options of `notify`. Returns the bytes of the body. */
export function resolveNotify(name: unknown, options: NotifyOptions): Uint8Array {
  checkName('notify', name);
  checkNames('notify', options, NOTIFY_NAMES);
  return bytesOf(options.body);
}

export function resolveOpen(
  name: unknown,
  options: OpenOptions,
): { readonly timeout: number; readonly signal: AbortSignal | undefined } {
  checkName('open', name);
  checkNames('open', options, OPEN_NAMES);
  const { timeout = Infinity, signal } = options;
  checkSignal('signal', signal);
  return { timeout: callTime('timeout', timeout), signal };
}

/** Checks the options of `ping`. Returns the timeout in ms. */
export function resolvePing(options: PingOptions): number {
  checkNames('ping', options, PING_NAMES);
  return callTime('timeout', options.timeout ?? Infinity);
}

/**
 * Returns the bytes of a body that is given as bytes or text. Throws UsageError ERR_FRAME_UNENCODABLE for
 * anything else.
 */
export function bytesOf(body: Uint8Array | string | undefined): Uint8Array {
  if (body === undefined) {
    return NO_BYTES;
  }
  if (typeof body === 'string') {
    return Buffer.from(body);
  }
  if (isBytes(body)) {
    return body;
  }
  throw new UsageError('ERR_FRAME_UNENCODABLE', 'A body must be bytes or text.', {
    hint: 'For streams open a channel.',
  });
}

function checkName(verb: string, name: unknown): void {
  if (typeof name !== 'string') {
    refuseValue(`The name of a ${verb}`, 'a string', name);
  }
}
