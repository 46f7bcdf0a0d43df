// Runs each command to its end and returns all of its output at once, as the course does. So time and output
// are limited. Neither a command nor a process that it started outlives the server.

import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** Limits of a command. Its whole output is in memory, because a header with its length is sent first. */
const MAX_OUTPUT_LENGTH = 8 * 1024 * 1024;
const MAX_TIME_MS = 60_000;
const NOTE = '\n(stopped: too long, or too much output)\n';

export class Commands {
  readonly #running = new Set<ChildProcess>();
  #isOver = false;

  constructor() {
    process.once('exit', () => this.stop());
  }

  /** Runs a command. Returns its standard output, then its standard error, then a note if it was stopped. */
  async run(command: string): Promise<Buffer> {
    if (command === '' || this.#isOver) {
      return Buffer.alloc(0);
    } // spawn throws for an empty command; a shell would do nothing.
    // Give the shell a process group, so that all processes it starts end with it. Its input is empty.
    const child = spawn(command, {
      shell: true,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    if (child.pid === undefined) {
      const [error]: unknown[] = await once(child, 'error');
      return Buffer.from(`The command was not started: ${String(error)}\n`);
    }
    this.#running.add(child);
    const output: Buffer[] = [];
    const errors: Buffer[] = [];
    let length = 0;
    let note = '';
    const stop = (): void => {
      note = NOTE;
      end(child);
    };
    for (const [source, chunks] of [
      [child.stdout, output],
      [child.stderr, errors],
    ] as const) {
      source.on('data', (chunk: Buffer) => {
        if ((length += chunk.length) > MAX_OUTPUT_LENGTH) {
          stop();
        }
        if (length - chunk.length <= MAX_OUTPUT_LENGTH) {
          chunks.push(chunk);
        }
      });
    }
    const timer = setTimeout(stop, MAX_TIME_MS);
    await once(child, 'close').finally(() => {
      clearTimeout(timer);
      this.#running.delete(child);
    });
    return Buffer.concat([...output, ...errors, Buffer.from(note)]);
  }

  /** Ends all running commands, and runs no more. */
  stop(): void {
    this.#isOver = true;
    for (const child of this.#running) {
      end(child);
    }
  }
}

/** Ends a command with its whole group: processes that outlive their shell would keep the output open. */
function end(child: ChildProcess): void {
  try {
    if (process.platform === 'win32' || child.pid === undefined) {
      child.kill();
    } else {
      process.kill(-child.pid, 'SIGKILL');
    }
  } catch {
    // All processes of the group have ended already.
  }
  child.stdout?.destroy();
  child.stderr?.destroy();
}
