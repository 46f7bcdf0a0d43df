// Strangers: connections that have not yet proved that they have the token. Limits their number
// (waiting-room.ts), and remembers the address of each, so that every refusal in the audit log has an
// address.

import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { WaitingRoom } from '../../support/waiting-room.ts';

/** Maximum number of strangers at once. */
export const MAX_STRANGERS = 64;
export const UNKNOWN = 'unknown';

export class Strangers {
  readonly #room: WaitingRoom;
  /** The address of each connection and each error. A socket that has closed no longer knows its address. */
  readonly #clients = new WeakMap<object, string>();

  constructor(maximum: number = MAX_STRANGERS) {
    this.#room = new WaitingRoom(maximum);
  }

  get count(): number {
    return this.#room.count;
  }

  /** Counts the connection as a stranger. Returns a function to call when the handshake is over. */
  enter(duplex: Duplex, signal: AbortSignal): () => void {
    const client = addressOf(duplex);
    this.#clients.set(duplex, client);
    // If the handshake is too late or breaks, `onError` of the server gets this reason as its error.
    signal.addEventListener('abort', () => this.note(signal.reason, duplex), { once: true });
    return this.#room.enter(duplex);
  }

  /** Remembers which connection an error belongs to. */
  note(error: unknown, duplex: Duplex): void {
    if (typeof error === 'object' && error !== null) {
      this.#clients.set(error, this.#clients.get(duplex) ?? UNKNOWN);
    }
  }

  /** The address of the connection on which an error happened before there was a peer. */
  whose(error: unknown): string {
    if (!(error instanceof Error)) {
      return UNKNOWN;
    }
    const noted = this.#clients.get(error);
    if (noted !== undefined) {
      return noted;
    }
    // If a TLS handshake failed, the library put the address into the error.
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
