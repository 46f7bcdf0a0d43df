// Runs the built command line as a process of its own. It is what users install, and starts in a quarter of
// the time that the sources take. Run `npm run build` first (`npm test` does).

import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** The path of the built command line. */
export const commandLine: string = fileURLToPath(
  new URL('../../dist/cli/main.js', import.meta.url),
);

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface Options {
  readonly cwd: string;
  readonly input?: Uint8Array | string;
  /** Variables of the environment that replace those of the tests. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** Starts `unstick` with these words in a folder. */
export function startCommand(
  words: readonly string[],
  options: Options,
): { readonly child: ChildProcess; readonly ended: Promise<Ran> } {
  const child = spawn(process.execPath, [commandLine, ...words], {
    cwd: options.cwd,
    stdio: 'pipe',
    env: { ...process.env, ...options.env },
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  child.stdin.on('error', () => undefined).end(options.input);
  const ended = once(child, 'close').then(() => ({ code: child.exitCode, stdout, stderr }));
  return { child, ended };
}

/** Runs `unstick` with these words in a folder, and waits for its end. */
export function runCommand(words: readonly string[], options: Options): Promise<Ran> {
  return startCommand(words, options).ended;
}
