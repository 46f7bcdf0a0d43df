// A program that npm started ends when npm is asked to end. npm passes a signal to its own child, which may be
// a shell: that ends, and what it started goes on. So the program watches its parent and the one above.

import { readFileSync } from 'node:fs';

/** Time in ms between two looks: there is no event for it. */
const LOOK_MS = 500;

/** Asks this process to end, as by a signal, when its parent has gone. Without npm it does nothing. */
export function endWithNpm(env: NodeJS.ProcessEnv = process.env): void {
  if (env['npm_lifecycle_event'] === undefined) {
    return;
  }
  const [parent, above] = [process.ppid, parentOf(process.ppid)];
  const timer = setInterval(() => {
    if (process.ppid !== parent || parentOf(parent) !== above) {
      clearInterval(timer);
      process.kill(process.pid, 'SIGTERM');
    }
  }, LOOK_MS);
  timer.unref();
}

/** The parent of a process, where the system has /proc. */
function parentOf(pid: number): string | undefined {
  try {
    return /^PPid:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  } catch {
    return undefined;
  }
}
