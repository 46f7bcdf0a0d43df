// Peers: bytes of a channel against those of a bare socket, requests against lines of JSON by hand, and how
// long the event loop of a peer stands still while the peer serves 1 GiB. The other end is another process,
// and a new one for each turn: so both ends first transfer WARM_UP_LENGTH bytes that do not count, while V8
// compiles them.

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { listen } from '../src/entries/peer.ts';
import { hold } from './harness.ts';
import { judge, publish, rowOf } from './results.ts';

const MIB = 1024 * 1024;
const WARM_UP_LENGTH = 512 * MIB;
const CHANNEL_LENGTH = 1024 * MIB;
const SERVED_LENGTH = 1024 * MIB;
const REQUESTS = 30_000;
const PIECE = Buffer.alloc(65_536);

/** Runs the other end, and waits until it has ended. */
async function far(way: string, server: Server, length: number): Promise<void> {
  // The cast: a server that listens on a port has such an address.
  const { port } = server.address() as AddressInfo;
  const file = fileURLToPath(new URL('peers-client.ts', import.meta.url));
  const [code]: unknown[] = await once(fork(file, [way, String(port), String(length)]), 'exit');
  server.close();
  if (code !== 0) {
    throw new Error(`The other end (${way}) failed.`);
  }
}

async function bare(serve: (socket: Socket) => void): Promise<Server> {
  const server = createServer({ allowHalfOpen: true }, serve);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return server;
}

/** Measures from the first byte behind the warm-up to the last, because the other end needs time to start. */
class Stopwatch {
  readonly #warmUp: number;
  #from: number | undefined;
  #to = 0;
  count = 0;

  constructor(warmUp = 0) {
    this.#warmUp = warmUp;
  }

  saw(length: number): void {
    this.#to = performance.now();
    this.count += length;
    if (this.#from === undefined || this.count <= this.#warmUp) {
      this.#from = this.#to;
    }
  }

  /** How many were seen a second. Throws unless there were `wanted`, besides those of the warm-up. */
  rate(wanted: number): number {
    if (this.count !== this.#warmUp + wanted || this.#from === undefined) {
      throw new Error(`${this.count - this.#warmUp} of ${wanted} came.`);
    }
    return wanted / ((this.#to - this.#from) / 1000);
  }
}

async function rawBytes(): Promise<number> {
  const watch = new Stopwatch(WARM_UP_LENGTH);
  const server = await bare((socket) => {
    socket.on('data', (chunk) => watch.saw(chunk.length)).on('end', () => socket.end());
  });
  await far('raw', server, WARM_UP_LENGTH + CHANNEL_LENGTH);
  return watch.rate(CHANNEL_LENGTH) / 1e6;
}

async function channelBytes(): Promise<number> {
  const watch = new Stopwatch(WARM_UP_LENGTH);
  const server = listen((peer) => {
    peer.handleChannel('bytes', (channel) => {
      channel.on('data', (chunk: Buffer) => watch.saw(chunk.length)).on('end', () => channel.end());
    });
  });
  await server.ready;
  await far('channel', server.server, WARM_UP_LENGTH + CHANNEL_LENGTH);
  return watch.rate(CHANNEL_LENGTH) / 1e6;
}

async function lines(): Promise<number> {
  const watch = new Stopwatch();
  const server = await bare((socket) => {
    let rest = '';
    socket.on('data', (chunk) => {
      const texts = (rest + chunk.toString()).split('\n');
      rest = texts.pop() ?? '';
      for (const text of texts) {
        const { id, params }: { id: number; params: [number, number] } = JSON.parse(text);
        watch.saw(1);
        socket.write(`${JSON.stringify({ id, result: params[0] + params[1] })}\n`);
      }
    });
    socket.on('end', () => socket.end());
  });
  await far('lines', server, REQUESTS);
  return watch.rate(REQUESTS) / 1e3;
}

async function requests(): Promise<number> {
  const watch = new Stopwatch();
  const server = listen(
    (peer) => {
      peer.handle('add', (params) => {
        watch.saw(1);
        return Array.isArray(params) ? Number(params[0]) + Number(params[1]) : 0;
      });
    },
    { maxPendingRequests: 1000 },
  );
  await server.ready;
  await far('requests', server.server, REQUESTS);
  return watch.rate(REQUESTS) / 1e3;
}

/** Publishes for how long the event loop of a peer stands still while the peer serves SERVED_LENGTH bytes. */
async function delays(): Promise<void> {
  const histogram = monitorEventLoopDelay({ resolution: 1 });
  const served: Promise<unknown>[] = [];
  const server = listen((peer) => {
    peer.handleChannel('bytes', (channel) => {
      histogram.enable();
      served.push(pipeline(Readable.from(pieces()), channel));
    });
  });
  await server.ready;
  await far('read', server.server, SERVED_LENGTH);
  await Promise.all(served);
  histogram.disable();
  const p99 = histogram.percentile(99) / 1e6;
  publish({
    title: 'delay of the event loop while a peer serves 1 GiB',
    unit: 'ms',
    rows: [rowOf('p99', [p99]), rowOf('worst', [histogram.max / 1e6])],
    verdicts: [judge({ name: 'p99', atMost: 20 }, p99)],
  });
}

function* pieces(): Generator<Buffer> {
  for (let left = SERVED_LENGTH; left > 0; left -= PIECE.length) {
    yield PIECE;
  }
}

const RAW = 'raw bytes, no framing';
const CHANNEL = 'a channel';
const BY_HAND = 'lines of JSON by hand, a write each';

await hold(import.meta.url, [
  {
    title: 'bytes of a channel in pieces of 64 KiB, over loopback',
    unit: 'MB/s',
    reference: RAW,
    contenders: { [RAW]: rawBytes, [CHANNEL]: channelBytes },
    targets: [{ name: CHANNEL, atLeast: 0.9 }],
  },
  {
    title: '1000 requests at a time, over loopback',
    unit: 'thousand a second',
    reference: BY_HAND,
    contenders: { [BY_HAND]: lines, 'requests of a peer': requests },
  },
]);

if (!process.argv.some((word) => word.startsWith('--contender'))) {
  await delays();
}
