// Starts the programs of a scene as processes, and makes sure that all of them end: also when the scene
// fails, on Ctrl-C, and when this process ends early.

import { spawn } from 'node:child_process';
import type { ChildProcess, SpawnOptions } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { nodeWords } from './node-words.ts';

const endWithParent = fileURLToPath(new URL('end-with-parent.ts', import.meta.url));

const running = new Set<ChildProcess>();
process.once('exit', killProcesses);

/** Kills all processes that are still running. This is the last resort, when this process exits. */
function killProcesses(): void {
  for (const child of running) {
    child.kill('SIGKILL');
  }
}

/** Starts any command. `endProcesses` ends it if it still runs. */
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

/** Starts a TypeScript or JavaScript file with the Node of this process. It ends when this process ends. */
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

/** Sends the program SIGTERM, and SIGKILL if it does not end in time. Resolves when it has ended. */
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

/** Time in ms that a scene may take. It is far longer than a scene takes, and keeps a scene from hanging. */
const PATIENCE_MS = 120_000;

function leave(code: number): void {
  void endProcesses().finally(() => process.exit(code));
}

/**
 * Runs the scene of a program, and ends all processes that it started, however it ends. Exits with 130 on
 * SIGINT, 143 on SIGTERM, and 1 if the scene takes longer than PATIENCE_MS.
 */
export async function conduct(scene: () => Promise<void>): Promise<void> {
  process.once('SIGINT', () => leave(130)).once('SIGTERM', () => leave(143));
  process.stdout.once('error', () => process.exit(1)); // The reader has gone: `npm run demo | head`.
  const timer = setTimeout(() => {
    console.error(`The scene has not ended after ${PATIENCE_MS / 1000} s.`);
    process.exit(1);
  }, PATIENCE_MS);
  try {
    await scene();
  } finally {
    clearTimeout(timer);
    await endProcesses();
  }
}
