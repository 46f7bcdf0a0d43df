// BROKEN: while one request waits for the database, newer bytes are added to a buffer that is then overwritten.

import { setTimeout as sleep } from 'node:timers/promises';
import { serve } from './serve.mjs';

serve((socket) => {
  let buffer = '';
  socket.setEncoding('latin1');
  socket.on('data', async (chunk) => {
    buffer += chunk;
    let rest = buffer;
    for (let end; (end = rest.indexOf('\n')) >= 0;) {
      const line = rest.slice(0, end);
      rest = rest.slice(end + 1);
      await sleep(30);
      socket.write(`row for ${line}\n`);
    }
    buffer = rest;
  });
});
