// RIGHT: says at once that a job was taken, and 700 ms later that it is done, in the order of the jobs.

import { serve } from './serve.mjs';

serve((socket) => {
  let rest = '';
  socket.on('data', (chunk) => {
    const lines = (rest + chunk.toString('latin1')).split('\n');
    rest = lines.pop();
    for (const line of lines) {
      socket.write(`taken ${line}\n`);
      setTimeout(() => socket.write(`done ${line}\n`), 700);
    }
  });
});
