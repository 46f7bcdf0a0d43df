// Runs the servers of test/targets: the command, a free port, and whether Python is there.

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Whether `python3` can be run. Tests that need it are skipped where it is missing. */
export const havePython: boolean = spawnSync('python3', ['--version']).status === 0;

/** The shell command that runs a target on a port. */
export function targetCommand(name: string, port: number): string {
  const file = fileURLToPath(new URL(`../targets/${name}.py`, import.meta.url));
  return `exec python3 '${file}' ${port}`;
}

/** Whether a process runs. On Linux, a zombie (dead, but not yet waited for by its parent) does not count. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
