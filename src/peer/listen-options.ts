// The options of listen(): defaults and validation in one place.

import { checkFunction, checkNames, connectionTime } from '../options.ts';
import type { OptionNames } from '../options.ts';
import { resolveServerOptions } from '../stream/server-options.ts';
import type { ResolvedServerOptions, ServerOptions } from '../stream/server-options.ts';
import type { Admit } from './admit.ts';
import type { Peer } from './peer.ts';
import { PEER_NAMES, resolvePeerOptions } from './peer-options.ts';
import type { PeerSettings } from './peer-options.ts';

/** `admitTimeout` bounds the TLS handshake as well. */
export interface PeerListenOptions
  extends PeerSettings, Omit<ServerOptions, 'listen' | 'handshakeTimeout'> {
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
  reusePort: true,
  tls: true,
  maxConnections: true,
  signal: true,
  admit: true,
  admitTimeout: true,
  onError: true,
} satisfies OptionNames<PeerListenOptions>;

export interface ResolvedListen {
  readonly server: ResolvedServerOptions;
  readonly admit: Admit | undefined;
  readonly admitTimeout: number;
  readonly helloTimeout: number;
  readonly onError: OnError | undefined;
  readonly settings: PeerSettings;
}

/** Throws UsageError ERR_OPTION. */
export function resolveListen(options: PeerListenOptions): ResolvedListen {
  checkNames('listen', options, LISTEN_NAMES);
  const { port, host, path, reusePort, tls, maxConnections, signal, ...rest } = options;
  const { admit, admitTimeout: given, onError, ...settings } = rest;
  if (onError !== undefined) {
    checkFunction('onError', onError);
  }
  if (admit !== undefined) {
    checkFunction('admit', admit);
  }
  const { helloTimeout } = resolvePeerOptions(settings);
  const admitTimeout = connectionTime('admitTimeout', given ?? helloTimeout);
  const server = { port, host, path, reusePort, tls, maxConnections, signal };
  const handshakeTimeout = Math.min(admitTimeout, tls?.handshakeTimeout ?? Infinity);
  return {
    server: resolveServerOptions(tls === undefined ? server : { ...server, handshakeTimeout }),
    admit,
    admitTimeout,
    helloTimeout,
    onError,
    settings,
  };
}
