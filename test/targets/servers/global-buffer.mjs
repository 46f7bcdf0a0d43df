// BROKEN: one buffer for the whole module, where there should be one for each connection.

import { serve } from './serve.mjs';

let buffer = '';

serve((socket) => {
  socket.on('data', (chunk) => {
    buffer += chunk.toString('latin1');
    for (let end; (end = buffer.indexOf('\n')) >= 0;) {
      const line = buffer.slice(0, end);
      buffer = buffer.slice(end + 1);
      socket.write(`${line.length} ${line.toUpperCase()}\n`);
    }
  });
});
