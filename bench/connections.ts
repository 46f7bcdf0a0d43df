// Receiving from many connections at once: a million frames with 64-byte payloads, spread over 10 to 10 000
// connections.

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { framed } from '../src/entries/main.ts';
import { hold, seconds } from './harness.ts';
import type { Contest } from './harness.ts';
import { largestCount } from './limits.ts';
import { subarrayLoop } from './loops.ts';
import { judge, publish } from './results.ts';
import type { Result } from './results.ts';

const FRAMES = 1_000_000;
const LARGEST = 10_000;
const COUNTS: readonly number[] = [10, 100, 1000, LARGEST];
const CLIENT = fileURLToPath(new URL('connections-client.ts', import.meta.url));
/**
 * Limit for the cost of a frame when there are ten times the connections. A factor of 2.2 in time for each
 * doubling, where linear work has 2, is a factor of 13.7 for ten times, so 1.37 for each frame.
 */
const PER_TENFOLD = 1.37;
const BACKLOG = 1024;

/** Reads a connection to its end. Calls `seen` with the number of frames that have come. */
type Receive = (socket: Socket, seen: (frames: number) => void) => Promise<unknown>;

const byLoop: Receive = (socket, seen) => {
  socket.on(
    'data',
    subarrayLoop(() => seen(1)),
  );
  return once(socket, 'end');
};

const iterate: Receive = async (socket, seen) => {
  for await (const frame of framed(socket)) {
    if (frame.length > 0) {
      seen(1);
    }
  }
};

const batches: Receive = async (socket, seen) => {
  for await (const batch of framed(socket).batches()) {
    seen(batch.length);
  }
};

const scan: Receive = (socket, seen) => framed(socket).scan(() => seen(1));

/** Resolves a promise when the expected number of frames has been seen. Used again and again. */
class Counter {
  #left = 0;
  #reached: () => void = () => undefined;

  expect(count: number): Promise<void> {
    this.#left += count;
    return new Promise((resolve) => {
      this.#reached = resolve;
    });
  }

  readonly seen = (frames: number): void => {
    this.#left -= frames;
    if (this.#left === 0) {
      this.#reached();
    }
  };
}

/** Millions of frames a second, measured after every connection has been opened and used once. */
async function connections(count: number, receive: Receive): Promise<number> {
  const counter = new Counter();
  const receiving: Promise<unknown>[] = [];
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    receiving.push(receive(socket, counter.seen).finally(() => socket.destroy()));
  });
  await once(server.listen(0, '127.0.0.1', BACKLOG), 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const client = fork(CLIENT, [port, count, FRAMES / count].map(String));
  await once(client, 'message');
  const first = counter.expect(count);
  client.send('one');
  await first;
  const time = await seconds(async () => {
    const all = counter.expect(FRAMES);
    client.send('all');
    await all;
  });
  await Promise.all(receiving);
  client.disconnect();
  server.close();
  return FRAMES / time / 1e6;
}

const LOOP = 'hand loop';
const ways = { [LOOP]: byLoop, 'for await': iterate, batches, scan };

function contest(count: number): Contest {
  return {
    title: `receive from ${count} connections`,
    unit: 'M frames/s',
    reference: LOOP,
    targets: count === LARGEST ? [{ name: 'for await', atLeast: 0.7 }] : [],
    contenders: Object.fromEntries(
      Object.entries(ways).map(([name, receive]) => [name, () => connections(count, receive)]),
    ),
  };
}

/**
 * By what factor the cost of a frame grows when there are ten times the connections. Costs are relative to
 * the hand loop, because more reads with fewer bytes each cost Node itself something.
 */
function growth(results: readonly Result[]): Result {
  const verdicts = results.slice(1).flatMap((result, i) => {
    const rows = result.rows.filter(({ name }) => name !== LOOP);
    return rows.map(({ name, ratio = Number.NaN }) => {
      const before = results[i]?.rows.find((row) => row.name === name)?.ratio ?? Number.NaN;
      const title = `${name}, ${COUNTS[i]} to ${COUNTS[i + 1]} connections, cost of a frame`;
      return judge({ name: title, of: "the hand loop's", atMost: PER_TENFOLD }, before / ratio);
    });
  });
  return { title: 'growth: ten times the connections', unit: '×', rows: [], verdicts };
}

const possible = COUNTS.filter((count) => count <= largestCount());
const results = await hold(import.meta.url, possible.map(contest));
if (results.length > 1) {
  publish(growth(results));
}
