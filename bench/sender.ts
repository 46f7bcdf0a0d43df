// A process that sends frames of one size from memory, as fast as the socket takes them, then ends.
// Arguments: port, payload length, number of frames. With 'sink' alone: it receives and counts instead.

import { createServer, connect } from 'node:net';

const [role = '', payload = '64', count = '1'] = process.argv.slice(2);

if (role === 'sink') sink();
else blast(Number(role), Number(payload), Number(count));

function blast(port: number, payloadLength: number, frames: number): void {
  const frameLength = payloadLength + 4;
  const perBatch = Math.max(1, Math.floor(1_048_576 / frameLength));
  const batch = Buffer.alloc(perBatch * frameLength, 120);
  for (let i = 0; i < perBatch; i++) batch.writeUInt32BE(payloadLength, i * frameLength);
  let left = frames;
  const socket = connect(port);
  const fill = (): void => {
    while (left > 0) {
      const taken = Math.min(left, perBatch);
      left -= taken;
      if (!socket.write(batch.subarray(0, taken * frameLength))) {
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
  process.on('disconnect', () => process.exit());
}
