// listen(): a server whose connections are peers, with an end that is graceful.

import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { createServer as createTlsServer } from 'node:tls';
import type { TlsOptions } from 'node:tls';
import { checkFunction, ConnectionError, ProtocolError } from '../errors.ts';
import { MAX_TIMEOUT, whole } from '../stream/framed-options.ts';
import {
  closeOnAbort,
  listening,
  portOf,
  stopListening,
  unableToListen,
  whereToListen,
} from '../stream/listening.ts';
import type { ListenAddress } from '../stream/listening.ts';
import { lost } from '../stream/transport.ts';
import { admitted } from './admit.ts';
import type { Admit } from './admit.ts';
import { Peer } from './peer.ts';
import type { PeerSettings } from './peer-options.ts';
import { resolvePeerOptions, warn } from './peer-options.ts';

export interface PeerListenOptions extends PeerSettings, ListenAddress {
  /** Keys and certificates of `tls.createServer`: then every connection is encrypted. */
  readonly tls?: TlsOptions | undefined;
  /** More connections than this are refused at once. Default: no limit. */
  readonly maxConnections?: number | undefined;
  /** Ends the server and every peer at once. */
  readonly signal?: AbortSignal | undefined;
  /** Speaks with the other side first, to see who it is; what it throws refuses the connection. */
  readonly admit?: Admit | undefined;
  /** So many ms may `admit` take. Default: the helloTimeout. */
  readonly admitTimeout?: number | undefined;
  /**
   * What `setup`, `admit` and handlers throw, and errors of the listening socket. Default: a remote
   * that misbehaves or goes says nothing; anything else becomes a process warning.
   */
  readonly onError?: OnError | undefined;
}

/** Hears of errors; `peer` where there was one already. */
type OnError = (error: unknown, peer: Peer | undefined) => void;

/** Registers a peer's handlers. `duplex` is what `admit` gave back: it knows who came. */
export type PeerSetup = (peer: Peer, duplex: Duplex) => unknown;

