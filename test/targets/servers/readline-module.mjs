// RIGHT: node:readline over the socket.

import readline from 'node:readline';
import { serve } from './serve.mjs';

serve((socket) => {
  const stack = [];
  readline.createInterface({ input: socket }).on('line', (line) => {
    const [verb, value] = line.split(' ');
    if (verb === 'push' && value !== undefined) {
      stack.push(value);
    }
    socket.write(verb === 'push' ? `${stack.length}\n` : `? ${verb}\n`);
  });
});
