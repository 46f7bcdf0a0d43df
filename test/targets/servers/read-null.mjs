// BROKEN: `socket.read(n)` gives null when fewer than n bytes are there, which nobody asks.

import { serve } from './serve.mjs';

serve((socket) => {
  socket.on('readable', () => {
    if (socket.readableLength === 0) {
      return;
    }
    try {
      const length = socket.read(2).readUInt16LE(0);
      const body = socket.read(length);
      socket.write(`${body.readUInt8(0)} ${body.toString('latin1').length}\n`);
    } catch {
      socket.destroy();
    }
    socket.read(0);
  });
});