export interface PeerServer {
  /** Resolves when it listens; rejects when it cannot. */
  readonly ready: Promise<void>;
  /** The port it listens on, once `ready`; 0 on a unix socket. */
  readonly port: number;
  /** The peers that are connected now. */
  readonly peers: ReadonlySet<Peer>;
  readonly server: Server;
  /** Stops listening and closes every peer; after `grace` ms what is left is destroyed. Default 5000. */
  close(options?: { readonly grace?: number }): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

const DEFAULT_GRACE_MS = 5000;

/**
 * Listens and calls `setup` with the peer of each connection, before anything of it is heard: register
 * handlers there. Throws UsageError ERR_OPTION; that it cannot listen shows in `ready`.
 */
export function listen(setup: PeerSetup, options: PeerListenOptions = {}): PeerServer {
  const { port, host, path, tls, maxConnections, signal, admit, admitTimeout, ...rest } = options;
  const { onError, ...peerOptions } = rest;
  checkFunction('setup', setup);
  if (onError !== undefined) checkFunction('onError', onError);
  // A wrong option fails here, not with the first connection.
  const { helloTimeout } = resolvePeerOptions(peerOptions);
  const timeout = whole('admitTimeout', admitTimeout ?? helloTimeout, MAX_TIMEOUT);
  const where = whereToListen({ port, host, path });
  const lobby = new Lobby(setup, { ...peerOptions, onError }, { admit, timeout });
  const server = newServer(tls && { handshakeTimeout: timeout, ...tls }, lobby);
  if (maxConnections !== undefined)
    server.maxConnections = whole('maxConnections', maxConnections, Number.MAX_SAFE_INTEGER);
  const ready = listening(server, where);
  server.on('error', (error) => lobby.report(unableToListen(error), undefined));
  const listened = ready.catch(() => undefined);
  if (signal !== undefined) {
    closeOnAbort(server, listened, signal);
    const empty = (): void => lobby.empty();
    signal.addEventListener('abort', empty, { once: true });
    server.once('close', () => signal.removeEventListener('abort', empty));
  }
  const close: PeerServer['close'] = async ({ grace = DEFAULT_GRACE_MS } = {}) => {
    const patience = whole('grace', grace, MAX_TIMEOUT);
    await listened;
    await Promise.all([stopListening(server), lobby.close(patience)]);
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

function newServer(tls: TlsOptions | undefined, lobby: Lobby): Server {
  const onConnection = (socket: Socket): void => void lobby.enter(socket);
  const options = { allowHalfOpen: true, noDelay: true };
  if (tls === undefined) return createServer(options, onConnection);
  const server = createTlsServer({ ...options, ...tls }, onConnection);
  server.on('connection', (socket) => lobby.watch(socket));
  return server.on('tlsClientError', (error, socket) => {
    // Half of it is open still.
    socket.destroy();
    lobby.report(lost(error, undefined), undefined);
  });
}

interface LobbyOptions extends PeerSettings {
  readonly onError: OnError | undefined;
}

/** Where connections become peers, and peers stay until they are gone. */
class Lobby {
  readonly #setup: PeerSetup;
  readonly #options: LobbyOptions;
  readonly #admission: { readonly admit: Admit | undefined; readonly timeout: number };
  /** What carries TLS, from before its handshake on. */
  readonly #carriers = new Set<Duplex>();
  /** Connected, and not yet peers. */
  readonly #strangers = new Set<Duplex>();
  readonly peers: Set<Peer> = new Set<Peer>();

  constructor(
    setup: PeerSetup,
    options: LobbyOptions,
    admission: { readonly admit: Admit | undefined; readonly timeout: number },
  ) {
    this.#setup = setup;
    this.#options = options;
    this.#admission = admission;
  }

  watch(socket: Duplex): void {
    this.#carriers.add(socket);
    socket.once('close', () => this.#carriers.delete(socket));
  }

  /** Never rejects. */
  async enter(socket: Socket): Promise<void> {
    // What breaks before it is a peer is of interest to nobody but `admit`.
    socket.on('error', () => undefined);
    this.#strangers.add(socket);
    let peer: Peer | undefined;
    try {
      const { admit, timeout } = this.#admission;
      const duplex = await admitted(socket, admit, timeout);
      if (!this.#strangers.has(socket)) return void duplex.destroy();
      peer = new Peer(duplex, this.#options);
      this.#welcome(peer);
      // From here on it is closed as a peer, however long its setup takes.
      this.#strangers.delete(socket);
      await this.#setup(peer, duplex);
    } catch (error) {
      peer?.destroy(error);
      socket.destroy();
      this.report(error, peer);
    } finally {
      this.#strangers.delete(socket);
    }
  }

  /** Peers finish what is under way; whoever is not done after `grace` ms is cut off. */
  async close(grace: number): Promise<void> {
    for (const socket of this.#strangers) socket.destroy();
    this.#strangers.clear();
    const timer = setTimeout(() => this.empty(), grace);
    await Promise.all(Array.from(this.peers, (peer) => peer.close()));
    clearTimeout(timer);
    // Handshakes that nobody will finish.
    for (const socket of this.#carriers) socket.destroy();
  }

  /** Everybody out, now. */
  empty(): void {
    for (const socket of this.#strangers) socket.destroy();
    this.#strangers.clear();
    for (const peer of this.peers) peer.destroy();
    for (const socket of this.#carriers) socket.destroy();
  }

  #welcome(peer: Peer): void {
    this.peers.add(peer);
    void peer.closed.then(() => this.peers.delete(peer));
  }

  /** Never throws. Where nobody listens, what a remote did to itself is told to nobody. */
  report(error: unknown, peer: Peer | undefined): void {
    const { onError } = this.#options;
    try {
      if (onError !== undefined) onError(error, peer);
      else if (!isRemotesDoing(error, peer)) warn(error);
    } catch (thrown) {
      warn(thrown);
    }
  }
}

/** A stranger that was not admitted, or a peer that went while it was set up. */
function isRemotesDoing(error: unknown, peer: Peer | undefined): boolean {
  const isAboutConnection = error instanceof ConnectionError || error instanceof ProtocolError;
  if (!isAboutConnection || error.code === 'ERR_LISTEN') return false;
  return peer === undefined || peer.failure !== undefined;
}
