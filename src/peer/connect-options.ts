// The address and options of connect(), with their defaults and checks.

import type { ConnectionOptions } from 'node:tls';
import { unwatchAbort, watchAbort } from '../abort.ts';
import {
  checkFunction,
  checkNames,
  checkSignal,
  connectionTime,
  MAX_TIMER_MS,
  refuse,
  whole,
} from '../options.ts';
import type { OptionNames } from '../options.ts';
import { ADDRESS_NAMES, resolveAddress } from '../stream/connecting.ts';
import type { ConnectAttempt } from '../stream/connecting.ts';
import { resolveReadBuffer } from '../stream/read-buffer.ts';
import type { ReadBuffer } from '../stream/read-buffer.ts';
import type { Admit } from './admit.ts';
import type { Peer, PeerOptions } from './peer.ts';
import { PEER_NAMES, resolvePeerOptions } from './peer-options.ts';
import type { ResolvedPeerOptions } from './peer-options.ts';

/**
 * Address of the server: a port and host, or the path of a unix socket. It has the same fields as
 * ServerAddress, written out because the entry for peers documents them.
 */
export interface PeerAddress {
  /**
   * Port of the server, 1 … 65 535. Any other value throws ERR_OPTION. `port` is required without `path`, and
   * throws ERR_OPTION beside `path`.
   */
  readonly port?: number | undefined;
  /** Name or address of the server. Throws ERR_OPTION beside `path`. Default 127.0.0.1. */
  readonly host?: string | undefined;
  /** Path of a unix socket, instead of port and host. Default: none. */
  readonly path?: string | undefined;
  /**
   * Options of `tls.connect`, such as `{ ca }`. With them, also with `{}`, the connection is encrypted.
   * Default: none, a plain connection.
   */
  readonly tls?: ConnectionOptions | undefined;
}

/**
 * Number of attempts, and the waits between them. The maximum of each wait is twice the maximum of the wait
 * before, up to `maxDelay`. At random a wait is shorter than its maximum, by up to one half.
 */
export interface Retry {
  /**
   * Number of attempts in all, at least 1. After the last attempt `connect` rejects with ERR_CONNECT. Default
   * 10.
   */
  readonly attempts?: number | undefined;
  /**
   * Maximum time in ms to wait before the second attempt. Throws ERR_OPTION if it is longer than `maxDelay`.
   * Default 100.
   */
  readonly minDelay?: number | undefined;
  /** Maximum time in ms to wait between two attempts. Default 10 000, or `minDelay` if that is longer. */
  readonly maxDelay?: number | undefined;
}

/** Options of `connect`: the attempts, and the options of `peer`. */
export interface ConnectOptions extends PeerOptions {
  /**
   * Settings of further attempts. They follow an attempt that did not connect, or in which the remote said no
   * hello. After a failure in `admit` there is no further attempt. Default: one attempt in all.
   */
  readonly retry?: Retry | undefined;
  /**
   * Function that registers the handlers of the peer, before the first message of the remote is read. If it
   * throws, `connect` rejects with its error. Default: no handlers.
   */
  readonly setup?: ((peer: Peer) => void) | undefined;
  /**
   * Function that speaks with the remote before the hello, to authenticate it. If the function throws, the
   * connection is reset and `connect` rejects. Default: none.
   */
  readonly admit?: Admit | undefined;
  /**
   * Time in ms for one attempt: connecting, TLS, `admit` and the hello together. When it is over, the attempt
   * has failed. A shorter `helloTimeout` ends the wait for the hello earlier. Infinity means no limit, and 0
   * throws ERR_OPTION. Default 10 000.
   */
  readonly timeout?: number | undefined;
  /**
   * Signal whose abort stops the attempts, so that `connect` rejects with ERR_CONNECTION_CLOSED. After
   * `connect` has resolved, the abort destroys the peer. Default: none.
   */
  readonly signal?: AbortSignal | undefined;
  /**
   * Memory into which the socket is read, as in `dial`: 'reused' or 'own'. Where 'reused' is not possible,
   * for example with `tls`, it has the effect of 'own'. Default 'reused'.
   */
  readonly readBuffer?: ReadBuffer | undefined;
}

export interface ResolvedConnect {
  /** Options that each attempt needs to connect. Their `connectTimeout` also limits `admit` and the hello. */
  readonly asked: ConnectAttempt;
  readonly peer: ResolvedPeerOptions;
  readonly onError: PeerOptions['onError'];
  readonly admit: Admit | undefined;
  readonly setup: (peer: Peer) => void;
  readonly retry: ResolvedRetry;
}

export type ResolvedRetry = Readonly<Record<keyof Retry, number>>;

const RETRY_NAMES = {
  attempts: true,
  minDelay: true,
  maxDelay: true,
} satisfies OptionNames<Retry>;

const CONNECT_NAMES = {
  ...PEER_NAMES,
  onError: true,
  retry: true,
  setup: true,
  admit: true,
  timeout: true,
  signal: true,
  readBuffer: true,
} satisfies OptionNames<ConnectOptions>;

/** Checks the address and the options, and fills in the defaults. Throws UsageError ERR_OPTION. */
export function resolveConnect(where: PeerAddress, options: ConnectOptions): ResolvedConnect {
  const names: OptionNames<PeerAddress> = ADDRESS_NAMES;
  checkNames('The address', where, names);
  const address = resolveAddress(where);
  checkNames('connect', options, CONNECT_NAMES);
  const { retry, setup = () => undefined, admit, timeout = 10_000, signal, ...others } = options;
  const { readBuffer, ...rest } = others;
  const { onError, ...settings } = rest;
  checkFunction('setup', setup);
  if (admit !== undefined) {
    checkFunction('admit', admit);
  }
  if (onError !== undefined) {
    checkFunction('onError', onError);
  }
  checkSignal('signal', signal);
  const connectTimeout = connectionTime('timeout', timeout);
  const asked = {
    ...address,
    connectTimeout,
    signal,
    readBuffer: resolveReadBuffer(readBuffer),
  };
  return {
    asked,
    peer: resolvePeerOptions(settings),
    onError,
    admit,
    setup,
    retry: resolveRetry(retry),
  };
}

function resolveRetry(retry: Retry | undefined): ResolvedRetry {
  if (retry === undefined) {
    return { attempts: 1, minDelay: 0, maxDelay: 0 };
  }
  checkNames('retry', retry, RETRY_NAMES);
  const { attempts = 10, minDelay = 100, maxDelay = Math.max(10_000, minDelay) } = retry;
  const most = { max: MAX_TIMER_MS };
  const resolved = {
    attempts: whole('retry.attempts', attempts, { min: 1 }),
    minDelay: whole('retry.minDelay', minDelay, most),
    maxDelay: whole('retry.maxDelay', maxDelay, most),
  };
  if (minDelay > maxDelay) {
    refuse(`retry.minDelay ${minDelay} is longer than retry.maxDelay ${maxDelay}.`);
  }
  return resolved;
}

/**
 * Returns the time in ms to wait before the next attempt. Up to one half of the longest time is left out at
 * random, so that many clients do not come back together.
 */
export function backoff(made: number, { minDelay, maxDelay }: ResolvedRetry): number {
  const full = Math.min(minDelay * 2 ** (made - 1), maxDelay);
  return full / 2 + (Math.random() * full) / 2;
}

export function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      unwatchAbort(signal, done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    watchAbort(signal, done);
  });
}
