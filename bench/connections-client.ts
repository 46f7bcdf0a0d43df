// Opens many connections. On the message 'one' it sends one frame with a payload of 64 bytes on each
// connection. On 'all' it sends the given number of frames on each, and ends the connections. Arguments:
// port, number of connections, number of frames for each connection, 'peer' for connections of peers, which
// have said hello and send nothing else.

import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { connect as connectPeer } from '../src/entries/peer.ts';
import { plainFrame } from './input.ts';

/** Number of frames in one write. The connections take turns to write. */
const BURST = 100;
/**
 * Maximum number of connections that are opened at the same time: more than the server's backlog would be
 * refused.
 */
const AT_A_TIME = 500;
const [port = 0, count = 1, frames = 1] = process.argv.slice(2).map(Number);
const frame = plainFrame(64);

async function openPeers(): Promise<Socket[]> {
  for (let opened = 0; opened < count; opened += AT_A_TIME) {
    const length = Math.min(AT_A_TIME, count - opened);
    await Promise.all(Array.from({ length }, () => connectPeer({ port })));
  }
  return [];
}

async function open(): Promise<Socket[]> {
  const sockets: Socket[] = [];
  while (sockets.length < count) {
    const opening = Array.from({ length: Math.min(AT_A_TIME, count - sockets.length) }, () =>
      connect({ port, host: '127.0.0.1', allowHalfOpen: true }),
    );
    await Promise.all(opening.map((socket) => once(socket, 'connect')));
    sockets.push(...opening);
  }
  return sockets;
}

async function sendAll(sockets: readonly Socket[]): Promise<void> {
  const burst = Buffer.alloc(frame.length * Math.min(BURST, frames), frame);
  for (let left = frames; left > 0; left -= BURST) {
    const bytes = burst.subarray(0, Math.min(left, BURST) * frame.length);
    for (const socket of sockets) {
      if (!socket.write(bytes)) {
        await once(socket, 'drain');
      }
    }
  }
  for (const socket of sockets) {
    socket.resume().end();
  }
}

const sockets = process.argv[5] === 'peer' ? await openPeers() : await open();
process.on('message', (word) => {
  if (word === 'one') {
    for (const socket of sockets) {
      socket.write(frame);
    }
  } else {
    void sendAll(sockets);
  }
});
process.on('disconnect', () => process.exit());
process.send?.('open');
