// Starts each program of an example as a process, and leaves none behind: not when the story fails, not on
// Ctrl-C, and not when this process ends in the middle.

import { spawn } from 'node:child_process';
import type { ChildProcess, SpawnOptions } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { nodeWords } from './node-words.ts';

const endWithParent = fileURLToPath(new URL('end-with-parent.ts', import.meta.url));

const running = new Set<ChildProcess>();
process.once('exit', killProcesses);

/** Kills all processes at once: the last resort. */
function killProcesses(): void {
  for (const child of running) {
    child.kill('SIGKILL');
  }
}

/** Starts any command. endProcesses ends it. */
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

/** Starts a TypeScript or JavaScript file from source, with the Node of this process. */
export function startScript(
  path: string,
  args: readonly string[],
  { stdio, ...options }: SpawnOptions & { readonly stdio: 'pipe' | 'inherit' },
): ChildProcess {
  return startProcess(process.execPath, [...nodeWords(path, endWithParent), ...args], {
    ...options,
    stdio: [stdio, stdio, stdio, 'ipc'],
    serialization: 'advanced',
  });
}

/** Time in ms that a program may take to end when it is asked to. */
const LAST_WORDS_MS = 5000;

/** Asks the program to end, and kills it if it does not. Resolves when it is gone. */
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

/** Far longer than a story takes, so that a story never hangs. */
const PATIENCE_MS = 120_000;

function leave(code: number): void {
  void endProcesses().finally(() => process.exit(code));
}

/** Runs a story with processes as a program. It leaves no process behind, however it ends. */
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
