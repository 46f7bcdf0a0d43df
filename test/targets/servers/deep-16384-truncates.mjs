// BROKEN: copies each chunk into a buffer of 16 KiB. A chunk that does not fit is cut off without a word, and
// a chunk of Node has up to 64 KiB when many requests wait.
import { serve } from './serve.mjs';

serve((socket) => {
  const buffer = Buffer.alloc(16_384);
  let used = 0;
  socket.on('data', (chunk) => {
    used += chunk.copy(buffer, used);
    let at = 0;
    for (; at < used; at += 2) {
      if (used - at < 2) {
        break;
      }
      socket.write(Buffer.from([buffer[at + 1], buffer[at]]));
    }
    buffer.copy(buffer, 0, at, used);
    used -= at;
  });
});
