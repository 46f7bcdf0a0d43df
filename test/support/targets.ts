// Runs the servers of test/targets: the command, a free port, and whether Python is there.

import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import net from 'node:net';
import { fileURLToPath } from 'node:url';

/** Whether `python3` can be run. Tests that need it are skipped where it is missing. */
export const havePython: boolean = spawnSync('python3', ['--version']).status === 0;

/** The shell command that runs a target on a port. */
export function targetCommand(name: string, port: number): string {
  const file = fileURLToPath(new URL(`../targets/${name}.py`, import.meta.url));
  return `exec python3 '${file}' ${port}`;
}

/**
 * A port that is free now, for a server that cannot choose a port itself. It is below the range from which
 * kernels take ports for clients, so that no client takes it by chance.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 10_000 + Math.floor(Math.random() * 20_000);
    const server = net.createServer();
    server.listen(port, '127.0.0.1');
    const isFree = await Promise.race([
      once(server, 'listening').then(() => true),
      once(server, 'error').then(() => false),
    ]).catch(() => false);
    if (!isFree) {
      continue;
    }
    server.close();
    await once(server, 'close');
    return port;
  }
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
