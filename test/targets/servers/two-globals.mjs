// BROKEN: one decoder for all connections. Two connections that are cut inside a character at the same time get each
// other's bytes; one alone is always answered rightly.
import { StringDecoder } from 'node:string_decoder';
import { serve } from './serve.mjs';

const decoder = new StringDecoder('utf8');
serve((socket) => {
  let text = '';
  socket.on('data', (chunk) => {
    text += decoder.write(chunk);
    const lines = text.split('\n');
    text = lines.pop();
    for (const line of lines) {
      socket.write(`${[...line].length} ${line}\n`);
    }
  });
});
