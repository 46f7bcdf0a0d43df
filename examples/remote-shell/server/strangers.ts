// The connections that have not yet proved that they have the token.
//
// Rules:
// - A newcomer always gets a slot. If all are taken, the server drops the oldest stranger of the address that
//   has most of them: a client with the token needs its slot for milliseconds only. So strangers who hold
//   their slots keep nobody out.
// - Every refusal in the audit log has an address.

import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** Maximum number of strangers at once. */
export const MAX_STRANGERS = 64;
export const UNKNOWN = 'unknown';

interface Stranger {
  readonly duplex: Duplex;
  /** Its address without the port. */
  readonly address: string;
}

export class Strangers {
  readonly #maximum: number;
  /** The oldest first. */
  readonly #present = new Set<Stranger>();
  /** Addresses: the kernel does not know that of a connection which is gone. */
  readonly #clients = new WeakMap<object, string>();

  constructor(maximum: number = MAX_STRANGERS) {
    this.#maximum = maximum;
  }

  get count(): number {
    return this.#present.size;
  }

  /** Gives the connection a slot. Call what it returns when the handshake is over. */
  enter(duplex: Duplex, signal: AbortSignal): () => void {
    const client = addressOf(duplex);
    this.#clients.set(duplex, client);
    // If it was too late or broke, `admit` reports the same error.
    signal.addEventListener('abort', () => this.note(signal.reason, duplex), { once: true });
    if (this.#present.size >= this.#maximum) {
      this.#dropOne();
    }
    const stranger = { duplex, address: client.replace(/:\d+$/, '') };
    this.#present.add(stranger);
    return () => void this.#present.delete(stranger);
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

  #dropOne(): void {
    const counts = new Map<string, number>();
    for (const { address } of this.#present) {
      counts.set(address, (counts.get(address) ?? 0) + 1);
    }
    const most = Math.max(...counts.values());
    const dropped = [...this.#present].find(({ address }) => counts.get(address) === most);
    if (dropped !== undefined) {
      this.#present.delete(dropped);
      dropped.duplex.destroy();
    }
  }
}

function addressOf(duplex: Duplex): string {
  if (!(duplex instanceof Socket) || duplex.remoteAddress === undefined) {
    return UNKNOWN;
  }
  return `${duplex.remoteAddress}:${duplex.remotePort ?? 0}`;
}
