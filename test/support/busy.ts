// A process that does nothing else until an answer lies in its kernel, however late the machine lets the
// other side write it.

import { existsSync, readFileSync } from 'node:fs';

/** Far more than a loaded machine needs. */
const LIMIT_MS = 60_000;
const STEP_MS = 5;
const TABLE = '/proc/net/tcp';

/** Keeps this process from its events, as a long computation would: for `ms`, and until `condition` holds. */
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

/** Whether bytes from this port of this machine lie unread in the kernel. True where it does not say. */
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
