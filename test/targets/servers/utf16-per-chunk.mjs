// BROKEN: decodes each chunk as UTF-16. The half of a character at the end of a chunk is dropped, and from there
// on every character is made of two halves that do not belong together.
import { serve } from './serve.mjs';

serve((socket) => {
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk.toString('utf16le');
    const lines = text.split('\n');
    text = lines.pop();
    for (const line of lines) {
      socket.write(`${[...line].reverse().join('')}\n`, 'utf16le');
    }
  });
});
