// listen(): a server whose connections are peers, with an end that is graceful.

import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { checkFunction } from '../options.ts';
import {
  closeOnAbort,
  listening,
  portOf,
  stopListening,
  unableToListen,
} from '../stream/listening.ts';
import { lost } from '../stream/transport.ts';
import { resolveListen } from './listen-options.ts';
import type { PeerListenOptions, ResolvedListen } from './listen-options.ts';
import { Lobby } from './lobby.ts';
import type { PeerSetup } from './lobby.ts';
import type { Peer } from './peer.ts';
import { resolveClose } from './verb-options.ts';
import type { CloseOptions } from './verb-options.ts';

export interface PeerServer {
  /** Resolves when it listens; rejects when it cannot. */
  readonly ready: Promise<void>;
  /** The port it listens on, once `ready`; 0 on a unix socket. */
  readonly port: number;
  /** The peers that are connected now. */
  readonly peers: ReadonlySet<Peer>;
  readonly server: Server;
  /**
   * Stops listening and closes every peer. What is not done `within` ms from the call is cut off. Default
   * 5000.
   */
  close(options?: CloseOptions): Promise<void>;
  /** For `await using`: `close()`. */
  [Symbol.asyncDispose](): Promise<void>;
}

const CLOSE_MS = 5000;

/**
 * Listens and calls `setup` with the peer of each connection, before anything of it is heard: register
 * handlers there. Throws UsageError ERR_OPTION; that it cannot listen shows in `ready`.
 */
export function listen(setup: PeerSetup, options: PeerListenOptions = {}): PeerServer {
  checkFunction('setup', setup);
  // A wrong option fails here, not with the first connection.
  const resolved = resolveListen(options);
  const { where, signal } = resolved;
  const lobby = new Lobby(setup, resolved);
  const server = newServer(resolved, lobby);
  const ready = listening(server, where);
  server.on('error', (error) => lobby.report(unableToListen(error), undefined));
  const listened = ready.catch(() => undefined);
  if (signal !== undefined) {
    closeOnAbort(server, listened, signal);
    const empty = (): void => lobby.empty();
    signal.addEventListener('abort', empty, { once: true });
    server.once('close', () => signal.removeEventListener('abort', empty));
  }
  const close: PeerServer['close'] = async (given = {}) => {
    const within = resolveClose(given, CLOSE_MS);
    await listened;
    await Promise.all([stopListening(server), lobby.close(within)]);
  };
  return {
    ready,
    get port() {
      return portOf(server.address());
    },
    peers: lobby.peers,
    server,
    close,
    [Symbol.asyncDispose]: () => close(),
  };
}

function newServer({ tls, admitTimeout }: ResolvedListen, lobby: Lobby): Server {
  const options = { allowHalfOpen: true, noDelay: true };
  if (tls === undefined) {
    return createServer(options, (socket) => {
      if (lobby.watch(socket)) void lobby.enter(socket, socket);
    });
  }
  const handshakeTimeout = Math.min(admitTimeout, MAX_HANDSHAKE_MS);
  const carriers = new Carriers();
  const server = createTlsServer({ ...options, handshakeTimeout, ...tls }, (socket) => {
    void lobby.enter(socket, carriers.of(socket) ?? socket);
  });
  server.on('connection', (socket: Socket) => {
    if (lobby.watch(socket)) carriers.add(socket);
  });
  return server.on('tlsClientError', (error, socket) => {
    // Half of it is open still.
    socket.destroy();
    lobby.report(lost(error, undefined), undefined);
  });
}

/** Node has no way to say for ever. */
const MAX_HANDSHAKE_MS = 2 ** 31 - 1;

/** Which socket carries which TLS connection: node does not tell, the address of the remote does. */
class Carriers {
  readonly #byRemote = new Map<string, Socket>();

  add(socket: Socket): void {
    const key = keyOf(socket);
    this.#byRemote.set(key, socket);
    socket.once('close', () => {
      if (this.#byRemote.get(key) === socket) this.#byRemote.delete(key);
    });
  }

  of(socket: Socket): Socket | undefined {
    return this.#byRemote.get(keyOf(socket));
  }
}

function keyOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}
