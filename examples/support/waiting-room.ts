// The waiting room holds strangers: connections that have not yet shown that they belong here.
//
// A new connection always gets a place. If all places are taken, one is freed: of the address with the most
// strangers, the oldest is dropped. A client that belongs here needs its place only for a moment. So
// strangers who keep their places keep nobody out.

import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

interface Stranger {
  readonly duplex: Duplex;
  /** The remote address without the port. */
  readonly address: string;
}

export class WaitingRoom {
  readonly #maximum: number;
  /** The strangers, the oldest first. */
  readonly #present = new Set<Stranger>();

  constructor(maximum: number) {
    this.#maximum = maximum;
  }

  get count(): number {
    return this.#present.size;
  }

  /**
   * Gives the connection a place. Returns the function that frees the place: call it when the connection has
   * shown that it belongs here, or has ended.
   */
  enter(duplex: Duplex): () => void {
    if (this.#present.size >= this.#maximum) {
      this.#dropOne();
    }
    const address = (duplex instanceof Socket ? duplex.remoteAddress : undefined) ?? 'unknown';
    const stranger = { duplex, address };
    this.#present.add(stranger);
    return () => void this.#present.delete(stranger);
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
