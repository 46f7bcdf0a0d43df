// A program that npm started ends when npm is asked to end. npm passes SIGTERM to its own child, which may be
// a shell: that ends, and what it started goes on. So the program watches all processes up to npm.
//
// A shell that waits for a program does not end on SIGINT, and nothing can be seen of the signal. So the script
// in package.json begins with `exec` where the signal matters: then the program is npm's own child and gets it.

import { readFileSync } from 'node:fs';

/** Time in ms between two looks: there is no event for it. */
const LOOK_MS = 500;
/** Maximum number of processes up to npm: a script may run npm, whose script may run npm. */
const MAX_GENERATIONS = 16;
/** npm sets it for its scripts, so npm itself is the first process above without it. */
const MARK = 'npm_lifecycle_event';

/** Asks this process to end, as by a signal, when its parent has gone. Without npm it does nothing. */
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

/** The processes above this one, up to npm. What is above npm may end, as the shell of a user who leaves. */
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

/** Whether the process was started with the environment of a script. */
function isOfScript(pid: number): boolean {
  return contentOf(`/proc/${pid}/environ`)?.split('\0').some(isMark) === true;
}

function isMark(variable: string): boolean {
  return variable.startsWith(`${MARK}=`);
}

function isOrphan(pid: number, parent: number | undefined): boolean {
  return parent !== undefined && parentOf(pid) !== parent;
}

/** The parent of a process, where the system has /proc. */
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
