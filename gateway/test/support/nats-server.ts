// A real nats-server with JetStream: on a free port, with a store of its own that outlives a kill, and removed
// with the test.

import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { processorTime, residentMemory } from './proc.ts';
import { freePort } from '../../../test/support/free-port.ts';

/** Whether there is a nats-server here. */
export const hasNats: boolean = ((): boolean => {
  try {
    execFileSync('nats-server', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

/** The end of a test title that says why its tests skip. */
export const natsNote: string = hasNats ? '' : ' (skipped: there is no nats-server here)';

const LAST_LINES = 20;
const MIB = 1024 * 1024;

export class NatsServer {
  readonly #folder = mkdtempSync(join(tmpdir(), 'unstick-nats-'));
  readonly #store = join(this.#folder, 'store');
  /** Lines of the configuration file. A change counts from the next start. */
  more: string;
  #disk: SmallDisk | undefined;
  #child: ChildProcess | undefined;
  #port = 0;

  private constructor(more: string) {
    this.more = more;
  }

  static async start(more = ''): Promise<NatsServer> {
    const server = new NatsServer(more);
    await server.start();
    return server;
  }

  /** A server whose store is on a disk of its own, which can be filled. `hasSmallDisks` says whether it can. */
  static async onSmallDisk(length: number): Promise<NatsServer> {
    const server = new NatsServer('');
    server.#disk = new SmallDisk(server.#store, length);
    await server.start();
    return server;
  }

  /** Three servers that share their streams. Resolves when each is ready, before they have found each other. */
  static async cluster(): Promise<NatsServer[]> {
    const ports = await Promise.all([freePort(), freePort(), freePort()]);
    const routes = ports.map((port) => `nats-route://127.0.0.1:${port}`).join(', ');
    return Promise.all(
      ports.map((port, at) =>
        NatsServer.start(
          `server_name: n${at}\ncluster { name: c, listen: "127.0.0.1:${port}", routes: [${routes}] }`,
        ),
      ),
    );
  }

  get url(): string {
    return `nats://127.0.0.1:${this.#port}`;
  }

  /** Resident memory of the process in bytes. */
  get memory(): number {
    return residentMemory(this.#child?.pid);
  }

  /** Processor time of the process in ms. */
  get busy(): number {
    return processorTime(this.#child?.pid);
  }

  /** Length of all files of its store in bytes. */
  get stored(): number {
    const files = readdirSync(this.#folder, { recursive: true, withFileTypes: true });
    return files
      .filter((file) => file.isFile())
      .reduce((all, { parentPath, name }) => all + statSync(join(parentPath, name)).size, 0);
  }

  /** Starts, or starts again on the same port with the same store. Resolves when it is ready. */
  async start(): Promise<void> {
    this.#port ||= await freePort();
    const file = join(this.#folder, 'nats.conf');
    writeFileSync(
      file,
      `listen: "127.0.0.1:${this.#port}"\njetstream { store_dir: "${this.#store}" }\n${this.more}\n`,
    );
    const child = spawn('nats-server', ['-c', file], { stdio: ['ignore', 'ignore', 'pipe'] });
    this.#child = child;
    await this.#ready(child);
  }

  /** Ends the process as a crash does. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** Stops the process without ending it, as a machine that hangs does; `resume` lets it go on. */
  freeze(): void {
    this.#child?.kill('SIGSTOP');
  }

  resume(): void {
    this.#child?.kill('SIGCONT');
  }

  /** Leaves no room on the disk. */
  fillDisk(): void {
    this.#disk?.fill();
  }

  /** Makes room again. A server that ran out of disk has turned its streams off until it is started again. */
  freeDisk(): void {
    this.#disk?.free();
  }

  async remove(): Promise<void> {
    await this.#end('SIGKILL');
    this.#disk?.remove();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #ready(child: ChildProcess): Promise<void> {
    if (child.stderr === null) {
      throw new Error('nats-server has no standard error');
    }
    const lines: string[] = [];
    const input = createInterface({ input: child.stderr });
    await new Promise<void>((resolve, reject) => {
      input.on('line', (line) => {
        lines.push(line);
        lines.splice(0, lines.length - LAST_LINES);
        if (line.endsWith('Server is ready')) {
          resolve();
        }
      });
      child.once('exit', () => reject(new Error(`nats-server ended:\n${lines.join('\n')}`)));
    });
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) {
      return;
    }
    const exited = once(child, 'exit');
    child.kill('SIGCONT');
    child.kill(signal);
    await exited;
  }
}

/** A disk in memory, for a test that fills it. */
class SmallDisk {
  readonly #path: string;

  constructor(path: string, length: number) {
    this.#path = path;
    mkdirSync(path);
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${length}`, 'none', path]);
  }

  get #ballast(): string {
    return join(this.#path, 'ballast');
  }

  fill(): void {
    const file = openSync(this.#ballast, 'w');
    try {
      for (;;) {
        writeSync(file, Buffer.alloc(MIB));
      }
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) {
        throw error;
      }
    } finally {
      closeSync(file);
    }
  }

  free(): void {
    rmSync(this.#ballast, { force: true });
  }

  remove(): void {
    execFileSync('umount', [this.#path]);
  }
}

/** Whether this user may mount a disk in memory. */
export const hasSmallDisks: boolean = ((): boolean => {
  const folder = mkdtempSync(join(tmpdir(), 'unstick-disk-'));
  try {
    new SmallDisk(join(folder, 'disk'), MIB).remove();
    return true;
  } catch {
    return false;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
})();
