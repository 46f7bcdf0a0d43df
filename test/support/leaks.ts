// What tests leave behind in this process: timers made by source files of a given path, and TCP sockets.

import { createHook } from 'node:async_hooks';
import { onTestFinished } from 'vitest';

/** Timers that source files of this path create from now on and that still exist, with their stack traces. */
export function liveTimers(path: RegExp): Map<number, string> {
  const live = new Map<number, string>();
  const hook = createHook({
    init(id, type) {
      // Only for timers, because a stack trace is slow to make and promises are created all the time.
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

/**
 * The TCP sockets of this process. Earlier tests may have left some, so compare with the number at the start.
 */
export function openSockets(): number {
  return process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap').length;
}
