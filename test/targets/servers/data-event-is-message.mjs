// BROKEN: one 'data' event is one JSON message.

import { serve } from './serve.mjs';

serve((socket) => {
  socket.on('data', (data) => {
    try {
      const { method, params } = JSON.parse(data);
      socket.write(JSON.stringify({ method, sum: params.reduce((a, b) => a + b, 0) }) + '\n');
    } catch (error) {
      socket.write(JSON.stringify({ error: error.name }) + '\n');
    }
  });
});
