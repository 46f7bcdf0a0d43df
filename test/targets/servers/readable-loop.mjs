// RIGHT: `socket.read(n)` in a loop that waits for 'readable' again when it gives null.

import { serve } from './serve.mjs';

serve((socket) => {
  let length;
  socket.on('readable', () => {
    for (;;) {
      if (length === undefined) {
        const prefix = socket.read(2);
        if (prefix === null || prefix.length < 2) {
          return;
        }
        length = prefix.readUInt16LE(0);
      }
      const body = length === 0 ? Buffer.alloc(0) : socket.read(length);
      if (body === null) {
        return;
      }
      // At the end of the stream read(n) gives what is left, even if it is less.
      if (body.length === length) {
        socket.write(`${body.length > 0 ? body.readUInt8(0) : '-'} ${body.length}\n`);
      }
      length = undefined;
    }
  });
});
