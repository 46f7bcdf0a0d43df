// RIGHT: answers together what was complete within 50 ms, and keeps what was not.

import { serve } from './serve.mjs';

serve(
  (socket) => {
    let buffer = Buffer.alloc(0);
    let timer;
    const flush = () => {
      let out = '';
      while (buffer.length > 0 && buffer.length > buffer[0]) {
        out += `ack ${buffer.subarray(1, 1 + buffer[0]).toString('hex')}\n`;
        buffer = buffer.subarray(1 + buffer[0]);
      }
      if (out !== '') {
        socket.write(out);
      }
      if (socket.readableEnded) {
        socket.end();
      }
    };
    socket.on('data', (chunk) => {
      buffer = Buffer.concat([buffer, chunk]);
      clearTimeout(timer);
      timer = setTimeout(flush, 50);
    });
    socket.on('end', flush);
    socket.on('close', () => clearTimeout(timer));
  },
  { allowHalfOpen: true },
);
