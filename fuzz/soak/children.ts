// The two child processes of a soak: the server, and the crowd. The soak talks to them over IPC, and kills a
// process that does not end by itself.

import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { CrowdOptions, CrowdReport } from './crowd.ts';
import type { Command, Said, Status } from './server-main.ts';

/** Time in ms that an answer, or the end of a process, may take. */
const PATIENCE_MS = 60_000;
/** Maximum number of characters of a process's stderr that are shown. */
const PRINTED_LENGTH = 2000;

class Child {
  readonly process: ChildProcess;
  readonly #gone: Promise<string>;
  #printed = '';
  isGone = false;

  constructor(file: string, args: readonly string[], flags: readonly string[] = []) {
    const path = fileURLToPath(new URL(file, import.meta.url));
    const loader = import.meta.resolve('tsx');
    const stdio = ['ignore', 'ignore', 'pipe', 'ipc'] as const;
    const child = spawn(process.execPath, [...flags, '--import', loader, path, ...args], {
      stdio: [...stdio],
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#printed = (this.#printed + text).slice(0, PRINTED_LENGTH);
    });
    this.process = child;
    this.#gone = once(child, 'close').then(([code, signal]: unknown[]) => {
      this.isGone = true;
      return `code ${String(code)}, signal ${String(signal)}\n${this.#printed}`.trim();
    });
  }

  /**
   * Sends a word, if there is one, and waits for the next message. Throws if the process dies or is silent.
   */
  async ask(word: string | undefined): Promise<unknown> {
    if (this.isGone) {
      throw new Error(`the process has died: ${await this.#gone}`);
    }
    const timeout = AbortSignal.timeout(PATIENCE_MS);
    const answered = once(this.process, 'message', { signal: timeout });
    const died = this.#gone.then((how) => {
      throw new Error(`the process has died: ${how}`);
    });
    // The IPC channel closes a little before the process ends. Ignore the error of send: `died` reports the
    // end.
    if (word !== undefined) {
      this.process.send(word, () => undefined);
    }
    const [answer]: unknown[] = await Promise.race([answered, died]);
    return answer;
  }

  /** Waits for the end of the process, and kills it if it is late. Returns whether it ended by itself. */
  async ended(): Promise<boolean> {
    const timer = setTimeout(() => this.process.kill('SIGKILL'), PATIENCE_MS);
    await this.#gone;
    clearTimeout(timer);
    return this.process.signalCode === null;
  }

  kill(): void {
    this.process.kill('SIGKILL');
  }
}

/** The process of a server. */
export class ServerProcess {
  readonly #child: Child;
  port = 0;

  private constructor(name: string) {
    this.#child = new Child('server-main.ts', [name], ['--expose-gc']);
  }

  static async start(name: string): Promise<ServerProcess> {
    const server = new ServerProcess(name);
    const said = (await server.#child.ask(undefined)) as Said;
    if (!('port' in said)) {
      throw new Error('the first message of the server was not its port');
    }
    server.port = said.port;
    return server;
  }

  async status(command: Exclude<Command, 'close'>): Promise<Status> {
    const said: unknown = await this.#child.ask(command);
    if (typeof said !== 'object' || said === null || !('status' in said)) {
      throw new Error('the server did not answer with its status');
    }
    return said.status as Status;
  }

  /** Asks the server to end. Returns what went wrong, or `undefined`. */
  async close(): Promise<string | undefined> {
    try {
      await this.#child.ask('close');
    } catch (error) {
      this.#child.kill();
      return `close() of the server: ${String(error)}`;
    }
    if (await this.#child.ended()) {
      return undefined;
    }
    return 'the process of the server did not end after close(): something keeps its event loop alive';
  }

  kill(): void {
    this.#child.kill();
  }
}

/** The process of a crowd. */
export class CrowdProcess {
  readonly #child: Child;

  private constructor(options: CrowdOptions) {
    this.#child = new Child('crowd-main.ts', [JSON.stringify(options)]);
  }

  static async start(options: CrowdOptions): Promise<CrowdProcess> {
    const crowd = new CrowdProcess(options);
    await crowd.#child.ask(undefined);
    return crowd;
  }

  async stop(): Promise<CrowdReport> {
    const report = (await this.#child.ask('stop')) as CrowdReport;
    await this.#child.ended();
    return report;
  }

  kill(): void {
    this.#child.kill();
  }
}
