// Starts the programs of the demo, each a process of its own, hears their reports, and leaves none behind.

import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Report } from './reports.ts';

type Kind = Report['kind'];
type Of<K extends Kind> = Extract<Report, { readonly kind: K }>;

const running = new Set<ChildProcess>();
process.once('exit', endPrograms);

/** Ends at once whatever still runs. */
function endPrograms(): void {
  for (const child of running) child.kill('SIGKILL');
}

/** Far more than a story takes: only so that it never hangs. */
const PATIENCE_MS = 60_000;

/** Tells a story with processes: however it ends, by Ctrl-C, too, none of them is left. */
export async function conduct(story: () => Promise<void>): Promise<void> {
  process.once('SIGINT', () => process.exit(130)).once('SIGTERM', () => process.exit(143));
  process.stdout.once('error', () => process.exit(1)); // Nobody reads on: `npm run demo | head`.
  const timer = setTimeout(() => {
    console.error(`Not done after ${PATIENCE_MS / 1000} s`);
    process.exit(1);
  }, PATIENCE_MS);
  try {
    await story();
  } finally {
    clearTimeout(timer);
    endPrograms();
  }
}

export class Program {
  readonly #name: string;
  readonly #child: ChildProcess;
  readonly #reports: Report[] = [];
  #gone: string | undefined;
  #wake: () => void = () => undefined;

  /** Starts `file` of this example, in the same way as the conductor itself was started. */
  constructor(file: string, args: readonly (string | number)[] = []) {
    this.#name = file;
    const path = fileURLToPath(new URL(`../${file}`, import.meta.url));
    this.#child = fork(path, args.map(String), { serialization: 'advanced' });
    running.add(this.#child);
    this.#child.on('message', (message) => {
      // The one cast: on the other side is report(), and what is sent keeps its shape.
      this.#reports.push(message as Report);
      this.#wake();
    });
    this.#child.once('exit', (code, signal) => {
      running.delete(this.#child);
      this.#gone = signal ?? `exit code ${code}`;
      this.#wake();
    });
  }

  /** The next report of this kind; those of other kinds wait. One caller at a time. */
  async next<K extends Kind>(kind: K): Promise<Of<K>> {
    for (;;) {
      const index = this.#reports.findIndex((report) => report.kind === kind);
      const [found] = index < 0 ? [] : this.#reports.splice(index, 1);
      if (found !== undefined && isOf(found, kind)) return found;
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
        if (isOf(report, kind)) hear(report);
        else this.#reports.push(report);
      }
    });
  }

  /** Ends the program and waits until it is gone. */
  async end(): Promise<void> {
    if (this.#gone !== undefined) return;
    const exit = once(this.#child, 'exit');
    if (this.#child.connected) this.#child.disconnect();
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
