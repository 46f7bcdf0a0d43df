// Starts each program of the demo as a process, and receives its reports.

import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { startScript } from '../../support/processes.ts';
import type { Report } from './reports.ts';

type Kind = Report['kind'];
type Of<K extends Kind> = Extract<Report, { readonly kind: K }>;

export class Program {
  readonly #name: string;
  readonly #child: ChildProcess;
  readonly #reports: Report[] = [];
  #gone: string | undefined;
  /** Resolves when the program has ended by itself with exit code 0. Otherwise rejects. */
  readonly ended: Promise<void>;
  #wake: () => void = () => undefined;

  /** Starts `file` of this example, with a channel for its reports. */
  constructor(file: string, args: readonly (string | number)[] = []) {
    this.#name = file;
    const path = fileURLToPath(new URL(`../${file}`, import.meta.url));
    this.#child = startScript(path, args.map(String), { stdio: 'inherit' });
    this.#child.on('message', (message) => {
      // The cast is safe: the program sends with report(), which takes this type.
      this.#reports.push(message as Report);
      this.#wake();
    });
    this.ended = new Promise((resolve, reject) => {
      this.#child.once('exit', (code, signal) => {
        this.#gone = signal ?? `exit code ${code}`;
        this.#wake();
        if (code === 0) {
          resolve();
        } else {
          reject(new Error(`${file} ended early (${this.#gone})`));
        }
      });
    });
    this.ended.catch(() => undefined); // Only callers that await `ended` get the rejection.
  }

  /** The next report of this kind. Reports of other kinds are kept. Only one caller may wait at a time. */
  async next<K extends Kind>(kind: K): Promise<Of<K>> {
    for (;;) {
      const index = this.#reports.findIndex((report) => report.kind === kind);
      const [found] = index < 0 ? [] : this.#reports.splice(index, 1);
      if (found !== undefined && isOf(found, kind)) {
        return found;
      }
      if (this.#gone !== undefined) {
        throw new Error(`${this.#name} ended before its report "${kind}" (${this.#gone})`);
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** Calls `hear` with each report of a kind, as it comes. */
  hear<K extends Kind>(kind: K, hear: (report: Of<K>) => void): void {
    this.#child.on('message', () => {
      for (const report of this.#reports.splice(0)) {
        if (isOf(report, kind)) {
          hear(report);
        } else {
          this.#reports.push(report);
        }
      }
    });
  }

  /** Ends the program, which may still run, and waits for its end. */
  async end(): Promise<void> {
    if (this.#gone !== undefined) {
      return;
    }
    const exit = once(this.#child, 'exit');
    if (this.#child.connected) {
      this.#child.disconnect();
    }
    await exit;
  }
}

/** Starts a server and waits for its port. */
export async function startServer(file: string): Promise<{ server: Program; port: number }> {
  const server = new Program(file);
  const { port } = await server.next('ready');
  return { server, port };
}

function isOf<K extends Kind>(report: Report, kind: K): report is Of<K> {
  return report.kind === kind;
}
