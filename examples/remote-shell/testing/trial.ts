// For the tests and the scene: a server process with a runtime folder of its own, clients as processes or in
// this process, and facts about processes from the system. end() ends all processes and removes the folder.

import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ChildProcess } from 'node:child_process';
import { endProcess, startScript } from '../../support/processes.ts';
import { connectShell } from '../client/shell-client.ts';
import type { ShellClient } from '../client/shell-client.ts';
import { readState } from '../both/state-file.ts';
import type { ServerState } from '../both/state-file.ts';

const main = fileURLToPath(new URL('../main.ts', import.meta.url));

/** How a client process ended, and its output. */
export interface Ran {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

export interface RunOptions {
  readonly input?: Uint8Array | string;
  readonly env?: NodeJS.ProcessEnv;
}

export class Trial {
  readonly runtime: string = mkdtempSync(join(tmpdir(), 'unstick-shell-'));
  readonly #clients = new Set<ShellClient>();
  readonly #processes: ChildProcess[] = [];
  #server: ChildProcess | undefined;
  #listening = '';
  #ca: string | undefined;

  /** Starts a server and waits until it listens. */
  static async start(args: readonly string[] = [], env: NodeJS.ProcessEnv = {}): Promise<Trial> {
    const trial = new Trial();
    try {
      trial.#server = trial.process(['serve', ...args], { env });
      trial.#listening = await firstLine(trial.#server);
      return trial;
    } catch (error) {
      await trial.end();
      throw error;
    }
  }

  /** Starts a server with TLS, so that connections may go through a proxy. */
  static async startWithTls(
    pair: { readonly cert: string; readonly key: string },
    more: readonly string[] = [],
  ): Promise<Trial> {
    const trial = new Trial();
    try {
      const files = { cert: join(trial.runtime, 'cert.pem'), key: join(trial.runtime, 'key.pem') };
      writeFileSync(files.cert, pair.cert);
      writeFileSync(files.key, pair.key, { mode: 0o600 });
      trial.#ca = files.cert;
      const args = ['serve', '--tls-cert', files.cert, '--tls-key', files.key, ...more];
      trial.#server = trial.process(args);
      trial.#listening = await firstLine(trial.#server);
      return trial;
    } catch (error) {
      await trial.end();
      throw error;
    }
  }

  /** The path of the certificate that clients trust; empty without TLS. */
  get ca(): string {
    return this.#ca ?? '';
  }

  get server(): ChildProcess {
    if (this.#server === undefined) {
      throw new Error('There is no server.');
    }
    return this.#server;
  }

  /** The first line that the server printed. */
  get listening(): string {
    return this.#listening;
  }

  get state(): ServerState {
    const state = readState(join(this.runtime, 'unstick-shell'));
    if (state === undefined) {
      throw new Error('There is no state file.');
    }
    return state;
  }

  get port(): number {
    return this.state.port;
  }

  /** Starts main.ts with these arguments, as a server or client. */
  process(args: readonly string[], { env = {} }: RunOptions = {}): ChildProcess {
    const { FORCE_COLOR: _colour, NODE_OPTIONS: _options, ...inherited } = process.env;
    const own = { ...inherited, NO_COLOR: '1', XDG_RUNTIME_DIR: this.runtime, ...env };
    const child = startScript(main, args, { env: own, stdio: 'pipe' });
    this.#processes.push(child);
    return child;
  }

  /** Runs a client process to its end. */
  run(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
    const child = this.process(args, options);
    child.stdin?.on('error', () => undefined).end(options.input);
    return finished(child);
  }

  /** Connects a client in this process. */
  async connect(port: number = this.port): Promise<ShellClient> {
    const { host, token = '' } = this.state;
    const client = await connectShell({
      host,
      port,
      token,
      ca: this.#ca === undefined ? undefined : readFileSync(this.#ca),
    });
    this.#clients.add(client);
    return client;
  }

  /** Ends the clients in this process. */
  async disconnect(): Promise<void> {
    const clients = [...this.#clients];
    this.#clients.clear();
    await Promise.all(clients.map((client) => client.close()));
  }

  /** The audit log so far, in whole lines. */
  get audit(): readonly Readonly<Record<string, unknown>>[] {
    const text = readFileSync(join(this.runtime, 'unstick-shell', 'audit.jsonl'), 'utf8');
    const lines = text.split('\n').slice(0, -1);
    return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  async end(): Promise<void> {
    for (const client of this.#clients) {
      client.destroy();
    }
    await Promise.all(this.#processes.map(endProcess));
    rmSync(this.runtime, { recursive: true, force: true });
  }
}

/** Waits for the end of a client. Resolves with its output and how it ended. */
export async function finished(child: ChildProcess): Promise<Ran> {
  const stdout: Buffer[] = [];
  let stderr = '';
  child.stdout?.on('data', (piece: Buffer) => stdout.push(piece));
  child.stderr?.on('data', (piece: Buffer) => (stderr += piece.toString()));
  await once(child, 'close');
  const { exitCode: status, signalCode: signal } = child;
  return { status, signal, stdout: Buffer.concat(stdout), stderr };
}

/** The first line that a program prints. Rejects with its stderr if it ends without a line. */
async function firstLine(child: ChildProcess): Promise<string> {
  let stdout = '';
  let stderr = '';
  child.stderr?.on('data', (piece: Buffer) => (stderr += piece.toString()));
  return new Promise((resolve, reject) => {
    child.stdout?.on('data', (piece: Buffer) => {
      stdout += piece.toString();
      const at = stdout.indexOf('\n');
      if (at >= 0) {
        resolve(stdout.slice(0, at));
      }
    });
    child.once('close', () => reject(new Error(`The server ended without listening: ${stderr}`)));
  });
}

/** Whether the process exists and is not a zombie. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return !/\) Z /.test(stat);
  } catch {
    return false;
  }
}

/** The resident memory of a process in bytes. */
export function residentLength(pid: number): number {
  const [, pages = '0'] = readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ');
  return Number(pages) * PAGE_LENGTH;
}

const PAGE_LENGTH = 4096;
