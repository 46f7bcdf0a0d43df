// BROKEN: decodes hex chunk by chunk; Buffer.from(…, 'hex') drops the odd digit at the end and says nothing.

import { serve } from './serve.mjs';

serve((socket) => {
  let bytes = [];
  socket.on('data', (chunk) => {
    for (const part of chunk.toString('latin1').split(/(?<=\n)/)) {
      bytes.push(...Buffer.from(part.trimEnd(), 'hex'));
      if (part.endsWith('\n')) {
        socket.write(`$${bytes.reduce((sum, byte) => sum + byte, 0).toString(16)}\n`);
        bytes = [];
      }
    }
  });
});
