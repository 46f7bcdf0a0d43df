// RIGHT: reads with `for await`, which takes no further bytes while a request waits for the database.

import { setTimeout as sleep } from 'node:timers/promises';
import { serve } from './serve.mjs';

serve(
  async (socket) => {
    let buffer = '';
    socket.setEncoding('latin1');
    try {
      for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
        buffer += chunk;
        for (let end; (end = buffer.indexOf('\n')) >= 0;) {
          const line = buffer.slice(0, end);
          buffer = buffer.slice(end + 1);
          await sleep(30);
          socket.write(`row for ${line}\n`);
        }
      }
      socket.end();
    } catch {
      socket.destroy();
    }
  },
  { allowHalfOpen: true },
);
