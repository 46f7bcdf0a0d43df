// Ends a program that npm started when npm is asked to end. npm passes SIGTERM to its own child, which may be
// a shell. The shell ends, but the program that it started goes on. So the program watches all processes
// between itself and npm, and ends when one of them has ended.
//
// A shell that waits for a program does not end on SIGINT, so watching does not help with that signal. If
// SIGINT matters, the script in package.json begins with `exec`. Then the program is npm's own child and gets
// the signal.

import { readFileSync } from 'node:fs';

/** Time in ms between two checks: there is no event for the end of an ancestor. */
const LOOK_MS = 500;
/** Maximum number of processes that are watched: a script may run npm, whose script may run npm. */
const MAX_GENERATIONS = 16;
/** npm sets this variable for its scripts. So npm itself is the nearest ancestor without the variable. */
const MARK = 'npm_lifecycle_event';

/**
 * Sends this process SIGTERM when a process between it and npm has ended. Does nothing if npm did not start
 * it.
 */
export function endWithNpm(env: NodeJS.ProcessEnv = process.env): void {
  if (env[MARK] === undefined) {
    return;
  }
  const above = untilNpm();
  const timer = setInterval(() => {
    if (process.ppid !== above[0] || above.some((pid, at) => isOrphan(pid, above[at + 1]))) {
      clearInterval(timer);
      process.kill(process.pid, 'SIGTERM');
    }
  }, LOOK_MS);
  timer.unref();
}

/**
 * The ancestors of this process up to npm. Ancestors of npm may end, such as the shell of a user who leaves.
 */
function untilNpm(): number[] {
  const pids = [process.ppid];
  for (let pid = process.ppid; pids.length < MAX_GENERATIONS && isOfScript(pid);) {
    const parent = parentOf(pid);
    if (parent === undefined) {
      break;
    }
    pids.push(parent);
    pid = parent;
  }
  return pids;
}

/** Whether npm started the process as a script, or a process in a script did. */
function isOfScript(pid: number): boolean {
  return contentOf(`/proc/${pid}/environ`)?.split('\0').some(isMark) === true;
}

function isMark(variable: string): boolean {
  return variable.startsWith(`${MARK}=`);
}

function isOrphan(pid: number, parent: number | undefined): boolean {
  return parent !== undefined && parentOf(pid) !== parent;
}

/** The parent of a process; `undefined` if the system has no /proc. */
function parentOf(pid: number): number | undefined {
  const found = /^PPid:\s*(\d+)/m.exec(contentOf(`/proc/${pid}/status`) ?? '')?.[1];
  return found === undefined ? undefined : Number(found);
}

function contentOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
