// BROKEN: "filters retransmissions": a chunk that equals the one before it is dropped, as if TCP did not.

import { serve } from './serve.mjs';

serve((socket) => {
  let last = '';
  let text = '';
  socket.setEncoding('latin1');
  socket.on('data', (chunk) => {
    if (chunk === last) {
      return;
    }
    last = chunk;
    text += chunk;
    for (let end; (end = text.indexOf('\n')) >= 0; text = text.slice(end + 1)) {
      socket.write(`${end} ${text.slice(0, end)}\n`);
    }
  });
});
