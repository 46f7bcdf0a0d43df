// The connections that have not yet proved that they have the token: how many there may be (waiting-room.ts),
// and the address of each, so that every refusal in the audit log has one.

import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { WaitingRoom } from '../../support/waiting-room.ts';

/** Maximum number of strangers at once. */
export const MAX_STRANGERS = 64;
export const UNKNOWN = 'unknown';

export class Strangers {
  readonly #room: WaitingRoom;
  /** Addresses: the kernel does not know that of a connection which is gone. */
  readonly #clients = new WeakMap<object, string>();

  constructor(maximum: number = MAX_STRANGERS) {
    this.#room = new WaitingRoom(maximum);
  }

  get count(): number {
    return this.#room.count;
  }

  /** Gives the connection a slot. Call what it returns when the handshake is over. */
  enter(duplex: Duplex, signal: AbortSignal): () => void {
    const client = addressOf(duplex);
    this.#clients.set(duplex, client);
    // If it was too late or broke, `admit` reports the same error.
    signal.addEventListener('abort', () => this.note(signal.reason, duplex), { once: true });
    return this.#room.enter(duplex);
  }

  /** Remembers whose error it is. */
  note(error: unknown, duplex: Duplex): void {
    if (typeof error === 'object' && error !== null) {
      this.#clients.set(error, this.#clients.get(duplex) ?? UNKNOWN);
    }
  }

  /** The address of the remote that caused an error before there was a peer. */
  whose(error: unknown): string {
    if (!(error instanceof Error)) {
      return UNKNOWN;
    }
    const noted = this.#clients.get(error);
    if (noted !== undefined) {
      return noted;
    }
    // A TLS handshake that failed: the library knows the address.
    const known = 'remoteAddress' in error ? error.remoteAddress : undefined;
    return typeof known === 'string' ? known : UNKNOWN;
  }
}

function addressOf(duplex: Duplex): string {
  if (!(duplex instanceof Socket) || duplex.remoteAddress === undefined) {
    return UNKNOWN;
  }
  return `${duplex.remoteAddress}:${duplex.remotePort ?? 0}`;
}
