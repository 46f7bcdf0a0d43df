// A port for a server that must know its port before it starts, or starts again on the same one.

import { once } from 'node:events';
import { createServer } from 'node:net';

/** Kernels take the ports of clients from 32768 (Linux) or 49152 (others) upwards. */
const LOWEST = 10_000;
/** Number of ports of a worker of the tests. The ports of another worker are others. */
const COUNT = 1000;
const WORKERS = 20;

const worker = Number(process.env['VITEST_POOL_ID'] ?? 0) % WORKERS;
let last = Math.floor(Math.random() * COUNT);

/**
 * A port of this machine on which nobody listens. No client gets it by chance, and no other test, so it stays free
 * until a server takes it, and while that server is killed and started again.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    last = (last + 1) % COUNT;
    const port = LOWEST + COUNT * worker + last;
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
