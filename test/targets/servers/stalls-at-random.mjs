// RIGHT: the whole process stands still for 700 ms now and then, as in a collection of garbage.
import { serve } from './serve.mjs';

setInterval(() => {
  if (Math.random() < 0.3) {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 700);
  }
}, 1000);
serve((socket) => {
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1');
    const lines = text.split('\n');
    text = lines.pop();
    for (const line of lines) {
      socket.write(`${line.toUpperCase()}\n`);
    }
  });
});
