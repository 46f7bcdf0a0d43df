// BROKEN: splits each chunk at newlines and handles the last, unfinished part like the others.

import { serve } from './serve.mjs';

serve((socket) => {
  const stack = [];
  socket.on('data', (chunk) => {
    for (const line of chunk.toString().split('\n').filter(Boolean)) {
      const [verb, value] = line.split(' ');
      if (verb === 'push' && value !== undefined) {
        stack.push(value);
      }
      socket.write(verb === 'push' ? `${stack.length}\n` : `? ${verb}\n`);
    }
  });
});
