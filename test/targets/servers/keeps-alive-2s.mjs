// RIGHT: a connection that is silent for 2 s is closed; pauses below that are no matter.

import { serve } from './serve.mjs';

serve((socket) => {
  let rest = '';
  socket.setTimeout(2000, () => socket.end());
  socket.on('data', (chunk) => {
    const lines = (rest + chunk.toString('latin1')).split('\n');
    rest = lines.pop();
    for (const line of lines) {
      socket.write(`${line.length}\n`);
    }
  });
});
