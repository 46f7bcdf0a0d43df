// BROKEN: tries JSON.parse() on all that has come until it succeeds; with two documents it never does again.

import { serve } from './serve.mjs';

serve((socket) => {
  let text = '';
  socket.setEncoding('utf8');
  socket.on('data', (chunk) => {
    text += chunk;
    let request;
    try {
      request = JSON.parse(text);
    } catch {
      return; // not complete yet
    }
    text = '';
    socket.write(JSON.stringify({ id: request.id, keys: Object.keys(request).length }) + '\n');
  });
});
