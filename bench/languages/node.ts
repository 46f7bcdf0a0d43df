// node.ts WAY PORT: the loop written by hand on 'data'. WAY: place (each frame is looked at in its chunk), value (a
// Buffer for each frame), raw (bytes are counted, frames are not looked for) or echo.

import { createServer } from 'node:net';
import type { Socket } from 'node:net';
import { loop, subarrayLoop } from '../loops.ts';

const [way, port] = process.argv.slice(2);

function dataListener(socket: Socket, seen: { frames: number; bytes: number }) {
  if (way === 'raw') {
    return (chunk: Buffer): void => {
      seen.bytes += chunk.length;
    };
  }
  if (way === 'place') {
    return loop((_chunk, start, end) => {
      seen.frames++;
      seen.bytes += end - start;
    });
  }
  return subarrayLoop((frame) => {
    seen.frames++;
    seen.bytes += frame.length;
    if (way === 'echo') {
      const back = Buffer.allocUnsafe(4 + frame.length);
      back.writeUInt32BE(frame.length);
      frame.copy(back, 4);
      socket.write(back);
    }
  });
}

createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
  const seen = { frames: 0, bytes: 0 };
  socket.on('data', dataListener(socket, seen));
  socket.on('end', () => {
    socket.end();
    console.log(`${seen.frames} ${seen.bytes}`);
  });
}).listen(Number(port), '127.0.0.1', () => console.log('READY'));
