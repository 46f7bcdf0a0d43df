// An echo server for echo.ts: its argument names how it reads (bare, loop, iterate, scan). It sends its port
// to its parent, and ends with its parent.

import { createServer } from 'node:net';
import type { Socket } from 'node:net';
import { framed } from '../src/entries/main.ts';
import { subarrayLoop } from './loops.ts';

const ways: Readonly<Record<string, (socket: Socket) => unknown>> = {
  bare: (socket) => socket.on('data', (chunk) => socket.write(chunk)),
  loop: (socket) =>
    socket.on(
      'data',
      subarrayLoop((payload) => {
        const frame = Buffer.allocUnsafe(4 + payload.length);
        frame.writeUInt32BE(payload.length);
        payload.copy(frame, 4);
        socket.write(frame);
      }),
    ),
  iterate: async (socket) => {
    const connection = framed(socket);
    for await (const payload of connection) {
      void connection.send(payload);
    }
  },
  scan: (socket) => {
    const connection = framed(socket);
    return connection.scan((bytes, start, end) => {
      void connection.send(bytes.subarray(start, end));
    });
  },
};

const serve = ways[process.argv[2] ?? ''];
const server = createServer({ noDelay: true }, (socket) => {
  socket.on('error', () => socket.destroy());
  void serve?.(socket);
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.send?.(typeof address === 'object' ? address?.port : 0);
});
process.on('disconnect', () => process.exit());
