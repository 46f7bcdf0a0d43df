// Opens many connections in this process, sends frames over each, and reports what one idle connection holds in
// bytes: objects on the heap, and memory of buffers. The other end of each connection is a bare socket in the
// same process. Needs --expose-gc.

import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { framed, serve } from '../../src/entries/main.ts';
import type { Connection } from '../../src/entries/main.ts';
import { lengthPrefixed } from '../../src/entries/codec.ts';
import { connect as connectPeer, listen, reply } from '../../src/entries/peer.ts';
import type { Peer } from '../../src/entries/peer.ts';

/** What each connection holds when it has echoed one frame, and when it has echoed many. */
export interface Held {
  readonly heap: number;
  readonly buffers: number;
  readonly heapLater: number;
  readonly buffersLater: number;
}

type Way = 'bare' | 'framed' | 'scan' | 'serve';

/** `peers` is what two peers hold together, one of `listen` and one of `connect`. */
export type IdleReport = Readonly<Record<Way, Held>> & { readonly peers: Held };

const COUNT = 1500;
const ROUNDS = 12;
/** Number of connections that are opened at the same time, fewer than a server holds in its backlog. */
const AT_A_TIME = 100;
/** Body of a request, so long that a peer which keeps it shows. */
const BODY = Buffer.alloc(4096);
const FRAME = Buffer.from('000000086162636465666768', 'hex');

/** Opens a server on a free port. `close` resolves when its connections are gone. */
type Open = () => Promise<{ readonly port: number; close(): Promise<unknown> }>;

async function listening(server: Server): ReturnType<Open> {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    // The cast: a server that listens on a port has such an address.
    port: (server.address() as AddressInfo).port,
    close: () => once(server.close(), 'close'),
  };
}

async function echoed(connection: Connection<Uint8Array, Uint8Array>): Promise<void> {
  for await (const frame of connection) {
    await connection.send(frame);
  }
}

const ways: Readonly<Record<Way, Open>> = {
  bare: () =>
    listening(createServer((socket) => socket.on('data', (chunk) => socket.write(chunk)))),
  framed: () =>
    listening(
      createServer((socket) => {
        const connection = framed(socket);
        void echoed(connection).then(() => connection.close());
      }),
    ),
  scan: () =>
    listening(
      createServer((socket) => {
        const connection = framed(socket);
        void connection
          .scan((bytes, start, end) => void connection.send(bytes.subarray(start, end)))
          .then(() => connection.close());
      }),
    ),
  serve: async () => {
    const server = serve(lengthPrefixed(), echoed);
    await server.ready;
    return server;
  },
};

interface Memory {
  readonly heap: number;
  readonly buffers: number;
}

/** Returns what each of `count` connections holds. */
function share(
  { before, first, later }: Readonly<Record<'before' | 'first' | 'later', Memory>>,
  count: number,
): Held {
  return {
    heap: (first.heap - before.heap) / count,
    buffers: (first.buffers - before.buffers) / count,
    heapLater: (later.heap - before.heap) / count,
    buffersLater: (later.buffers - before.buffers) / count,
  };
}

async function memory(): Promise<Memory> {
  // What waits for a turn of the event loop holds memory until then: the last bodies in Node's streams, and code
  // whose compilation another thread has finished.
  for (let turn = 0; turn < 4; turn++) {
    await setImmediate();
    globalThis.gc?.();
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return { heap: heapUsed, buffers: arrayBuffers };
}

async function echo(sockets: readonly Socket[]): Promise<void> {
  const echoes = sockets.map(async (socket) => {
    socket.write(FRAME);
    for (let missing = FRAME.length; missing > 0;) {
      const [chunk]: Buffer[] = await once(socket, 'data');
      missing -= chunk?.length ?? missing;
    }
  });
  await Promise.all(echoes);
}

async function held(open: Open, count = COUNT): Promise<Held> {
  const server = await open();
  const before = await memory();
  const sockets: Socket[] = [];
  while (sockets.length < count) {
    const opening = Array.from({ length: AT_A_TIME }, () => connect(server.port, '127.0.0.1'));
    await Promise.all(opening.map((socket) => once(socket, 'connect')));
    sockets.push(...opening);
  }
  await echo(sockets);
  const first = await memory();
  for (let round = 1; round < ROUNDS; round++) {
    await echo(sockets);
  }
  const later = await memory();
  await Promise.all(sockets.map((socket) => once(socket.end(), 'close')));
  await server.close();
  return share({ before, first, later }, count);
}

/** Sends a request over each peer. It and its answer have a body. */
async function asked(peers: readonly Peer[]): Promise<void> {
  await Promise.all(peers.map((peer) => peer.request('echo', null, { body: BODY })));
}

async function heldByPeers(count = COUNT): Promise<Held> {
  const server = listen((peer) => peer.handle('echo', (_, { body }) => reply(null, body)));
  await server.ready;
  const before = await memory();
  const peers: Peer[] = [];
  while (peers.length < count) {
    const opening = Array.from({ length: AT_A_TIME }, () => connectPeer({ port: server.port }));
    peers.push(...(await Promise.all(opening)));
  }
  const first = await memory();
  for (let round = 1; round < ROUNDS; round++) {
    await asked(peers);
  }
  const later = await memory();
  await Promise.all(peers.map((peer) => peer.close()));
  await server.close();
  return share({ before, first, later }, count);
}

// The first measurement of each way also counts the code that runs for the first time.
for (const open of Object.values(ways)) {
  await held(open, 2 * AT_A_TIME);
}
const framings = {
  bare: await held(ways.bare),
  framed: await held(ways.framed),
  scan: await held(ways.scan),
  serve: await held(ways.serve),
};
await heldByPeers(2 * AT_A_TIME);
const report: IdleReport = { ...framings, peers: await heldByPeers() };
process.send?.(report);
process.disconnect?.();
