// RIGHT: setEncoding() keeps the bytes of a character that is not complete.

import { serve } from './serve.mjs';

serve((socket) => {
  let text = '';
  socket.setEncoding('utf8');
  socket.on('data', (chunk) => {
    text += chunk;
    const lines = text.split('\n');
    text = lines.pop();
    for (const line of lines) {
      socket.write(`${[...line].reverse().join('')}\n`);
    }
  });
});
