// RIGHT: copies each chunk into a buffer that begins with 16 KiB and grows.
import { serve } from './serve.mjs';

serve((socket) => {
  let buffer = Buffer.alloc(16_384);
  let used = 0;
  socket.on('data', (chunk) => {
    if (used + chunk.length > buffer.length) {
      buffer = Buffer.concat([buffer], 2 * (used + chunk.length));
    }
    used += chunk.copy(buffer, used);
    const end = used - (used % 2);
    const answer = Buffer.from(buffer.subarray(0, end)).swap16();
    buffer.copy(buffer, 0, end, used);
    used -= end;
    socket.write(answer);
  });
});
