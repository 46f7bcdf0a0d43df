// Makes peers of the connections of a server, and keeps the peers until they are gone.

import type { Duplex } from 'node:stream';
import { UsageError } from '../errors.ts';
import { afterInput } from '../stream/deadline.ts';
import type { Host } from '../stream/open-server.ts';
import { reset } from '../stream/transport.ts';
import { Admission, admitted } from './admit.ts';
import type { ResolvedListen } from './listen-options.ts';
import { isAboutRemote, report } from './on-error.ts';
import { newPeer } from './peer.ts';
import type { Peer, PeerHooks } from './peer.ts';
import { withHelloWithin } from './peer-options.ts';

/**
 * Function that registers the handlers of a peer. `duplex` is the duplex that `admit` returned, or the socket
 * if there is no `admit`.
 */
export type PeerSetup = (peer: Peer, duplex: Duplex) => unknown;

export class Lobby implements Host {
  readonly #setup: PeerSetup;
  readonly #options: ResolvedListen;
  readonly #hooks: PeerHooks;
  /** Connections that are no peers yet. */
  readonly #strangers = new Set<Duplex>();
  readonly peers: Set<Peer> = new Set<Peer>();
  /** Peers whose remote has sent no hello yet. */
  readonly #silent = new Set<Peer>();

  constructor(setup: PeerSetup, options: ResolvedListen) {
    this.#setup = setup;
    this.#options = options;
    this.#hooks = { onError: options.onError, onOver: (peer) => this.peers.delete(peer) };
  }

  get isHeard(): boolean {
    return this.#options.onError !== undefined;
  }

  /**
   * Makes a peer of a connection. Resolves when the remote has said hello, or when the peer has ended without
   * one. Never resolves for a connection that becomes no peer.
   */
  enter(duplex: Duplex, since: number): Promise<void> {
    return new Promise((known) => {
      void this.#makePeer(duplex, since, known);
    });
  }

  /**
   * Lets peers finish what is under way. Connections that are no peers yet, and peers without a hello, have
   * nothing under way, so they are reset.
   */
  finish(): Promise<unknown> {
    this.#turnAway();
    afterInput(() => {
      for (const peer of this.#silent) {
        peer.destroy();
      }
    });
    // Ignore failures here: a peer that is cut off reports the failure in its own `closed`.
    return Promise.allSettled(Array.from(this.peers, (peer) => peer.close({ within: Infinity })));
  }

  destroyAll(abortedBy: AbortSignal | undefined): void {
    this.#turnAway();
    for (const peer of this.peers) {
      peer.destroy(abortedBy?.reason);
    }
  }

  /**
   * Calls `onError`. Without an `onError` this prints a warning, unless the remote caused the error. Never
   * throws.
   */
  report(error: unknown, peer?: Peer, isRemotesDoing: boolean = isAboutRemote(error)): void {
    const { onError } = this.#options;
    const told = onError === undefined ? undefined : (one: unknown) => onError(one, peer);
    report(error, told, isRemotesDoing);
  }

  /** Makes a peer of a connection that came at the time `since`. Never rejects. */
  async #makePeer(socket: Duplex, since: number, known: () => void): Promise<void> {
    const { admit, admitTimeout, peers } = this.#options;
    this.#strangers.add(socket);
    let peer: Peer | undefined;
    let isAdmitting = true;
    try {
      const admission = new Admission(admitTimeout, since);
      const duplex = await admitted(socket, admit, admission);
      isAdmitting = false;
      if (!this.#strangers.has(socket)) {
        return void duplex.destroy();
      }
      peer = newPeer(duplex, withHelloWithin(peers, admission.left), this.#hooks);
      this.#welcome(peer, known);
      // From here on the server closes this connection as a peer, however long the setup takes.
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

  #welcome(peer: Peer, known: () => void): void {
    this.peers.add(peer);
    this.#silent.add(peer);
    const heard = (): void => {
      this.#silent.delete(peer);
      known();
    };
    peer.ready.then(heard, heard);
  }

  #turnAway(): void {
    for (const socket of this.#strangers) {
      reset(socket);
    }
    this.#strangers.clear();
  }
}

/**
 * Returns whether an error that `admit` threw is a bug of this side. With any other error `admit` refuses the
 * remote.
 */
function isMistake(error: unknown): boolean {
  return (
    error instanceof TypeError || error instanceof ReferenceError || error instanceof UsageError
  );
}
