// The program under test while it runs. If `spawn` is given, the prover starts the program. It opens
// connections to the program. If a program that the prover started has ended, the prover starts it again. If
// another program has ended, the prover waits a little until a program listens again.

import { setTimeout as sleep } from 'node:timers/promises';
import { unwatchAbort, watchAbort } from '../../abort.ts';
import { Inconclusive } from './inconclusive.ts';
import { Exchange } from './exchange.ts';
import { ClientTarget } from './client-target.ts';
import { playDialogue } from './dialogue-wire.ts';
import type { ResolvedProveServerOptions } from './options.ts';
import { ServerProcess } from './process.ts';
import { SocketTarget } from './socket-target.ts';
import { StdioTarget } from './stdio-target.ts';
import type { Target, Wire } from './target.ts';
import { speakerFor } from './where.ts';
import type { Where } from './where.ts';

/**
 * Time in ms to wait and see whether the server ends: a server that crashes may end a moment after its
 * connection.
 */
const ENDING_TIME = 100;
/**
 * Time in ms that a server which was reached before gets to accept connections again. A server that has ended
 * gets the same time to free its port.
 */
const COME_BACK_TIME = 2000;

/** Matches the error codes of a connection that no process accepts. */
const NOT_LISTENING = /\b(?:ECONNREFUSED|ENOENT)\b/;

export class RunningServer {
  readonly #target: Target;
  readonly #options: ResolvedProveServerOptions;
  readonly #exchanges = new Set<Exchange>();
  #server: ServerProcess | undefined;
  #wasReached = false;
  #connections = 0;

  constructor(options: ResolvedProveServerOptions) {
    this.#options = options;
    this.#target = openTarget(options.where);
    watchAbort(options.signal, this.#hangUp);
  }

  /** Name of the program in reports. */
  get name(): string {
    return this.#target.name;
  }

  /** Reason why no verdict on the program is possible, if whole requests alone have shown a reason. */
  get doubt(): string | undefined {
    return this.#target.doubt;
  }

  /**
   * Resolves with the exit code of the program of the last connection, if each connection is a program of its
   * own and the code is not 0. Otherwise, and if the code is not known, resolves with `undefined`.
   */
  failedWith(): Promise<number | undefined> {
    return this.#target.failedWith?.() ?? Promise.resolve(undefined);
  }

  /** Whether the prover started the program, and so can start it again. */
  get isOurs(): boolean {
    return this.#options.spawn !== undefined;
  }

  /** Words for how the process of the server ended, if the prover started it. `undefined` while it runs. */
  get ending(): string | undefined {
    return this.#server?.alive === false ? this.#server.ending : undefined;
  }

  /**
   * Time in ms that the process has run (0 if the prover did not start it), and the number of connections so
   * far.
   */
  get age(): { readonly time: number; readonly connections: number } {
    const time = this.#server === undefined ? 0 : performance.now() - this.#server.startedAt;
    return { time, connections: this.#connections };
  }

  /**
   * Starts the server, if `spawn` is given. Throws Inconclusive if the server does not come up, or if another
   * program listens there already.
   */
  async start(): Promise<void> {
    const { spawn, signal, ready } = this.#options;
    const { name } = this.#target;
    if (spawn === undefined) {
      return;
    }
    if (await this.#target.isListening()) {
      throw new Inconclusive(
        `something else listens on ${name} already; end it, or leave out --spawn`,
      );
    }
    this.#connections = 0;
    this.#server = await ServerProcess.start(spawn, {
      isListening: () => this.#target.isListening(),
      ready: ready instanceof RegExp ? ready : undefined,
      name,
      signal,
    });
  }

