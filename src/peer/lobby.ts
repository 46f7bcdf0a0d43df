// Where connections become peers, and peers stay until they are gone.

import type { Duplex } from 'node:stream';
import { UsageError } from '../errors.ts';
import { afterInput } from '../stream/deadline.ts';
import type { Host } from '../stream/open-server.ts';
import { reset } from '../stream/transport.ts';
import { Admission, admitted } from './admit.ts';
import type { ResolvedListen } from './listen-options.ts';
import { isAboutRemote, report } from './on-error.ts';
import { Peer } from './peer.ts';

/** Registers a peer's handlers. `duplex` is what `admit` gave back: it knows who came. */
export type PeerSetup = (peer: Peer, duplex: Duplex) => unknown;

export class Lobby implements Host {
  readonly #setup: PeerSetup;
  readonly #options: ResolvedListen;
  /** Connected, and not yet peers. */
  readonly #strangers = new Set<Duplex>();
  readonly peers: Set<Peer> = new Set<Peer>();
  /** Peers whose other side has said no hello yet. */
  readonly #silent = new Set<Peer>();

  constructor(setup: PeerSetup, options: ResolvedListen) {
    this.#setup = setup;
    this.#options = options;
  }

  get isHeard(): boolean {
    return this.#options.onError !== undefined;
  }

  enter(duplex: Duplex, since: number): void {
    void this.#makePeer(duplex, since);
  }

  /** Peers finish what is under way. Who has said no hello yet has nothing under way. */
  finish(): Promise<unknown> {
    this.#turnAway();
    afterInput(() => {
      for (const peer of this.#silent) {
        peer.destroy();
      }
    });
    // That one was cut off shows in its `closed`.
    return Promise.allSettled(Array.from(this.peers, (peer) => peer.close({ within: Infinity })));
  }

  destroyAll(abortedBy: AbortSignal | undefined): void {
    this.#turnAway();
    for (const peer of this.peers) {
      peer.destroy(abortedBy?.reason);
    }
  }

  /** Never throws. Where nobody listens, what a remote did is told to nobody. */
  report(error: unknown, peer?: Peer, isRemotesDoing: boolean = isAboutRemote(error)): void {
    const { onError } = this.#options;
    const told = onError === undefined ? undefined : (one: unknown) => onError(one, peer);
    report(error, told, isRemotesDoing);
  }

  /** Makes a peer of a connection that came at the time `since`. Never rejects. */
  async #makePeer(socket: Duplex, since: number): Promise<void> {
    const { admit, admitTimeout, helloTimeout, settings, onError } = this.#options;
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

  #welcome(peer: Peer): void {
    this.peers.add(peer);
    void peer.closed.then(() => this.peers.delete(peer));
    this.#silent.add(peer);
    const heard = (): void => void this.#silent.delete(peer);
    peer.ready.then(heard, heard);
  }

  #turnAway(): void {
    for (const socket of this.#strangers) {
      reset(socket);
    }
    this.#strangers.clear();
  }
}

/** What `admit` throws refuses a stranger; of these, the code of `admit` is at fault. */
function isMistake(error: unknown): boolean {
  return (
    error instanceof TypeError || error instanceof ReferenceError || error instanceof UsageError
  );
}
