// A port for a server that must know its port before it starts, or starts again on the same one.

import { once } from 'node:events';
import { createServer } from 'node:net';

/** Kernels take the ports of clients from 32768 (Linux) or 49152 (others) upwards. */
const LOWEST = 10_000;
const COUNT = 20_000;

/**
 * A port of this machine on which nobody listens. No client gets it by chance, so it stays free until a server
 * takes it, and while that server is killed and started again.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = LOWEST + Math.floor(Math.random() * COUNT);
    const server = createServer();
    try {
      await once(server.listen(port, '127.0.0.1'), 'listening');
    } catch {
      continue;
    }
    const closed = once(server, 'close');
    server.close();
    await closed;
    return port;
  }
}
