// The connections that have not yet shown that they belong here.
//
// A newcomer always gets a place. If all are taken, the oldest stranger of the address that has most of them is
// dropped: a client that belongs here needs its place for a moment only. So strangers who hold their places
// keep nobody out.

import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

interface Stranger {
  readonly duplex: Duplex;
  /** Its address without the port. */
  readonly address: string;
}

export class WaitingRoom {
  readonly #maximum: number;
  /** The oldest first. */
  readonly #present = new Set<Stranger>();

  constructor(maximum: number) {
    this.#maximum = maximum;
  }

  get count(): number {
    return this.#present.size;
  }

  /** Gives the connection a place. Call what it returns when it belongs here, or has gone. */
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