  /** If the prover started the server: ends it and starts a new one. */
  async restart(): Promise<void> {
    if (this.#server === undefined) {
      return;
    }
    this.#hangUp();
    await this.#server.stop();
    this.#server = undefined;
    const deadline = performance.now() + COME_BACK_TIME;
    while (performance.now() < deadline && (await this.#target.isListening())) {
      await sleep(10);
    }
    await this.start();
  }

  /**
   * Opens a connection. If the spawned server has ended, starts a new one first. A dialogue waits up to
   * `patience` ms for each step of the remote. Throws Inconclusive if no process accepts the connection.
   */
  async connect(patience: number = this.#options.patience): Promise<Exchange> {
    this.checkInterrupted();
    if (this.#server?.alive === false) {
      await this.restart();
    }
    const deadline = performance.now() + (this.#wasReached ? COME_BACK_TIME : 0);
    for (;;) {
      const wire = await this.#target.open();
      if (wire !== undefined) {
        const exchange = new Exchange(this.#scripted(wire, patience));
        this.#wasReached = true;
        this.#connections++;
        this.#exchanges.add(exchange);
        return exchange;
      }
      this.checkInterrupted();
      if (performance.now() >= deadline) {
        throw new Inconclusive(this.#refusal());
      }
      if (this.#server === undefined) {
        await sleep(50);
      } else {
        await this.restart();
      }
    }
  }

  /** Throws Inconclusive if `signal` has aborted. */
  checkInterrupted(): void {
    if (this.#options.signal?.aborted === true) {
      throw new Inconclusive('it was interrupted');
    }
  }

  /** Ends a connection with FIN, and does not wait until the connection has ended. */
  leave(exchange: Exchange): void {
    exchange.close(() => this.#exchanges.delete(exchange));
  }

  /**
   * Resolves to whether the spawned server has ended. Waits up to ENDING_TIME, because a server may end a
   * moment after its connection.
   */
  async hasEnded(): Promise<boolean> {
    return this.#server !== undefined && this.#server.endsWithin(ENDING_TIME);
  }

  /**
   * Runs `work` while a spawned server is stopped, so that the server gets everything that `work` sends at
   * once.
   */
  async whileFrozen(work: () => Promise<void>): Promise<void> {
    const server = this.#server;
    const isFrozen = server?.freeze() === true;
    try {
      await work();
    } finally {
      if (isFrozen) {
        server?.thaw();
      }
    }
  }

  /** Ends the connections, the spawned server and the target. */
  async close(): Promise<void> {
    unwatchAbort(this.#options.signal, this.#hangUp);
    this.#hangUp();
    await this.#server?.stop();
    this.#target.close();
  }

  readonly #hangUp = (): void => {
    for (const exchange of this.#exchanges) {
      exchange.destroy();
    }
    this.#exchanges.clear();
  };

  /**
   * Returns a wire that plays the dialogue over the given wire, and waits up to `patience` ms for each step.
   * Without a dialogue, and in the rehearsal, returns the given wire itself.
   */
  #scripted(wire: Wire, patience: number): Wire {
    const { dialogue, requests, where } = this.#options;
    if (dialogue === undefined || requests.length === 0) {
      return wire;
    }
    const speaker = speakerFor(where);
    const lengths = requests.map(({ length }) => length);
    return playDialogue(wire, { dialogue, speaker, lengths, patience });
  }

  #refusal(): string {
    const { name, problem } = this.#target;
    if (problem !== undefined && this.#options.where.kind === 'client') {
      return `the client does not connect: ${problem}`;
    }
    if (problem !== undefined && !NOT_LISTENING.test(problem)) {
      return `no connection to ${name}: ${problem}`;
    }
    return this.#wasReached
      ? `no process accepts connections on ${name} any more; --spawn starts a server again when it dies`
      : `no process accepts connections on ${name}; start the server first, or give --spawn`;
  }
}

/** Makes the target of the kind that the options name. */
function openTarget(where: Where): Target {
  if (where.kind === 'stdio') {
    return new StdioTarget(where.command);
  }
  return where.kind === 'client' ? new ClientTarget(where.command) : new SocketTarget(where);
}
