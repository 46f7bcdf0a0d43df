// Before a reset, gives the bytes that were sent before a failure time to go out. A reset discards the bytes
// that the kernel still holds for the remote, so it would lose the answers to the good requests in front of a
// bad request.

import type { Duplex } from 'node:stream';
import { afterInput } from './deadline.ts';

/**
 * Maximum time in ms to wait for the kernel to take the bytes. It ends the wait for a remote that reads
 * nothing.
 */
const FLUSH_MS = 1000;
/**
 * Time in ms between the last bytes and the reset. A Node client that gets both at once reports an orderly
 * end.
 */
const READ_MS = 20;

/**
 * Waits until the kernel has taken what was sent, for at most FLUSH_MS, and then READ_MS more. Resolves
 * earlier if nothing was sent, or when the duplex closes or has sent its FIN.
 */
export async function lastWords(duplex: Duplex): Promise<void> {
  // Wait one turn, because small values that were sent in this tick are written at its end.
  await new Promise((resolve) => {
    setImmediate(resolve);
  });
  if (duplex.destroyed || hasSentNothing(duplex)) {
    return;
  }
  await orClosed(duplex, FLUSH_MS, (done) => {
    if (duplex.writableEnded) {
      duplex.once('finish', done);
    } else {
      duplex.write('', done);
    }
  });
  await orClosed(duplex, READ_MS, () => undefined);
}

function hasSentNothing(duplex: Duplex): boolean {
  return 'bytesWritten' in duplex && duplex.bytesWritten === 0;
}

/**
 * Resolves when `wait` calls back, when the duplex closes, or after `ms`. Resolves at once if the duplex is
 * destroyed or has finished writing.
 */
function orClosed(duplex: Duplex, ms: number, wait: (done: () => void) => void): Promise<void> {
  if (duplex.destroyed || duplex.writableFinished) {
    return Promise.resolve();
  }
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      duplex.off('close', done);
      resolve();
    };
    // When the timer fires, read the input once more: in a busy process the remote's end may have come in
    // time and still be unread.
    const timer = setTimeout(() => afterInput(done), ms);
    duplex.once('close', done);
    wait(done);
  });
}
