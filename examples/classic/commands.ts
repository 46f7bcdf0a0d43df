// Runs commands as the course does: to their end, with all of the output at once. So time and output are
// limited. No command outlives the server, and no process that a command started does.

import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** The header comes first and has the length, so the output is held and must end. In bytes, and in ms. */
const MAX_OUTPUT_LENGTH = 8 * 1024 * 1024;
const MAX_TIME_MS = 60_000;
const NOTE = '\n(stopped: too long, or too much output)\n';

export class Commands {
  readonly #running = new Set<ChildProcess>();
  #isOver = false;

  constructor() {
    process.once('exit', () => this.stop());
  }

  /** The output of a command, then its errors, and why the output was cut. */
  async run(command: string): Promise<Buffer> {
    if (command === '' || this.#isOver) {
      return Buffer.alloc(0);
    } // spawn refuses none; a shell does nothing.
    // Give it a process group, so that everything that the shell starts ends with it. Its input is empty.
    const child = spawn(command, {
      shell: true,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
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

/** Also ends processes that a shell left behind when it ended: they still hold the output. */
function end(child: ChildProcess): void {
  try {
    if (process.platform === 'win32' || child.pid === undefined) {
      child.kill();
    } else {
      process.kill(-child.pid, 'SIGKILL');
    }
  } catch {
    // All of the group are gone.
  }
  child.stdout?.destroy();
  child.stderr?.destroy();
}
