// The server under test as something to connect to: started and started again where that is ours to
// do, waited for where it is not.

import { setTimeout as sleep } from 'node:timers/promises';
import { formatAddress } from '../../deliver/address.ts';
import { KernelTables } from '../../deliver/kernel-tables.ts';
import { Inconclusive } from './inconclusive.ts';
import { Exchange } from './exchange.ts';
import type { ResolvedProveServerOptions } from './options.ts';
import { accepts, ServerProcess } from './server-process.ts';

/** How long a process may take to end behind its last connection, in ms. */
const ENDING_TIME = 100;
/** A server that is gone may be started again by whoever looks after it: how long that may take, in ms. */
const COME_BACK_TIME = 2000;

export class ServerTarget {
  /** What the kernel of this machine shows; nothing elsewhere. */
  readonly tables: KernelTables | undefined;
  readonly #options: ResolvedProveServerOptions;
  readonly #exchanges = new Set<Exchange>();
  #server: ServerProcess | undefined;
  #wasReached = false;

  constructor(options: ResolvedProveServerOptions) {
    this.#options = options;
    this.tables = KernelTables.open();
    options.signal?.addEventListener('abort', this.#hangUp, { once: true });
  }

  /** Whether it can be started again. */
  get isOurs(): boolean {
    return this.#options.spawn !== undefined;
  }

  /** How its process ended, where it is ours and did. */
  get ending(): string | undefined {
    return this.#server?.alive === false ? this.#server.ending : undefined;
  }

  /** Starts the server where it is ours. Throws Inconclusive when it does not come up. */
  async start(): Promise<void> {
    const { spawn, host, port, signal } = this.#options;
    if (spawn === undefined) {
      return;
    }
    if (await this.#isTaken()) {
      throw new Inconclusive(`something else listens on port ${port} already`);
    }
    this.#server = await ServerProcess.start(spawn, { host, port, signal, tables: this.tables });
  }

  /** Ends the server and starts a new one, where it is ours. */
  async restart(): Promise<void> {
    if (this.#server === undefined) {
      return;
    }
    await this.#server.stop();
    this.#server = undefined;
    const deadline = performance.now() + COME_BACK_TIME;
    while (performance.now() < deadline && (await this.#isTaken())) {
      await sleep(10);
    }
    await this.start();
  }

  /** A new connection. Throws Inconclusive when there is none to be had. */
  async connect(): Promise<Exchange> {
    const { host, port, signal } = this.#options;
    if (signal?.aborted === true) {
      throw new Inconclusive('it was interrupted');
    }
    if (this.#server?.alive === false) {
      await this.restart();
    }
    const deadline = performance.now() + (this.#wasReached ? COME_BACK_TIME : 0);
    for (;;) {
      const exchange = await Exchange.open({ host, port });
      if (exchange !== undefined) {
        this.#wasReached = true;
        this.#exchanges.add(exchange);
        return exchange;
      }
      if (performance.now() >= deadline) {
        const again = this.#wasReached ? ' any more' : '';
        throw new Inconclusive(
          `nobody accepts connections on ${formatAddress({ host, port })}${again}`,
        );
      }
      if (this.#server === undefined) {
        await sleep(50);
      } else {
        await this.restart();
      }
    }
  }

  /** Ends a connection politely, and does not wait for it. */
  leave(exchange: Exchange): void {
    exchange.close(() => this.#exchanges.delete(exchange));
  }

  /** Whether our server has ended with a connection, which shows a moment later. */
  async hasEnded(): Promise<boolean> {
    return this.#server !== undefined && this.#server.endsWithin(ENDING_TIME);
  }

  /** Ends everything that was begun. */
  async close(): Promise<void> {
    this.#options.signal?.removeEventListener('abort', this.#hangUp);
    this.#hangUp();
    await this.#server?.stop();
    this.tables?.close();
  }

  readonly #hangUp = (): void => {
    for (const exchange of this.#exchanges) {
      exchange.destroy();
    }
  };

  async #isTaken(): Promise<boolean> {
    const { host, port } = this.#options;
    if (this.tables !== undefined) {
      return this.tables.listening(port);
    }
    return accepts({ host, port });
  }
}
