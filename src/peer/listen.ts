// listen() makes a server whose connections are peers. It listens, counts connections and ends in the same
// way as a server of serve().

import type { Server } from 'node:net';
import { checkFunction } from '../options.ts';
import type { CloseOptions } from '../stream/framed-options.ts';
import { faceOf, OpenServer } from '../stream/open-server.ts';
import { resolveListen } from './listen-options.ts';
import type { PeerListenOptions } from './listen-options.ts';
import { Lobby } from './lobby.ts';
import type { PeerSetup } from './lobby.ts';
import type { Peer } from './peer.ts';

/** A server of `listen`: its port, its peers, and ways to end it. */
export interface PeerServer {
  /**
   * Promise that resolves when the server listens, or was closed first. It rejects with ERR_LISTEN when the
   * server cannot listen. If you neither handle that rejection nor give `onError`, the rejection ends the
   * process.
   */
  readonly ready: Promise<void>;
  /** Port that the server listens on. It is 0 while the server does not listen, and on a unix socket. */
  readonly port: number;
  /** `host:port`, or the path of the unix socket, while the server listens. */
  readonly address: string | undefined;
  /** Number of open sockets: those in their handshake, in `admit`, or of a peer. */
  readonly connections: number;
  /** The peers whose connection is not over. A peer whose hello has not come yet is one of them. */
  readonly peers: ReadonlySet<Peer>;
  readonly server: Server;
  /**
   * Stops listening, resets connections that are no peers yet or have sent no hello, and closes every peer in
   * order. After `within` ms (default 5000) every socket that is left is reset.
   */
  close(options?: CloseOptions): Promise<void>;
  /** Calls `close()`. */
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Listens and calls `setup` with the peer of each connection, before the first message of that peer is read.
 * Register handlers in `setup`. Throws UsageError ERR_OPTION. If the server cannot listen, `ready` rejects
 * with ConnectionError ERR_LISTEN.
 *
 * @example
 * ```ts
 * import { connect, listen } from 'unstick/peer';
 *
 * const server = listen((peer) => {
 *   peer.handle('upper', (params) => String(params).toUpperCase());
 * });
 * await server.ready;
 * const peer = await connect({ port: server.port });
 * const { result } = await peer.request('upper', 'sticky');
 * console.log(result);
 * await peer.close();
 * await server.close();
 * ```
 *
 * ```text
 * STICKY
 * ```
 */
export function listen(setup: PeerSetup, options: PeerListenOptions = {}): PeerServer {
  checkFunction('setup', setup);
  // Check the options now, so that a wrong option throws here and not when the first connection comes.
  const resolved = resolveListen(options);
  const lobby = new Lobby(setup, resolved);
  const door = new OpenServer(resolved.server, lobby);
  return Object.assign(faceOf(door), { peers: lobby.peers });
}
