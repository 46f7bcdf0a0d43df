// Echo over loopback: a frame with a payload of 64 bytes goes to the server and back, again and again. Client
// and server are pinned to one core, because a wake-up between two cores of a virtual machine takes longer
// than all that is measured. The client is bare `net`, which counts bytes, for all contenders but `framed on
// both sides`.

import { fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { framed } from '../src/entries/main.ts';
import { hold } from './harness.ts';
import type { Contender, Contest } from './harness.ts';
import { plainFrame } from './input.ts';
import { median } from './results.ts';

const ROUNDS = 10_000;
const WARM_UP_ROUNDS = 2000;
const FRAME = plainFrame(64);
const SERVER = fileURLToPath(new URL('echo-server.ts', import.meta.url));

const TASKSET = 'taskset';
/**
 * Pins this process, and those that it starts, to one core. Without the program taskset nothing is pinned.
 */
if (process.argv.some((word) => word.startsWith('--contender'))) {
  spawnSync(TASKSET, ['-a', '-c', '-p', '0', String(process.pid)], { stdio: 'ignore' });
}
const where = spawnSync(TASKSET, ['--version']).status === 0 ? 'on one core' : 'unpinned';

type Client = (socket: Socket) => Promise<number[]>;

/** Measures the microseconds of each round with bare `net`. */
const bare: Client = (socket) =>
  new Promise((resolve, reject) => {
    const rounds: number[] = [];
    let missing = FRAME.length;
    let start = process.hrtime.bigint();
    socket.on('data', (chunk) => {
      missing -= chunk.length;
      if (missing > 0) {
        return;
      }
      const now = process.hrtime.bigint();
      rounds.push(Number(now - start) / 1000);
      if (rounds.length === WARM_UP_ROUNDS + ROUNDS) {
        resolve(rounds.slice(WARM_UP_ROUNDS));
        return;
      }
      missing = FRAME.length;
      start = now;
      socket.write(FRAME);
    });
    socket.on('error', reject);
    socket.write(FRAME);
  });

const framedClient: Client = async (socket) => {
  const connection = framed(socket);
  const payload = FRAME.subarray(4);
  const rounds: number[] = [];
  for (let i = 0; i < WARM_UP_ROUNDS + ROUNDS; i++) {
    const start = process.hrtime.bigint();
    await connection.send(payload);
    const answer = await connection.receive();
    if (answer?.length !== payload.length) {
      throw new Error('The echo is missing or has another length.');
    }
    rounds.push(Number(process.hrtime.bigint() - start) / 1000);
  }
  return rounds.slice(WARM_UP_ROUNDS);
};

let port: number | undefined;

/** Measures the rounds on one connection to this contender's server, which is started once. */
async function roundsOf(way: string, client: Client): Promise<readonly number[]> {
  port ??= await startServer(way);
  const socket = connect(port, '127.0.0.1').setNoDelay(true);
  await once(socket, 'connect');
  const found = await client(socket);
  socket.destroy();
  return found;
}

async function startServer(way: string): Promise<number> {
  const [listening]: unknown[] = await once(fork(SERVER, [way]), 'message');
  return Number(listening);
}

function percentile(list: readonly number[], part: number): number {
  return list.toSorted((a, b) => a - b)[Math.floor(list.length * part)] ?? Number.NaN;
}

const figures = {
  p50: (list: readonly number[]): number => median(list),
  p99: (list: readonly number[]): number => percentile(list, 0.99),
};

function contest(what: keyof typeof figures): Contest {
  const figure = figures[what];
  const of =
    (way: string, client: Client): Contender =>
    async () =>
      figure(await roundsOf(way, client));
  return {
    title: `echo of 64 B, ${what}, ${where}`,
    unit: 'µs a round',
    reference: 'bare net echo',
    targets:
      what === 'p50'
        ? [
            { name: 'framed: scan, send', atMost: 1.1 },
            { name: 'framed: for await, send', atMost: 1.1 },
          ]
        : [],
    contenders: {
      'bare net echo': of('bare', bare),
      'hand loop, one write each': of('loop', bare),
      'framed: for await, send': of('iterate', bare),
      'framed: scan, send': of('scan', bare),
      'framed on both sides': of('iterate', framedClient),
    },
  };
}

await hold(import.meta.url, [contest('p50'), contest('p99')]);
