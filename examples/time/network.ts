// A network for datagrams between clients and a server. What happens to each answer is fixed in advance, so
// the result does not depend on time.

import { createSocket } from 'node:dgram';
import type { Socket } from 'node:dgram';
import { once } from 'node:events';

/** An answer is lost, delivered twice, held until the next answer was delivered, or simply delivered. */
export type Fate = 'lose' | 'double' | 'overtake' | 'deliver';

export class Network {
  readonly #port: number;
  readonly #fates: Fate[];
  readonly #near = createSocket('udp4');
  readonly #far = new Map<number, Socket>();
  #kept: (() => void) | undefined;

  /** The fates are for the answers of the server on `port`, in order. All later answers are delivered. */
  constructor(port: number, fates: readonly Fate[]) {
    this.#port = port;
    this.#fates = [...fates];
  }

  /** Starts to listen. Returns the port for clients. */
  async listen(): Promise<number> {
    this.#near.on('message', (bytes, from) => {
      this.#socketFor(from.port).send(bytes, this.#port, '127.0.0.1');
    });
    this.#near.bind(0, '127.0.0.1');
    await once(this.#near, 'listening');
    return this.#near.address().port;
  }

  close(): void {
    for (const socket of [this.#near, ...this.#far.values()]) {
      socket.close();
    }
  }

  /** The socket to the server for this client. Each client has one, so that answers find the right client. */
  #socketFor(client: number): Socket {
    const known = this.#far.get(client);
    if (known !== undefined) {
      return known;
    }
    const socket = createSocket('udp4');
    this.#far.set(client, socket);
    socket.on('message', (bytes) =>
      this.#decide(() => this.#near.send(bytes, client, '127.0.0.1')),
    );
    return socket;
  }

  #decide(deliver: () => void): void {
    const fate = this.#fates.shift() ?? 'deliver';
    if (fate === 'lose') {
      return;
    }
    if (fate === 'overtake') {
      this.#kept = deliver;
      return;
    }
    deliver();
    if (fate === 'double') {
      deliver();
    }
    this.#kept?.();
    this.#kept = undefined;
  }
}
