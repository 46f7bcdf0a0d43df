// The server under test as a child process. A shell command starts it, and the prover waits until it listens
// and, if asked for, has printed something. It is ended with everything that it started.
//
// Rules:
// - Where the kernel's tables show whether the server listens, the prover makes no connection to find out: a
//   server of a course exercise that accepts only one client would take such a connection for its client.
// - The child leads its own process group, and the whole group is ended (see process-group.ts).
// - The output of the child is read, and all but its end is dropped, because a child must not wait for a
//   reader.

import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { printable } from '../../text.ts';
import { Inconclusive } from './inconclusive.ts';
import { ProcessGroup } from './process-group.ts';

/** Time in ms that a server has to listen, and to print what `ready` matches. */
const START_TIME = 10_000;
/**
 * Maximum number of characters of the output that are kept. The last ones say why the server ended, or that
 * it is ready.
 */
const OUTPUT_KEPT = 16 * 1024;
/** Maximum number of last lines of the output that a report shows. */
const LINES_SHOWN = 3;

/** Conditions to wait for after a command was started. */
export interface Awaited {
  readonly isListening: () => Promise<boolean>;
  /** Pattern that the output of the command must match as well. */
  readonly ready: RegExp | undefined;
  /** Address where the server should listen, for the text of messages. */
  readonly name: string;
  readonly signal: AbortSignal | undefined;
}

export class ServerProcess {
  /** Time at which the process was started, by `performance.now()`. */
  readonly startedAt: number = performance.now();
  readonly #group: ProcessGroup;
  #output = '';

  private constructor(command: string) {
    this.#group = new ProcessGroup(command, ['ignore', 'pipe', 'pipe']);
    const { child } = this.#group;
    for (const stream of [child.stdout, child.stderr]) {
      // Let the stream decode the text: a chunk may end inside a character.
      stream?.setEncoding('utf8');
      stream?.on('data', (chunk: string) => {
        this.#output = (this.#output + chunk).slice(-OUTPUT_KEPT);
      });
    }
    child.on('error', (error) => {
      this.#output += error.message;
    });
  }

  /**
   * Starts the command and waits until the server is ready. If it does not get ready, ends it and throws
   * Inconclusive.
   */
  static async start(command: string, awaited: Awaited): Promise<ServerProcess> {
    const server = new ServerProcess(command);
    try {
      await server.#becomesReady(awaited);
      return server;
    } catch (error) {
      await server.stop();
      throw error;
    }
  }

  get alive(): boolean {
    return this.#group.alive;
  }

  /**
   * Resolves to whether the process has ended, or ends within `limit` ms. (Its connections end a moment
   * before it does.)
   */
  async endsWithin(limit: number): Promise<boolean> {
    if (!this.alive) {
      return true;
    }
    const controller = new AbortController();
    const exited = once(this.#group.child, 'exit', { signal: controller.signal }).catch(
      () => undefined,
    );
    await Promise.race([exited, sleep(limit, undefined, { signal: controller.signal })]);
    controller.abort();
    return !this.alive;
  }

  /**
   * Words for how the process ended, with the last lines of its output. The lines are quoted, because the
   * child chose their text.
   */
  get ending(): string {
    const how = this.#group.ending;
    const output = this.#output.trim();
    if (output === '') {
      return how;
    }
    const lines = output.split(/\r?\n/).slice(-LINES_SHOWN);
    return `${how}: ${lines.map((line) => printable(line)).join(' / ')}`;
  }

  /** Ends the process and everything that it started. */
  stop(): Promise<void> {
    return this.#group.stop();
  }

  freeze(): boolean {
    return this.#group.freeze();
  }

  thaw(): void {
    this.#group.thaw();
  }

  async #becomesReady({ isListening, ready, name, signal }: Awaited): Promise<void> {
    const deadline = performance.now() + START_TIME;
    const spoke = (): boolean => ready === undefined || ready.test(this.#output);
    let listens = false;
    while (performance.now() < deadline) {
      if (signal?.aborted === true) {
        throw new Inconclusive('it was interrupted');
      }
      if (!this.alive) {
        throw new Inconclusive(`the spawned command ${this.ending}`);
      }
      listens = await isListening();
      if (listens && spoke()) {
        return;
      }
      await sleep(10);
    }
    const seconds = START_TIME / 1000;
    throw new Inconclusive(
      listens
        ? `the spawned command listens, but printed nothing that matches --ready within ${seconds} s`
        : `the spawned command did not listen on ${name} within ${seconds} s; check that it uses this port`,
    );
  }
}
