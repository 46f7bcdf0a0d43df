// RIGHT: collects a line of hex before it decodes it.

import { serve } from './serve.mjs';

serve((socket) => {
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1');
    for (let end; (end = text.indexOf('\n')) >= 0; text = text.slice(end + 1)) {
      const bytes = Buffer.from(text.slice(0, end), 'hex');
      socket.write(`$${bytes.reduce((sum, byte) => sum + byte, 0).toString(16)}\n`);
    }
  });
});
