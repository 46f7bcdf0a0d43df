// What is left behind in this process: timers that a room of the source made, and sockets.

import { createHook } from 'node:async_hooks';
import { onTestFinished } from 'vitest';

/** The timers that source files of this path have made and not let go, with where they were made. */
export function liveTimers(path: RegExp): Map<number, string> {
  const live = new Map<number, string>();
  const hook = createHook({
    init(id, type) {
      // Only then: a stack costs much, and promises are made all the time.
      const { stack = '' } = type === 'Timeout' ? new Error(type) : {};
      if (path.test(stack)) {
        live.set(id, stack);
      }
    },
    destroy: (id) => void live.delete(id),
  }).enable();
  onTestFinished(() => {
    hook.disable();
  });
  return live;
}

/** TCP sockets of this process, also those of tests before: compare with the number at the start. */
export function openSockets(): number {
  return process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap').length;
}
