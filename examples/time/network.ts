// A network for datagrams, between client and server. Each answer meets a fate that was fixed before, so the
// result is certain and no clock is involved.

import { createSocket } from 'node:dgram';
import type { Socket } from 'node:dgram';
import { once } from 'node:events';

/** An answer is lost, delivered twice, held until the next one was delivered, or simply delivered. */
export type Fate = 'lose' | 'double' | 'overtake' | 'deliver';

export class Network {
  readonly #port: number;
  readonly #fates: Fate[];
  readonly #near = createSocket('udp4');
  readonly #far = new Map<number, Socket>();
  #kept: (() => void) | undefined;

  /** Stands between clients and the server on `port`. Answers behind the last fate are delivered. */
  constructor(port: number, fates: readonly Fate[]) {
    this.#port = port;
    this.#fates = [...fates];
  }

  /** The port for clients. */
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

  /** One socket for each client, so that the server's answers find their way back. */
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
