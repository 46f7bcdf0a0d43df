// The server under test as a child process: started by a shell command, awaited until its port
// listens, ended with everything that it started.
//
// Rules:
// - The port is not touched while waiting where the kernel's tables tell: a course server that accepts
//   one client would take the probe for it.
// - The child leads a process group of its own, and the whole group is ended, whatever happens here.
// - Its output is read and dropped, but for the last lines: a child must not wait for a reader.

import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { printable } from '../../text.ts';
import { Inconclusive } from './inconclusive.ts';

/** How long a server may take to listen, in ms. */
const START_TIME = 10_000;
/** How long a server may take to end when asked, before it is made to, in ms. */
const GRACE_TIME = 1000;
/** How long the rest of its group may take, when the shell is gone, in ms. */
const GROUP_GRACE_TIME = 100;
/** Characters of its output that are kept: the last ones say why it ended, or that it is ready. */
const OUTPUT_KEPT = 16 * 1024;
/** Last lines of its output that a report shows. */
const LINES_SHOWN = 3;
const HAS_GROUPS = process.platform !== 'win32';

/** How a started command is awaited. */
export interface Awaited {
  readonly isListening: () => Promise<boolean>;
  /** What its output must show as well. */
  readonly ready: RegExp | undefined;
  /** Where it is to listen, for messages. */
  readonly name: string;
  readonly signal: AbortSignal | undefined;
}

export class ServerProcess {
  /** When it was started, by `performance.now()`. */
  readonly startedAt: number = performance.now();
  readonly #child: ChildProcess;
  #output = '';
  readonly #lastResort = (): void => void this.#signal('SIGKILL');

  private constructor(command: string) {
    this.#child = spawn(command, {
      shell: true,
      detached: HAS_GROUPS,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      // Decoded as one text: a chunk may end inside a character.
      stream?.setEncoding('utf8');
      stream?.on('data', (chunk: string) => {
        this.#output = (this.#output + chunk).slice(-OUTPUT_KEPT);
      });
    }
    this.#child.on('error', (error) => {
      this.#output += error.message;
    });
    process.once('exit', this.#lastResort);
  }

  /** Starts the command and waits until it listens. Throws Inconclusive when it does not. */
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
    const { exitCode, signalCode, pid } = this.#child;
    return pid !== undefined && exitCode === null && signalCode === null;
  }

  /** Whether it has ended, or does within so many ms: its connections end a moment before it does. */
  async endsWithin(limit: number): Promise<boolean> {
    if (!this.alive) {
      return true;
    }
    const controller = new AbortController();
    const exited = once(this.#child, 'exit', { signal: controller.signal }).catch(() => undefined);
    await Promise.race([exited, sleep(limit, undefined, { signal: controller.signal })]);
    controller.abort();
    return !this.alive;
  }

  /** How it ended, with the last lines of its output, each quoted: the child chose them. */
  get ending(): string {
    const { exitCode, signalCode } = this.#child;
    const how =
      signalCode === null ? `exited with code ${exitCode ?? '?'}` : `ended by ${signalCode}`;
    const output = this.#output.trim();
    if (output === '') {
      return how;
    }
    const lines = output.split(/\r?\n/).slice(-LINES_SHOWN);
    return `${how}: ${lines.map((line) => printable(line)).join(' / ')}`;
  }

  /** Ends the group: asks, waits, forces. Resolves when the shell is gone. */
  async stop(): Promise<void> {
    process.off('exit', this.#lastResort);
    const exited = this.alive ? once(this.#child, 'exit') : Promise.resolve();
    this.#signal('SIGTERM');
    const timer = setTimeout(() => this.#signal('SIGKILL'), GRACE_TIME);
    await exited;
    clearTimeout(timer);
    // The shell may be gone before what it started; nobody else is in this group.
    for (let wait = 0; wait < GROUP_GRACE_TIME && this.#signal(0); wait += 10) {
      await sleep(10);
    }
    this.#signal('SIGKILL');
    this.#child.stdout?.destroy();
    this.#child.stderr?.destroy();
  }

  /** Whether there was still somebody to be signalled. */
  #signal(signal: NodeJS.Signals | 0): boolean {
    const { pid } = this.#child;
    if (pid === undefined) {
      return false;
    }
    try {
      return HAS_GROUPS ? process.kill(-pid, signal) : this.#child.kill(signal);
    } catch {
      return false; // Gone already: that is what was wanted.
    }
  }

  /** Stops the group in mid-work; `thaw` lets it go on. What is sent meanwhile waits together. */
  freeze(): boolean {
    return HAS_GROUPS && this.#signal('SIGSTOP');
  }

  thaw(): void {
    if (HAS_GROUPS) {
      this.#signal('SIGCONT');
    }
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
