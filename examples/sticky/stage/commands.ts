// Runs the commands of the servers as real processes. In a command, `node` is the Node that runs this file.

import { exec, spawn } from 'node:child_process';
import { once } from 'node:events';
import { delimiter, dirname } from 'node:path';
import type { Readable } from 'node:stream';

const env = {
  ...process.env,
  NODE_OPTIONS: '',
  PATH: `${dirname(process.execPath)}${delimiter}${process.env['PATH'] ?? ''}`,
};

/**
 * A command that prints this many blocks. A block is 1024 equal lines of 64 bytes with the block's number. The
 * command needs only Node, so it runs wherever the demo runs.
 */
export function printing(blocks: number): string {
  const script = [
    'let i = 0',
    'const out = process.stdout',
    `const block = () => (String(i++).padStart(63, '.') + '\\n').repeat(1024)`,
    `const go = () => { while (i < ${blocks}) if (!out.write(block())) return out.once('drain', go) }`,
    'go()',
  ];
  return `node -e "${script.join(';')}"`;
}

/** A command that prints 216 MB. */
export const longCommand: string = printing(3300);

/** Runs a command to its end and returns all of its output at once, as the naive servers do. */
export function runCommand(command: string): Promise<Buffer> {
  return new Promise((resolve) => {
    exec(command, { env, encoding: 'buffer' }, (_error, stdout) => resolve(stdout));
  });
}

export interface RunningCommand {
  readonly output: Readable;
  /** The exit code; 1 if the process was killed. */
  readonly exit: Promise<number>;
  kill(): void;
}

export function startCommand(command: string): RunningCommand {
  const child = spawn(command, { shell: true, env, stdio: ['ignore', 'pipe', 'inherit'] });
  const exit = once(child, 'close').then(([code]) => (typeof code === 'number' ? code : 1));
  return { output: child.stdout, exit, kill: () => child.kill() };
}
