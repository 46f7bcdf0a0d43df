// A siege of one program of the documentation. The program runs as it is printed, in a process of its own.
// Strangers connect to each of its servers and misbehave before the program learns that it listens, and most
// of them stay while the program's own client talks. They leave when the program ends that server, or itself.

import { spawn } from 'node:child_process';
import type { ChildProcess, ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { attack, serves } from './strangers.ts';
import type { Crowd, Place } from './strangers.ts';

export interface Outcome {
  /** Its exit code, or the signal that ended it. */
  readonly end: number | string;
  readonly printed: string;
  readonly warned: string;
  /** Servers that were besieged. */
  readonly servers: number;
  /** The most by which the memory in use grew at a server, in MiB, with the strangers still there. */
  readonly grownBy: number;
  /** Whether a good client was answered, where the program has none of its own. */
  readonly isServed: boolean;
}

export interface Program {
  readonly directory: string;
  readonly file: string;
  /** Whether the program has a good client of its own, and so ends by itself. Else SIGTERM ends it. */
  readonly hasClient: boolean;
  /** What a good client asks. Default: a frame of four bytes of length and a word. */
  readonly request?: Uint8Array | undefined;
  /** How long a good client waits, in ms. Default: longer than the busiest machine makes it wait. */
  readonly patience?: number | undefined;
}

interface Report {
  readonly event: 'listening' | 'measured' | 'told' | 'closing';
  readonly id: number;
  readonly used: number;
  readonly address: AddressInfo | string;
  readonly kind: Place['kind'];
}

/** An upper bound, for a program that hangs. */
const TIME_LIMIT_MS = 100_000;
const GOOD_PATIENCE_MS = 30_000;
const MIB = 2 ** 20;

export async function besiege(program: Program): Promise<Outcome> {
  const siege = new Siege(program);
  const control = createServer((socket) => siege.watch(socket));
  await once(control.listen(0, '127.0.0.1'), 'listening');
  const child = start(program, control);
  siege.child = child;
  try {
    const [printed, warned, [code, signal]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'exit'),
    ]);
    return { end: code ?? signal, printed, warned, ...siege.seen };
  } finally {
    control.close();
    siege.end();
  }
}

function start(
  { directory, file }: Program,
  control: Server,
): ChildProcessByStdio<null, Readable, Readable> {
  const address = control.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return spawn(process.execPath, ['--expose-gc', '--import', './out/besieged.mjs', file], {
    cwd: directory,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: TIME_LIMIT_MS,
    killSignal: 'SIGKILL',
    env: { ...process.env, NO_COLOR: '1', UNSTICK_SIEGE: String(port) },
  });
}

class Siege {
  readonly #hasClient: boolean;
  readonly #patience: number;
  readonly #request: Uint8Array | undefined;
  readonly #controls = new Set<Socket>();
  readonly #crowds = new Set<Crowd>();
  child: ChildProcess | undefined;
  readonly seen: { servers: number; grownBy: number; isServed: boolean } = {
    servers: 0,
    grownBy: 0,
    isServed: true,
  };

  constructor({ hasClient, request, patience = GOOD_PATIENCE_MS }: Program) {
    this.#hasClient = hasClient;
    this.#request = request;
    this.#patience = patience;
  }

  /** One process of the program: a cluster has several. */
  watch(control: Socket): void {
    this.#controls.add(control);
    const crowds = new Map<number, Crowd>();
    const before = new Map<number, number>();
    const leaveAll = (): void => crowds.forEach((crowd) => this.#leave(crowd));
    control.on('error', () => undefined).once('close', leaveAll);
    const reports = createInterface({ input: control });
    // readline passes on the error of its input: a killed program resets this socket.
    reports
      .on('error', () => undefined)
      .on('line', (line) => {
        const report: Report = JSON.parse(line);
        const { event, id, used } = report;
        if (event === 'listening') {
          before.set(id, used);
          const crowd: Crowd = new Set();
          crowds.set(id, crowd);
          void this.#attack(report, crowd).then(() => control.write(`measure ${id}\n`));
        } else if (event === 'measured') {
          this.seen.grownBy = Math.max(this.seen.grownBy, (used - (before.get(id) ?? 0)) / MIB);
          control.write(`go ${id}\n`);
        } else if (event === 'told') {
          if (!this.#hasClient) {
            this.child?.kill('SIGTERM');
          }
        } else {
          this.#leave(crowds.get(id));
        }
      });
  }

  end(): void {
    for (const control of this.#controls) {
      control.destroy();
    }
    for (const crowd of this.#crowds) {
      this.#leave(crowd);
    }
  }

  async #attack({ address, kind }: Report, crowd: Crowd): Promise<void> {
    this.seen.servers++;
    this.#crowds.add(crowd);
    const where =
      typeof address === 'string' ? { path: address } : { port: address.port, host: '127.0.0.1' };
    const place = { where, kind, request: this.#request };
    await attack(place, crowd);
    if (!this.#hasClient) {
      this.seen.isServed &&= await serves(place, this.#patience);
    }
  }

  #leave(crowd: Crowd | undefined): void {
    for (const socket of crowd ?? []) {
      socket.destroy();
    }
  }
}
