// The address and options of connect(): defaults and validation in one place.

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
import type { PeerSettings } from './peer-options.ts';

/** The fields of a ServerAddress, as the entry for peers documents them. */
export interface PeerAddress {
  readonly port?: number | undefined;
  /** Default 127.0.0.1. */
  readonly host?: string | undefined;
  /** Path of a unix socket, instead of port and host. */
  readonly path?: string | undefined;
  /** Options of `tls.connect`, such as `{ ca }`. With them, also with `{}`, the connection is encrypted. */
  readonly tls?: ConnectionOptions | undefined;
}

/** How often to try, and how long to wait in between. Each wait doubles, and half of it is random. */
export interface Retry {
  /** Number of attempts in all. Default 10. */
  readonly attempts?: number | undefined;
  /** Time in ms before the second attempt. Default 100. */
  readonly minDelay?: number | undefined;
  /** Maximum time in ms between two attempts. Default 10 000, or `minDelay` if that is longer. */
  readonly maxDelay?: number | undefined;
}

export interface ConnectOptions extends PeerOptions {
  /** Further attempts after one that did not connect, or got no hello. Not after `admit`. Default: none. */
  readonly retry?: Retry | undefined;
  /** Function that registers the handlers of the peer, before its first message is read. */
  readonly setup?: ((peer: Peer) => void) | undefined;
  /** Function that speaks with the remote first, to authenticate. */
  readonly admit?: Admit | undefined;
  /**
   * Time in ms for one attempt: connecting, TLS, `admit` and the hello together. Infinity means no limit.
   * Default 10 000.
   */
  readonly timeout?: number | undefined;
  /** Signal whose abort stops the attempts, and later ends the peer. */
  readonly signal?: AbortSignal | undefined;
  /** As for `dial`: 'own' turns the read buffer off. Default 'reused'. */
  readonly readBuffer?: ReadBuffer | undefined;
}

export interface ResolvedConnect {
  /** What each attempt asks of the connector. Its `connectTimeout` also limits `admit` and the hello. */
  readonly asked: ConnectAttempt;
  readonly settings: PeerSettings;
  readonly onError: PeerOptions['onError'];
  readonly helloTimeout: number;
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

/** Throws UsageError ERR_OPTION. */
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
  const { helloTimeout } = resolvePeerOptions(settings);
  const connectTimeout = connectionTime('timeout', timeout);
  const asked = {
    ...address,
    connectTimeout,
    signal,
    readBuffer: resolveReadBuffer(readBuffer),
  };
  return { asked, settings, onError, helloTimeout, admit, setup, retry: resolveRetry(retry) };
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

/** The time before the next attempt. Half of it is random, so that many clients do not return at once. */
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
