// A process that sends a frame again and again from memory, as fast as the socket takes the bytes, then ends
// the connection. Each message from the parent starts that: [port, head of the frame in hex, length of the
// rest, number of frames]. With the argument 'sink' it receives instead, and reports its port and the bytes
// of each connection.

import { createServer, connect } from 'node:net';

const WRITE_LENGTH = 1_048_576;

if (process.argv[2] === 'sink') {
  sink();
} else {
  process.on('message', ([port, head, restLength, frames]: [number, string, number, number]) => {
    blast(port, Buffer.from(head, 'hex'), restLength, frames);
  });
}
process.on('disconnect', () => process.exit());

function blast(port: number, start: Buffer, restLength: number, frames: number): void {
  const frameLength = start.length + restLength;
  const perBatch = Math.max(1, Math.floor(WRITE_LENGTH / frameLength));
  const batch = Buffer.alloc(perBatch * frameLength, 120);
  for (let i = 0; i < perBatch; i++) {
    batch.set(start, i * frameLength);
  }
  let left = frames * frameLength;
  let at = 0;
  const socket = connect(port, '127.0.0.1');
  const fill = (): void => {
    while (left > 0) {
      const length = Math.min(left, WRITE_LENGTH, batch.length - at);
      const piece = batch.subarray(at, at + length);
      left -= length;
      at = (at + length) % batch.length;
      if (!socket.write(piece)) {
        socket.once('drain', fill);
        return;
      }
    }
    socket.end();
  };
  socket.on('connect', fill);
  socket.resume();
}

function sink(): void {
  const server = createServer((socket) => {
    let bytes = 0;
    socket.on('data', (chunk) => {
      bytes += chunk.length;
    });
    socket.on('end', () => process.send?.(bytes));
  });
  server.listen(0, '127.0.0.1', () => {
    const address = server.address();
    process.send?.(typeof address === 'object' ? address?.port : 0);
  });
}
