// The options of listen(), with their defaults and checks.

import { checkFunction, checkNames, connectionTime } from '../options.ts';
import type { OptionNames } from '../options.ts';
import { resolveServerOptions } from '../stream/server-options.ts';
import type { ResolvedServerOptions, ServerOptions } from '../stream/server-options.ts';
import type { Admit } from './admit.ts';
import type { Peer } from './peer.ts';
import { PEER_NAMES, resolvePeerOptions } from './peer-options.ts';
import type { PeerSettings, ResolvedPeerOptions } from './peer-options.ts';

/** Options of a server of peers. There is an `admitTimeout` instead of a `handshakeTimeout`. */
export interface PeerListenOptions
  extends PeerSettings, Omit<ServerOptions, 'listen' | 'handshakeTimeout'> {
  /**
   * Function that speaks with the remote before the hello, to authenticate the remote. If it throws, the
   * connection is reset. Default: none.
   */
  readonly admit?: Admit | undefined;
  /**
   * Time in ms for the TLS handshake, `admit` and the hello together. When it is over, the connection is
   * reset. A shorter `helloTimeout` ends the wait for the hello earlier. Infinity means no limit. Default:
   * the value of `helloTimeout`.
   */
  readonly admitTimeout?: number | undefined;
  /**
   * Function that is called with the errors that `setup`, `admit` and handlers throw, and with errors of the
   * listening socket. Default: a process warning for each fault of this side. There is no warning for what
   * the remote does: it goes, resets, breaks a rule, or is refused by `admit`. If the server cannot listen,
   * only `ready` rejects.
   */
  readonly onError?: OnError | undefined;
}

/**
 * Function that is called with an error and the peer that the error is about. The peer is `undefined` if the
 * connection was no peer yet, or if the listening socket failed.
 */
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
  readBuffer: true,
  admit: true,
  admitTimeout: true,
  onError: true,
} satisfies OptionNames<PeerListenOptions>;

export interface ResolvedListen {
  readonly server: ResolvedServerOptions;
  readonly admit: Admit | undefined;
  readonly admitTimeout: number;
  readonly onError: OnError | undefined;
  /** The options of all peers of the server. */
  readonly peers: ResolvedPeerOptions;
}

/** Checks the options and fills in the defaults. Throws UsageError ERR_OPTION. */
export function resolveListen(options: PeerListenOptions): ResolvedListen {
  checkNames('listen', options, LISTEN_NAMES);
  const { port, host, path, reusePort, tls, maxConnections, signal, ...others } = options;
  const { readBuffer, ...rest } = others;
  const { admit, admitTimeout: given, onError, ...settings } = rest;
  if (onError !== undefined) {
    checkFunction('onError', onError);
  }
  if (admit !== undefined) {
    checkFunction('admit', admit);
  }
  const peers = resolvePeerOptions(settings);
  const admitTimeout = connectionTime('admitTimeout', given ?? peers.helloTimeout);
  const server = { port, host, path, reusePort, tls, maxConnections, signal, readBuffer };
  const handshakeTimeout = Math.min(admitTimeout, tls?.handshakeTimeout ?? Infinity);
  return {
    server: resolveServerOptions(tls === undefined ? server : { ...server, handshakeTimeout }),
    admit,
    admitTimeout,
    onError,
    peers,
  };
}
