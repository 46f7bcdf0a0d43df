// A foreign program as a child process: awaited until its port accepts, ended with everything that it
// started, its temporary folder removed.
//
// Rules:
// - The child leads a process group of its own, and the whole group is ended, whatever happens here.
// - Nothing is waited for without a bound, and what did not come is said with the program's last words.
// - Whoever starts one ends it: `foreignServer` does both, around the tests of a `describe`.

import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll } from 'vitest';
import { freePort } from '../../support/free-port.ts';

export interface Program {
  readonly file: string;
  readonly args: readonly string[];
  /** The port that it will accept connections on, and what it prints when it is really ready. */
  readonly port: number;
  readonly ready?: RegExp;
  /** As whom it runs; default: as we do. */
  readonly user?: { readonly uid: number; readonly gid: number } | undefined;
  /** What asks it to end. Default SIGTERM. */
  readonly endSignal?: NodeJS.Signals;
  readonly env?: Readonly<Record<string, string>>;
}

/** A bound for a broker on a machine with ten times the load. */
const startTime = 60_000;
const graceTime = 5000;
/** Between two attempts to connect. */
const attemptPause = 10;
const outputKept = 4000;

/** Whether somebody listens there. The connection is closed at once. */
export function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

/** What a server may use while the tests of one `describe` run. */
export interface Place {
  readonly port: number;
  /** A temporary folder of its own, removed afterwards. */
  readonly folder: string;
}

/**
 * A server for the tests of the `describe` that this is called in: started before them, ended after.
 * Its port is known when they run.
 */
export function foreignServer(
  describeProgram: (place: Place) => Omit<Program, 'port'> | Promise<Omit<Program, 'port'>>,
): { readonly port: number } {
  let folder = '';
  let server: ForeignProcess | undefined;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'unstick-interop-'));
    const port = await freePort();
    server = await ForeignProcess.start({ ...(await describeProgram({ port, folder })), port });
  }, 2 * startTime);
  afterAll(async () => {
    await server?.stop();
    await rm(folder, { recursive: true, force: true });
  }, startTime + graceTime);
  return {
    get port(): number {
      return server?.port ?? 0;
    },
  };
}

export class ForeignProcess {
  readonly port: number;
  readonly #child: ChildProcess;
  readonly #program: Program;
  #output = '';
  readonly #lastResort = (): void => this.#signal('SIGKILL');

  private constructor(program: Program) {
    this.port = program.port;
    this.#program = program;
    this.#child = spawn(program.file, program.args, {
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, LC_ALL: 'C.UTF-8', ...program.env },
      ...program.user,
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        this.#output = (this.#output + chunk.toString('latin1')).slice(-outputKept);
      });
    }
    this.#child.on('error', (error) => {
      this.#output += error.message;
    });
    process.once('exit', this.#lastResort);
  }

  /** Starts it and waits until it is ready. */
  static async start(program: Program): Promise<ForeignProcess> {
    const started = new ForeignProcess(program);
    try {
      await started.#ready();
      return started;
    } catch (error) {
      await started.stop();
      throw error;
    }
  }

  /** Ends the whole group: asks, waits, forces. */
  async stop(): Promise<void> {
    process.off('exit', this.#lastResort);
    const exited = this.#alive ? once(this.#child, 'exit') : Promise.resolve();
    this.#signal(this.#program.endSignal ?? 'SIGTERM');
    const timer = setTimeout(() => this.#signal('SIGKILL'), graceTime);
    await exited;
    clearTimeout(timer);
    this.#signal('SIGKILL');
    this.#child.stdout?.destroy();
    this.#child.stderr?.destroy();
  }

  get #alive(): boolean {
    const { exitCode, signalCode, pid } = this.#child;
    return pid !== undefined && exitCode === null && signalCode === null;
  }

  async #ready(): Promise<void> {
    const { ready, file } = this.#program;
    const deadline = performance.now() + startTime;
    while (performance.now() < deadline) {
      if (!this.#alive) {
        throw new Error(`${file} ended at once: ${this.#output}`);
      }
      if ((ready === undefined || ready.test(this.#output)) && (await accepts(this.port))) {
        return;
      }
      await sleep(attemptPause);
    }
    throw new Error(`${file} was not ready after ${startTime / 1000} s: ${this.#output}`);
  }

  #signal(signal: NodeJS.Signals): void {
    const { pid } = this.#child;
    if (pid === undefined) {
      return;
    }
    try {
      process.kill(-pid, signal);
    } catch {
      // Gone already: that is what was wanted.
    }
  }
}
