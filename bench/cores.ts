// Several processes on one port: how evenly the workers of node:cluster share connections, and how much
// processor time a frame costs them against one worker. `scan` reads frames with a payload of 64 bytes. The
// rate says nothing where the sender uses one of two cores, so it is not measured.

import cluster from 'node:cluster';
import type { Worker } from 'node:cluster';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { lengthPrefixed, serve } from '../src/entries/main.ts';
import { judge, publish, rowOf } from './results.ts';

const CLIENT = fileURLToPath(new URL('connections-client.ts', import.meta.url));
const CONNECTIONS = 400;
const FRAMES_EACH = 5000;
const WORKERS = 2;

/** What a worker has done. `cpu` is its processor time in µs since the frames began. */
interface Share {
  readonly connections: number;
  readonly frames: number;
  readonly cpu: number;
}

function work(): void {
  let connections = 0;
  let frames = 0;
  let before = process.cpuUsage();
  const server = serve(
    lengthPrefixed(),
    (connection) => {
      connections++;
      return connection.scan(() => {
        frames++;
      });
    },
    { port: 0 },
  );
  process.on('message', (word) => {
    if (word === 'begin') {
      before = process.cpuUsage();
    } else {
      const { user, system } = process.cpuUsage(before);
      process.send?.({ connections, frames, cpu: user + system } satisfies Share);
    }
  });
  server.ready.catch(() => process.exit(1));
}

async function shareOf(worker: Worker): Promise<Share> {
  const answered = once(worker, 'message');
  worker.send('report');
  const [share]: Share[] = await answered;
  if (share === undefined) {
    throw new Error('A worker ended.');
  }
  return share;
}

async function sharesOf(workers: readonly Worker[]): Promise<Share[]> {
  const wanted = CONNECTIONS * (FRAMES_EACH + 1);
  for (;;) {
    const shares = await Promise.all(workers.map(shareOf));
    if (shares.reduce((sum, { frames }) => sum + frames, 0) >= wanted) {
      return shares;
    }
    await new Promise((resolve) => {
      setTimeout(resolve, 100);
    });
  }
}

async function measured(count: number): Promise<Share[]> {
  const workers = Array.from({ length: count }, () => cluster.fork());
  const addresses = await Promise.all(workers.map((worker) => once(worker, 'listening')));
  const [first]: { port: number }[] = addresses[0] ?? [];
  const client = fork(CLIENT, [String(first?.port), String(CONNECTIONS), String(FRAMES_EACH)]);
  await once(client, 'message');
  client.send('one');
  for (const worker of workers) {
    worker.send('begin');
  }
  client.send('all');
  const shares = await sharesOf(workers);
  client.disconnect();
  await Promise.all(
    workers.map((worker) => {
      const gone = once(worker, 'exit');
      worker.kill();
      return gone;
    }),
  );
  return shares;
}

/** Processor time of a frame in ns. */
function cost(shares: readonly Share[]): number {
  const cpu = shares.reduce((sum, share) => sum + share.cpu, 0);
  return (cpu * 1000) / (CONNECTIONS * FRAMES_EACH);
}

async function compare(): Promise<void> {
  const one = cost(await measured(1));
  const shares = await measured(WORKERS);
  const several = cost(shares);
  const percents = shares.map(({ connections }) => (100 * connections) / CONNECTIONS);
  const names = { one: 'one worker', several: `${WORKERS} workers` };
  publish({
    title: 'processor time of a frame of 64 B, workers of node:cluster',
    unit: 'ns',
    rows: [
      { ...rowOf(names.one, [one]), ratio: 1 },
      { ...rowOf(names.several, [several]), ratio: several / one },
    ],
    verdicts: [judge({ name: names.several, of: names.one, atMost: 1.1 }, several / one)],
  });
  publish({
    title: `connections of each of ${WORKERS} workers of node:cluster`,
    unit: '% of all',
    rows: [rowOf('a worker', percents)],
    verdicts: percents.map((percent, i) =>
      judge({ name: `worker ${i + 1}`, atLeast: 40, atMost: 60 }, percent),
    ),
  });
}

if (cluster.isPrimary) {
  await compare();
} else {
  work();
}
