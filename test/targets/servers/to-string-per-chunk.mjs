// BROKEN: `text += chunk` decodes each chunk by itself; a character that is cut becomes U+FFFD twice.

import { serve } from './serve.mjs';

serve((socket) => {
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk;
    const lines = text.split('\n');
    text = lines.pop();
    for (const line of lines) {
      socket.write(`${[...line].reverse().join('')}\n`);
    }
  });
});
