// The commands that the servers run, as real processes. `node` is the Node that runs this file.

import { exec, spawn } from 'node:child_process';
import { once } from 'node:events';
import { delimiter, dirname } from 'node:path';
import type { Readable } from 'node:stream';

const env = {
  ...process.env,
  NODE_OPTIONS: '',
  PATH: `${dirname(process.execPath)}${delimiter}${process.env['PATH'] ?? ''}`,
};

/** Prints blocks of 1024 lines of 64 bytes, with the number of the block in every line. */
const BLOCKS = 3300;
const script = [
  'let i = 0',
  'const out = process.stdout',
  `const block = () => (String(i++).padStart(63, '.') + '\\n').repeat(1024)`,
  `const go = () => { while (i < ${BLOCKS}) if (!out.write(block())) return out.once('drain', go) }`,
  'go()',
].join(';');

/** Prints 216 MB, in Node alone, so that it runs wherever the demo does. */
export const longCommand: string = `node -e "${script}"`;

/** Runs a command to its end and returns all of its output at once, as the naive servers do. */
export function runCommand(command: string): Promise<Buffer> {
  return new Promise((resolve) => {
    exec(command, { env, encoding: 'buffer' }, (_error, stdout) => resolve(stdout));
  });
}

export interface RunningCommand {
  readonly output: Readable;
  /** The exit code; 1 when the process was killed. */
  readonly exit: Promise<number>;
  kill(): void;
}

export function startCommand(command: string): RunningCommand {
  const child = spawn(command, { shell: true, env, stdio: ['ignore', 'pipe', 'inherit'] });
  const exit = once(child, 'close').then(([code]) => (typeof code === 'number' ? code : 1));
  return { output: child.stdout, exit, kill: () => child.kill() };
}
