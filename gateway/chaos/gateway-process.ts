// A gateway as a process of its own, which can be killed and started again on the same port.

import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../test/support/free-port.ts';
import { residentMemory } from '../test/support/proc.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const main = fileURLToPath(new URL('../src/cli/main.ts', import.meta.url));

/** The protocol of the fleet: a frame is `ID NUMBER`, and is its own message id. */
const DEVICE = `const text = (frame) => Buffer.from(frame).toString();
export const identify = (frame) => text(frame).split(' ')[0];
export const messageId = text;
export const acknowledge = (frame) => Buffer.from('ok ' + text(frame));
`;

export interface GatewayProcessOptions {
  readonly name: string;
  readonly nats: string;
  /** Maximum number of frames of a device in flight. */
  readonly window: number;
}

export class GatewayProcess {
  readonly #folder = mkdtempSync(join(tmpdir(), 'unstick-chaos-'));
  readonly #options: GatewayProcessOptions;
  #child: ChildProcess | undefined;
  #port = 0;

  constructor(options: GatewayProcessOptions) {
    this.#options = options;
    writeFileSync(join(this.#folder, 'device.mjs'), DEVICE);
  }

  get port(): number {
    return this.#port;
  }

  /** Resident memory of the process in bytes; 0 while it does not run. */
  get memory(): number {
    return residentMemory(this.#child?.pid);
  }

  /** Starts the process, on the port that it had before. Resolves when devices can connect. */
  async start(): Promise<void> {
    const { name, nats, window } = this.#options;
    this.#port ||= await freePort();
    const file = join(this.#folder, 'gateway.json');
    const listen = `:${this.#port}`;
    const bus = { servers: [nats], timeout: 2000 };
    const settings = { frames: 'u32be', listen, device: './device.mjs', node: name, window, bus };
    writeFileSync(file, JSON.stringify(settings));
    const child = spawn(process.execPath, ['--import', 'tsx', main, '--config', file], {
      cwd: root,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.#child = child;
    await listening(child);
  }

  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) {
      return;
    }
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
  }

  /** Stops the process without ending it, as a machine that hangs does; `resume` lets it go on. */
  freeze(): void {
    this.#child?.kill('SIGSTOP');
  }

  resume(): void {
    this.#child?.kill('SIGCONT');
  }

  async remove(): Promise<void> {
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** Resolves when the log of the gateway says that it listens. Rejects if the gateway ends before. */
async function listening(child: ChildProcess): Promise<void> {
  if (child.stderr === null) {
    throw new Error('the log is a pipe');
  }
  const lines = createInterface({ input: child.stderr });
  return new Promise((resolve, reject) => {
    let last = '';
    lines.on('line', (line) => {
      last = line;
      if (line.includes('"event":"listening"')) {
        resolve();
      }
    });
    child.once('exit', () => reject(new Error(`the gateway ended: ${last}`)));
  });
}
