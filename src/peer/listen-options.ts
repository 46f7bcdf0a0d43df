// The options of listen(): defaults and validation in one place.

import type { ListenOptions } from 'node:net';
import type { TlsOptions } from 'node:tls';
import {
  checkFunction,
  checkNames,
  checkSignal,
  connectionTime,
  refuseValue,
  whole,
} from '../options.ts';
import type { OptionNames } from '../options.ts';
import { whereToListen } from '../stream/listening.ts';
import type { ListenAddress } from '../stream/listening.ts';
import type { Admit } from './admit.ts';
import type { Peer } from './peer.ts';
import { PEER_NAMES, resolvePeerOptions } from './peer-options.ts';
import type { PeerSettings } from './peer-options.ts';

export interface PeerListenOptions extends PeerSettings, ListenAddress {
  /** Keys and certificates of `tls.createServer`: then every connection is encrypted. */
  readonly tls?: TlsOptions | undefined;
  /** Number of connections above which more are reset at once; 0 refuses all. Default: no limit. */
  readonly maxConnections?: number | undefined;
  /** Ends the server and every peer at once. */
  readonly signal?: AbortSignal | undefined;
  /** Speaks with the other side first, to see who it is; what it throws refuses the connection. */
  readonly admit?: Admit | undefined;
  /**
   * Time in ms that a stranger has in all: for TLS, `admit` and the hello. Infinity means no limit.
   * Default: the helloTimeout.
   */
  readonly admitTimeout?: number | undefined;
  /**
   * Hears what `setup`, `admit` and handlers throw, and errors of the listening socket. Default: a process
   * warning for what is a fault of this side. A remote that goes, resets, breaks a rule or is not admitted
   * says nothing.
   */
  readonly onError?: OnError | undefined;
}

/** Hears of errors; `peer` where there was one already. */
export type OnError = (error: unknown, peer: Peer | undefined) => void;

const LISTEN_NAMES = {
  ...PEER_NAMES,
  port: true,
  host: true,
  path: true,
  tls: true,
  maxConnections: true,
  signal: true,
  admit: true,
  admitTimeout: true,
  onError: true,
} satisfies OptionNames<PeerListenOptions>;

export interface ResolvedListen {
  readonly where: ListenOptions;
  readonly tls: TlsOptions | undefined;
  readonly maxConnections: number;
  readonly signal: AbortSignal | undefined;
  readonly admit: Admit | undefined;
  readonly admitTimeout: number;
  readonly helloTimeout: number;
  readonly onError: OnError | undefined;
  readonly settings: PeerSettings;
}

/** Throws UsageError ERR_OPTION. */
export function resolveListen(options: PeerListenOptions): ResolvedListen {
  checkNames('listen', options, LISTEN_NAMES);
  const { port, host, path, tls, maxConnections, signal, admit, admitTimeout, ...rest } = options;
  const { onError, ...settings } = rest;
  if (onError !== undefined) checkFunction('onError', onError);
  if (admit !== undefined) checkFunction('admit', admit);
  checkSignal('signal', signal);
  const given: unknown = tls;
  if (given !== undefined && (typeof given !== 'object' || given === null))
    refuseValue('tls', 'an object of options', given);
  const { helloTimeout } = resolvePeerOptions(settings);
  return {
    where: whereToListen({ port, host, path }),
    tls,
    maxConnections:
      maxConnections === undefined ? Infinity : whole('maxConnections', maxConnections),
    signal,
    admit,
    admitTimeout: connectionTime('admitTimeout', admitTimeout ?? helloTimeout),
    helloTimeout,
    onError,
    settings,
  };
}
