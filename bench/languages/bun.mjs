// bun bun.mjs WAY PORT: Bun.listen with the loop written by hand. WAY: place (each frame is looked at in its chunk) or
// value (a Buffer for each frame).

import { loop, subarrayLoop } from '../loops.ts';

const [way, port] = process.argv.slice(2);

Bun.listen({
  hostname: '127.0.0.1',
  port: Number(port),
  allowHalfOpen: true,
  socket: {
    open(socket) {
      const seen = { frames: 0, bytes: 0 };
      const push =
        way === 'place'
          ? loop((_chunk, start, end) => {
              seen.frames++;
              seen.bytes += end - start;
            })
          : subarrayLoop((frame) => {
              seen.frames++;
              seen.bytes += frame.length;
            });
      socket.data = { seen, push };
    },
    data(socket, chunk) {
      socket.data.push(chunk);
    },
    end(socket) {
      socket.end();
      console.log(`${socket.data.seen.frames} ${socket.data.seen.bytes}`);
    },
  },
});
console.log('READY');
