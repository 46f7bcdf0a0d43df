// Where connections become peers, and peers stay until they are gone.

import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { UsageError } from '../errors.ts';
import { reset, withRawSocket } from '../stream/transport.ts';
import { Admission, admitted } from './admit.ts';
import type { ResolvedListen } from './listen-options.ts';
import { isAboutRemote, report } from './on-error.ts';
import { Peer } from './peer.ts';

/** Registers a peer's handlers. `duplex` is what `admit` gave back: it knows who came. */
export type PeerSetup = (peer: Peer, duplex: Duplex) => unknown;

export class Lobby {
  readonly #setup: PeerSetup;
  readonly #options: ResolvedListen;
  /** Every socket that is connected, from before its TLS handshake on, and when it came. */
  readonly #sockets = new Map<Duplex, number>();
  /** Connected, and not yet peers. */
  readonly #strangers = new Set<Duplex>();
  readonly peers: Set<Peer> = new Set<Peer>();

  constructor(setup: PeerSetup, options: ResolvedListen) {
    this.#setup = setup;
    this.#options = options;
  }

  /** Counts a socket. False where there are too many: it has been refused. */
  watch(socket: Socket): boolean {
    // What breaks before it is a peer is of interest to nobody but `admit`.
    socket.on('error', () => undefined);
    if (this.#sockets.size >= this.#options.maxConnections) {
      // A stranger that is refused sees a reset, where the transport has one.
      reset(socket);
      return false;
    }
    this.#sockets.set(socket, performance.now());
    socket.once('close', () => this.#sockets.delete(socket));
    return true;
  }

  /** Makes a peer of a connection that `carrier` carries: itself, or what lies below TLS. Never rejects. */
  async enter(socket: Socket, carrier: Socket): Promise<void> {
    socket.on('error', () => undefined);
    if (carrier !== socket) withRawSocket(socket, carrier);
    const { admit, admitTimeout, helloTimeout, settings } = this.#options;
    this.#strangers.add(socket);
    let peer: Peer | undefined;
    let isAdmitting = true;
    try {
      const admission = new Admission(admitTimeout, this.#sockets.get(carrier));
      const duplex = await admitted(socket, admit, admission);
      isAdmitting = false;
      if (!this.#strangers.has(socket)) return void duplex.destroy();
      const { onError } = this.#options;
      const time = Math.min(helloTimeout, admission.left);
      peer = new Peer(duplex, { ...settings, onError, helloTimeout: time });
      this.#welcome(peer);
      // From here on it is closed as a peer, however long its setup takes.
      this.#strangers.delete(socket);
      await this.#setup(peer, duplex);
    } catch (error) {
      peer?.destroy(error);
      reset(socket);
      this.report(error, peer, isAdmitting && !isMistake(error));
    } finally {
      this.#strangers.delete(socket);
    }
  }

  /** Peers finish what is under way; what is not done `within` ms is cut off. */
  async close(within: number): Promise<void> {
    for (const socket of this.#strangers) reset(socket);
    this.#strangers.clear();
    // That one was cut off shows in its `closed`.
    await Promise.allSettled(Array.from(this.peers, (peer) => peer.close({ within })));
    // Handshakes that nobody will finish.
    for (const socket of this.#sockets.keys()) reset(socket);
  }

  /** Everybody out, now. */
  empty(): void {
    for (const socket of this.#strangers) reset(socket);
    this.#strangers.clear();
    for (const peer of this.peers) peer.destroy();
    for (const socket of this.#sockets.keys()) reset(socket);
  }

  /** Never throws. Where nobody listens, what a remote did is told to nobody. */
  report(
    error: unknown,
    peer: Peer | undefined,
    isRemotesDoing: boolean = isAboutRemote(error),
  ): void {
    const { onError } = this.#options;
    const told = onError === undefined ? undefined : (one: unknown) => onError(one, peer);
    report(error, told, isRemotesDoing);
  }

  #welcome(peer: Peer): void {
    this.peers.add(peer);
    void peer.closed.then(() => this.peers.delete(peer));
  }
}

/** What `admit` throws refuses a stranger; of these, the code of `admit` is at fault. */
function isMistake(error: unknown): boolean {
  return (
    error instanceof TypeError || error instanceof ReferenceError || error instanceof UsageError
  );
}
