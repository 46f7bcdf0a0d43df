// BROKEN: 50 ms of silence are the end of a message: the serial-port idiom, over TCP.

import { serve } from './serve.mjs';

serve((socket) => {
  let buffer = Buffer.alloc(0);
  let timer;
  const flush = () => {
    while (buffer.length > 0) {
      const length = buffer[0];
      const body = buffer.subarray(1, 1 + length);
      socket.write(body.length === length ? `ack ${body.toString('hex')}\n` : 'nak\n');
      buffer = buffer.subarray(1 + length);
    }
  };
  socket.on('data', (chunk) => {
    buffer = Buffer.concat([buffer, chunk]);
    clearTimeout(timer);
    timer = setTimeout(flush, 50);
  });
  socket.on('close', () => clearTimeout(timer));
});
