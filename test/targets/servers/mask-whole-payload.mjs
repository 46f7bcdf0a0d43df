// RIGHT: unmasks a WebSocket's payload when it is complete.

import { createHash } from 'node:crypto';
import { serve } from './serve.mjs';

serve((socket) => {
  let buffer = Buffer.alloc(0);
  socket.on('data', (chunk) => {
    buffer = Buffer.concat([buffer, chunk]);
    while (buffer.length >= 6) {
      const length = buffer[1] & 127;
      if (buffer.length < 6 + length) {
        return;
      }
      const payload = buffer.subarray(6, 6 + length).map((byte, i) => byte ^ buffer[2 + (i % 4)]);
      const digest = createHash('md5').update(payload).digest();
      socket.write(Buffer.concat([Buffer.from([buffer[0], digest.length]), digest]));
      buffer = buffer.subarray(6 + length);
    }
  });
});
