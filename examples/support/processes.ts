// Starts the programs of an example, each a process of its own, and leaves none behind: not when the
// story fails, not on Ctrl-C, not when this process ends in the middle.

import { spawn } from 'node:child_process';
import type { ChildProcess, SpawnOptions } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

/** What is loaded first: what runs TypeScript from source, and what ends a program with its parent. */
const preloads = [
  pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href,
  new URL('end-with-parent.ts', import.meta.url).href,
].flatMap((url) => ['--import', url]);

const running = new Set<ChildProcess>();
process.once('exit', killProcesses);

/** At once, and with no word: the last resort. */
function killProcesses(): void {
  for (const child of running) {
    child.kill('SIGKILL');
  }
}

/** Any command, to be ended by endProcesses. */
export function startProcess(
  command: string,
  args: readonly string[],
  options: SpawnOptions,
): ChildProcess {
  const child = spawn(command, args, options);
  running.add(child);
  const forget = (): void => void running.delete(child);
  child.once('exit', forget).once('error', forget);
  return child;
}

/** A TypeScript or JavaScript file, run by the same Node as this process, from source. */
export function startScript(
  path: string,
  args: readonly string[],
  { stdio, ...options }: SpawnOptions & { readonly stdio: 'pipe' | 'inherit' },
): ChildProcess {
  return startProcess(process.execPath, [...preloads, path, ...args], {
    ...options,
    stdio: [stdio, stdio, stdio, 'ipc'],
    serialization: 'advanced',
  });
}

/** How long a program may take to end when it is asked to. */
const LAST_WORDS_MS = 5000;

/** Asks the program to end, and makes it if it does not. Resolves when it is gone. */
export async function endProcess(child: ChildProcess): Promise<void> {
  if (!running.has(child)) {
    return;
  }
  const gone = once(child, 'exit');
  const timer = setTimeout(() => child.kill('SIGKILL'), LAST_WORDS_MS);
  child.kill('SIGTERM');
  await gone;
  clearTimeout(timer);
}

export async function endProcesses(): Promise<void> {
  await Promise.all(Array.from(running, endProcess));
}

/** Far more than a story takes: only so that it never hangs. */
const PATIENCE_MS = 120_000;

function leave(code: number): void {
  void endProcesses().finally(() => process.exit(code));
}

/** Tells a story with processes, as a program: however it ends, by Ctrl-C, too, none of them is left. */
export async function conduct(story: () => Promise<void>): Promise<void> {
  process.once('SIGINT', () => leave(130)).once('SIGTERM', () => leave(143));
  process.stdout.once('error', () => process.exit(1)); // The reader has gone: `npm run demo | head`.
  const timer = setTimeout(() => {
    console.error(`Not done after ${PATIENCE_MS / 1000} s`);
    process.exit(1);
  }, PATIENCE_MS);
  try {
    await story();
  } finally {
    clearTimeout(timer);
    await endProcesses();
  }
}
