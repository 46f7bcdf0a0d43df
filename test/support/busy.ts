// Keeps a process busy until an answer is in its kernel, however late the other side writes the answer.

import { existsSync, readFileSync } from 'node:fs';

/** Maximum time in ms, far more than a loaded machine needs. */
const LIMIT_MS = 60_000;
const STEP_MS = 5;
const TABLE = '/proc/net/tcp';

/**
 * Blocks the event loop, as a long computation would, for at least `ms`, and until `condition` returns true.
 */
export function beBusy(ms: number, condition: () => boolean): void {
  const started = performance.now();
  const step = new Int32Array(new SharedArrayBuffer(4));
  for (let passed = 0; passed < ms || !condition(); passed = performance.now() - started) {
    if (passed > LIMIT_MS) {
      throw new Error('the other side did not answer');
    }
    Atomics.wait(step, 0, 0, STEP_MS);
  }
}

/** Whether the kernel has unread bytes from this port of this machine. True if the system does not tell. */
export function hasArrivedFrom(port: number): boolean {
  if (!existsSync(TABLE)) {
    return true;
  }
  const remote = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return readFileSync(TABLE, 'latin1')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .some(([, , to = '', , queues = '']) => to.endsWith(remote) && !queues.endsWith(':00000000'));
}
