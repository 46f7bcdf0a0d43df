// RIGHT: lines of text until UPGRADE, then frames of a length and bytes on the same connection, also where they
// come in one read.

import { serve } from './serve.mjs';

serve((socket) => {
  let rest = Buffer.alloc(0);
  let isBinary = false;
  const takeLine = () => {
    const end = rest.indexOf(10);
    if (end < 0) {
      return false;
    }
    const line = rest.subarray(0, end).toString('latin1');
    rest = rest.subarray(end + 1);
    isBinary = line === 'UPGRADE';
    socket.write(isBinary ? 'switching\n' : `line ${line}\n`);
    return true;
  };
  const takeFrame = () => {
    if (rest.length < 1 || rest.length < 1 + rest[0]) {
      return false;
    }
    const frame = Buffer.from(rest.subarray(0, 1 + rest[0]));
    rest = rest.subarray(frame.length);
    frame.subarray(1).reverse();
    socket.write(frame);
    return true;
  };
  socket.on('data', (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    while (isBinary ? takeFrame() : takeLine());
  });
});
