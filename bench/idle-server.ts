// Accepts the given number of connections, receives one frame on each, and reports by how many bytes its
// memory grew: resident, and heap with buffers. Arguments: how it reads (bare, loop, framed, iterate, scan,
// peer), number of connections.

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { framed } from '../src/entries/main.ts';
import { listen } from '../src/entries/peer.ts';
import { plainFrame } from './input.ts';
import { subarrayLoop } from './loops.ts';

const CLIENT = fileURLToPath(new URL('connections-client.ts', import.meta.url));
const BACKLOG = 1024;
const [way = '', countWord = '1'] = process.argv.slice(2);
const count = Number(countWord);
const isPeer = way === 'peer';
/** Bytes that come on each connection: a frame, or the hello of a peer, which may be shorter. */
const FIRST_LENGTH = isPeer ? 1 : plainFrame(64).length;

const ways: Readonly<Record<string, (socket: Socket) => unknown>> = {
  bare: (socket) => socket.on('data', () => undefined),
  loop: (socket) =>
    socket.on(
      'data',
      subarrayLoop(() => undefined),
    ),
  framed: (socket) => framed(socket),
  iterate: async (socket) => {
    for await (const frame of framed(socket)) {
      if (frame.length === 0) {
        return;
      }
    }
  },
  scan: (socket) => framed(socket).scan(() => undefined),
};

function memory(): [number, number] {
  for (let i = 0; i < 3; i++) {
    globalThis.gc?.();
  }
  const { rss, heapUsed, external } = process.memoryUsage();
  return [rss, heapUsed + external];
}

async function bytesRead(sockets: readonly Socket[]): Promise<void> {
  while (sockets.some((socket) => socket.bytesRead < FIRST_LENGTH)) {
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
}

const sockets: Socket[] = [];
const kept: unknown[] = [];
const server = isPeer ? listen(() => undefined).server : createServer();
server.on('connection', (socket) => {
  socket.on('error', () => socket.destroy());
  sockets.push(socket);
  kept.push(ways[way]?.(socket));
});
await once(isPeer ? server : server.listen(0, '127.0.0.1', BACKLOG), 'listening');
const address = server.address();
const port = typeof address === 'object' && address !== null ? address.port : 0;
const [rssBefore, heapBefore] = memory();
const client = fork(CLIENT, [String(port), String(count), '1', way]);
client.on('exit', () => {
  throw new Error('The client ended. Are there too few free ports?');
});
await once(client, 'message');
client.send('one');
while (sockets.length < count) {
  await once(server, 'connection');
}
await bytesRead(sockets);
const [rss, heap] = memory();
if (kept.length !== count) {
  throw new Error(`${kept.length} connections`);
}
process.send?.([rss - rssBefore, heap - heapBefore]);
process.on('disconnect', () => {
  client.removeAllListeners('exit').disconnect();
  process.exit();
});
