// Starts the programs of a scene as processes, and makes sure that all of them end: also when the scene
// fails, on Ctrl-C, and when this process ends early or is killed.

import { spawn } from 'node:child_process';
import type { ChildProcess, SpawnOptions } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { nodeWords } from './node-words.ts';

const endWithParent = fileURLToPath(new URL('end-with-parent.ts', import.meta.url));
const keeperPath = fileURLToPath(new URL('keeper.mjs', import.meta.url));

const running = new Set<ChildProcess>();
process.once('exit', killProcesses);

/** Kills all processes that are still running. This is the last resort, when this process exits. */
function killProcesses(): void {
  for (const child of running) {
    child.kill('SIGKILL');
  }
}

/** Kills foreign programs if this process is killed. Started before the first of them. */
let keeper: ChildProcess | undefined;

function startKeeper(): ChildProcess {
  const child = spawn(process.execPath, [keeperPath], {
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  child.on('error', () => undefined); // Without a keeper, programs still end when this process exits.
  child.unref();
  child.channel?.unref();
  return child;
}

/** Tells the keeper the id of a program that has started, or the negative id of one that has ended. */
function tellKeeper(id: number): void {
  keeper ??= startKeeper();
  if (keeper.connected) {
    keeper.send(id, () => undefined);
  }
}

/** Time in ms within which this process and its keeper get one Ctrl-C. */
const SAME_SIGNAL_MS = 1000;

/**
 * Handles SIGINT from now on. Ctrl-C on a terminal goes to all processes, which do what they have to do; here
 * it is ignored. A SIGINT that only this process gets, as from `kill`, calls `onLone`.
 */
export function ignoreCtrlC(onLone: () => void): void {
  let seenByKeeper = -Infinity;
  keeper ??= startKeeper();
  keeper.on('message', () => {
    seenByKeeper = performance.now();
  });
  process.removeAllListeners('SIGINT').on('SIGINT', () => {
    const at = performance.now();
    setTimeout(() => {
      if (seenByKeeper < at - SAME_SIGNAL_MS) {
        onLone();
      }
    }, SAME_SIGNAL_MS);
  });
}

function startChild(command: string, args: readonly string[], options: SpawnOptions): ChildProcess {
  const child = spawn(command, args, options);
  running.add(child);
  const forget = (): void => void running.delete(child);
  child.once('exit', forget).once('error', forget);
  return child;
}

/** Starts any command. It ends when this process ends, and `endProcesses` ends it. */
export function startProcess(
  command: string,
  args: readonly string[],
  options: SpawnOptions,
): ChildProcess {
  const child = startChild(command, args, options);
  const { pid } = child;
  if (pid !== undefined) {
    tellKeeper(pid);
    child.once('exit', () => tellKeeper(-pid));
  }
  return child;
}

/** Starts a TypeScript or JavaScript file with the Node of this process. It ends when this process ends. */
export function startScript(
  path: string,
  args: readonly string[],
  { stdio, ...options }: SpawnOptions & { readonly stdio: 'pipe' | 'inherit' },
): ChildProcess {
  return startChild(process.execPath, [...nodeWords(path, endWithParent), ...args], {
    ...options,
    stdio: [stdio, stdio, stdio, 'ipc'],
    serialization: 'advanced',
  });
}

/** Time in ms that a program may take to end when it is asked to. */
const LAST_WORDS_MS = 10_000;

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
