// The Python programs beside these tests: how they are started, and run to their end.

import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Program } from './foreign-process.ts';
import { findProgram } from './software.ts';

export const python: string | undefined = findProgram('python3');

/** Far more than any of them takes; one that hangs fails by this. */
const runTime = 120_000;

/** The file of one of them. */
export function programFile(name: string): string {
  return fileURLToPath(new URL(`../programs/${name}.py`, import.meta.url));
}

const env = { PYTHONDONTWRITEBYTECODE: '1', PYTHONUTF8: '1' };

/** A server among them, for `foreignServer`. */
export function pythonServer(name: string, ...args: readonly string[]): Omit<Program, 'port'> {
  return { file: python ?? '', args: [programFile(name), ...args], env };
}

/** Runs one to its end and gives what it printed. Rejects, with its traceback, when it fails. */
export async function runPython(name: string, ...args: readonly string[]): Promise<string> {
  const options = { timeout: runTime, env: { ...process.env, ...env } };
  const { stdout } = await promisify(execFile)(python ?? '', [programFile(name), ...args], options);
  return stdout.trim();
}

/** The interpreter itself: what stands in PATH may be a script that takes a second to find it. */
export async function interpreter(): Promise<string> {
  const { stdout } = await promisify(execFile)(python ?? '', [
    '-c',
    'import sys; print(sys.executable)',
  ]);
  return stdout.trim();
}
