// A command as a child process. It leads its own process group and has three pipes. No shell starts it.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, statSync } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import { ProcessGroup } from './process-group.ts';
import { notStarted, plainLaunch, toPath } from './program.ts';
import type { Launch } from './program.ts';
import { refuse } from '../both/protocol.ts';
import type { WindowSize } from '../both/protocol.ts';

/** How a process ended: with a code, or by a signal. */
export interface Exit {
  readonly code: number | null;
  readonly signal: string | null;
}

/** A command that runs. On a terminal it has no stderr, because a terminal has one output. */
export interface Child {
  readonly group: ProcessGroup;
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable | undefined;
  readonly exited: Promise<Exit>;
  resize(window: WindowSize): void;
}

/** Starts the command. Rejects with a RemoteError that says why the command could not be started. */
export async function startChild(launch: Launch): Promise<Child> {
  checkFolder(launch.cwd);
  const { argv, cwd, env } = plainLaunch(launch);
  const [program = '', ...args] = argv;
  try {
    const child = spawn(program, args, { cwd, env, detached: true, stdio: 'pipe' });
    const exited = new Promise<Exit>((resolve) => {
      child.once('exit', (code, signal) => resolve({ code, signal }));
    });
    await once(child, 'spawn');
    const { pid, stdin, stdout, stderr } = child;
    if (pid === undefined) {
      throw new Error('no process id');
    }
    // It is no error if a command does not read its input to the end.
    stdin.on('error', () => undefined);
    return {
      group: new ProcessGroup(pid),
      stdin,
      stdout,
      stderr,
      exited,
      resize: () => undefined,
    };
  } catch (error) {
    throw notStarted(
      program,
      error instanceof Error && 'code' in error ? String(error.code) : String(error),
    );
  }
}

/** Refuses a folder that cannot be entered. Node would report a missing folder as a missing program. */
export function checkFolder(cwd: string): void {
  try {
    const path = toPath(cwd);
    accessSync(path, constants.X_OK);
    if (statSync(path).isDirectory()) {
      return;
    }
  } catch {
    // Refused below.
  }
  throw refuse('E_NOT_STARTED', `${cwd}: there is no such folder, or it may not be entered.`);
}
