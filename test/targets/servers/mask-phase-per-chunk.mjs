// BROKEN: a WebSocket's payload is unmasked as it arrives, and each chunk starts with mask[0] again.

import { createHash } from 'node:crypto';
import { serve } from './serve.mjs';

serve((socket) => {
  let header = Buffer.alloc(0);
  let missing = 0;
  let parts = [];
  socket.on('data', (chunk) => {
    while (chunk.length > 0) {
      if (missing === 0) {
        const wanted = 6 - header.length;
        header = Buffer.concat([header, chunk.subarray(0, wanted)]);
        chunk = chunk.subarray(wanted);
        missing = header.length === 6 ? header[1] & 127 : 0;
        continue;
      }
      const part = Buffer.from(chunk.subarray(0, missing));
      const mask = header.subarray(2, 6);
      for (let i = 0; i < part.length; i++) {
        part[i] ^= mask[i % 4];
      }
      parts.push(part);
      missing -= part.length;
      chunk = chunk.subarray(part.length);
      if (missing === 0) {
        const digest = createHash('md5').update(Buffer.concat(parts)).digest();
        socket.write(Buffer.concat([Buffer.from([header[0], digest.length]), digest]));
        header = Buffer.alloc(0);
        parts = [];
      }
    }
  });
});
