// BROKEN: a chunk that begins with { is taken for a new document, and what waited is dropped. A document may
// hold others, so a cut in front of an inner brace loses its beginning.

import { serve } from './serve.mjs';

serve((socket) => {
  let text = '';
  socket.on('data', (chunk) => {
    const part = chunk.toString('latin1');
    text = part.startsWith('{') ? part : text + part;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n')) {
      const line = text.slice(0, end);
      text = text.slice(end + 1);
      try {
        socket.write(`${Object.keys(JSON.parse(line)).join()}\n`);
      } catch {
        socket.write('no JSON\n');
      }
    }
  });
});
