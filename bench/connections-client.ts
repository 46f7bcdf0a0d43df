// Opens many connections. On the message 'one' it sends one 64-byte frame on each. On 'all' it sends the
// given number on each, and ends them.
// Arguments: port, connections, frames for each.

import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { plainFrame } from './input.ts';

/** A burst is what one write takes; all connections take turns. */
const BURST = 100;
/** More at a time than the server's backlog holds would be refused. */
const AT_A_TIME = 500;
const [port = 0, count = 1, frames = 1] = process.argv.slice(2).map(Number);
const frame = plainFrame(64);

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

const sockets = await open();
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
