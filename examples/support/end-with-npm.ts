// Ends a program that npm (or npx) started when npm is asked to end. What npm 10 and 11 do with a signal that
// only they get:
//
//   SIGINT, SIGTERM   npm passes it to its own child, which may be a shell, and waits for that child.
//   SIGHUP, SIGKILL   npm ends, and its child goes on.
//
// A shell ends on SIGTERM, but the program that it started goes on. So the program watches all processes
// between itself and npm, and ends when one of them has ended.
//
// A shell that waits for a program does not end on SIGINT, so watching does not help with that signal.
// Therefore the scripts in package.json begin with `exec`: the program takes the place of the shell, is npm's
// own child and gets the signal. (On Windows, exec.cmd does nothing but run the program.)

import { readFileSync } from 'node:fs';

/** Time in ms between two checks: there is no event for the end of an ancestor. */
const LOOK_MS = 500;
/** Maximum number of processes that are watched: a script may run npm, whose script may run npm. */
const MAX_GENERATIONS = 16;
/** npm and npx set this variable for its scripts. So npm itself is the nearest ancestor without the variable. */
const MARK = 'npm_lifecycle_event';

let isWatching = false;

/**
 * Sends this process SIGTERM when a process between it and npm has ended. Does nothing if npm did not start
 * it, or if it watches already. A program of a scene ends with its parent instead (end-with-parent.ts).
 */
export function endWithNpm(): void {
  if (isWatching || process.env[MARK] === undefined || process.connected) {
    return;
  }
  isWatching = true;
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
