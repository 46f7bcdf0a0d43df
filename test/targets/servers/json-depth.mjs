// RIGHT: finds the end of each JSON document by its braces, strings left out.

import { serve } from './serve.mjs';

serve((socket) => {
  let text = '';
  let depth = 0;
  let inString = false;
  let isEscaped = false;
  socket.setEncoding('utf8');
  socket.on('data', (chunk) => {
    for (const character of chunk) {
      text += character;
      if (inString) {
        inString = isEscaped || character !== '"';
        isEscaped = !isEscaped && character === '\\';
        continue;
      }
      inString = character === '"';
      depth += character === '{' ? 1 : character === '}' ? -1 : 0;
      if (character === '}' && depth === 0) {
        const request = JSON.parse(text);
        text = '';
        socket.write(JSON.stringify({ id: request.id, keys: Object.keys(request).length }) + '\n');
      }
    }
  });
});
