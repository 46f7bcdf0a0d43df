// BROKEN: reads lines until UPGRADE, then frames with a length of one byte. What stands behind UPGRADE in the same
// chunk stays in the buffer of the lines, which nobody reads any more.
import { serve } from './serve.mjs';

serve((socket) => {
  let text = '';
  let bytes = Buffer.alloc(0);
  const onFrames = (chunk) => {
    bytes = Buffer.concat([bytes, chunk]);
    while (bytes.length > 0 && bytes.length > bytes[0]) {
      socket.write(
        Buffer.from(
          bytes
            .subarray(0, bytes[0] + 1)
            .toString('latin1')
            .toUpperCase(),
        ),
      );
      bytes = bytes.subarray(bytes[0] + 1);
    }
  };
  const onLines = (chunk) => {
    text += chunk.toString('latin1');
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n')) {
      const line = text.slice(0, at);
      text = text.slice(at + 1);
      if (line === 'UPGRADE') {
        socket.write('go\n');
        socket.off('data', onLines).on('data', onFrames);
        return;
      }
      socket.write(`${line.length}\n`);
    }
  };
  socket.on('data', onLines);
});
