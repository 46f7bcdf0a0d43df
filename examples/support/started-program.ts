// One started program of an example. Collects its output, waits for lines of the output, and types its input.

import type { ChildProcess } from 'node:child_process';
import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { asError } from '../../src/errors.ts';
import { endProcess } from './processes.ts';

/** How a program ended, and its whole output. */
export interface Ending {
  /** The exit code; null when a signal ended the program. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Time in ms that the last output may take to arrive after the program has ended. */
const LAST_OUTPUT_MS = 2000;

type Source = 'stdout' | 'stderr';

/** The text of one output: whole lines, and the beginning of the next. */
class Printed {
  readonly lines: string[] = [];
  text = '';
  /** Index of the first line that no caller has waited for. */
  next = 0;
  #unfinished = '';

  constructor(output: Readable | null, heard: (line: string | undefined) => void) {
    const decoder = new StringDecoder('utf8'); // A chunk may end inside a character.
    const take = (text: string): void => {
      this.text += text;
      const [...whole] = (this.#unfinished + text).split('\n');
      this.#unfinished = whole.pop() ?? '';
      this.lines.push(...whole);
      for (const line of whole) {
        heard(line);
      }
    };
    output?.on('data', (chunk: Buffer) => take(decoder.write(chunk)));
    output?.once('end', () => {
      take(decoder.end());
      if (this.#unfinished !== '') {
        take('\n');
      }
      heard(undefined);
    });
  }
}

export class StartedProgram {
  readonly name: string;
  readonly child: ChildProcess;
  /** Resolves when the program has ended and all of its output has come. */
  readonly ended: Promise<Ending>;
  readonly #printed: Readonly<Record<Source, Printed>>;
  readonly #waiting = new Set<() => void>();
  #isOver = false;

  /** `hear` gets every line of both outputs. */
  constructor(name: string, child: ChildProcess, hear: (line: string) => void) {
    this.name = name;
    this.child = child;
    const heard = (line: string | undefined): void => {
      if (line !== undefined) {
        hear(line);
      }
      this.#wake();
    };
    const stdout = new Printed(child.stdout, heard);
    const stderr = new Printed(child.stderr, heard);
    this.#printed = { stdout, stderr };
    child.stdin?.on('error', () => undefined); // Ignore a program that ended before it had read all input.
    this.ended = new Promise((resolve, reject) => {
      child.once('error', (error) => reject(asError(error)));
      child.once('close', (code, signal) => {
        this.#isOver = true;
        this.#wake();
        resolve({ code, signal, stdout: stdout.text, stderr: stderr.text });
      });
    });
    this.ended.catch(() => undefined); // Only callers that await `ended` get the rejection.
  }

  /** The output so far. */
  get stdout(): string {
    return this.#printed.stdout.text;
  }

  get stderr(): string {
    return this.#printed.stderr.text;
  }

  /**
   * Waits for the next whole line that matches, by default on `stdout`. The next call searches from the line
   * after it. Throws if the program ends or `patience` ms pass without such a line.
   */
  async line(
    pattern: RegExp | string,
    { from = 'stdout', patience = 60_000 }: { from?: Source; patience?: number } = {},
  ): Promise<RegExpExecArray> {
    const wanted = typeof pattern === 'string' ? new RegExp(escaped(pattern)) : pattern;
    const printed = this.#printed[from];
    const deadline = performance.now() + patience;
    for (;;) {
      while (printed.next < printed.lines.length) {
        const found = wanted.exec(printed.lines[printed.next++] ?? '');
        if (found !== null) {
          return found;
        }
      }
      const left = deadline - performance.now();
      if (this.#isOver || left <= 0) {
        throw new Error(this.#missing(String(pattern)));
      }
      await this.#news(left);
    }
  }

  /** Writes to the standard input of the program. A line needs its `\n`. */
  type(text: string | Uint8Array): void {
    this.child.stdin?.write(text);
  }

  /** Ends the standard input of the program, as Ctrl-D does. */
  endInput(): void {
    this.child.stdin?.end();
  }

  /** Ends the program with SIGTERM, and with SIGKILL if it does not end. Resolves when it has ended. */
  async end(): Promise<Ending> {
    await endProcess(this.child);
    // A process that the program left behind may still hold its outputs open.
    const timer = setTimeout(() => {
      this.child.stdout?.destroy();
      this.child.stderr?.destroy();
    }, LAST_OUTPUT_MS);
    return this.ended.finally(() => clearTimeout(timer));
  }

  #wake(): void {
    for (const wake of this.#waiting) {
      wake();
    }
  }

  #news(patience: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, patience);
      this.#waiting.add(wake);
    });
  }

  #missing(pattern: string): string {
    const state = this.#isOver ? 'ended' : 'still runs';
    return `${this.name} ${state} and has not printed ${pattern}. It printed:\n${this.stdout}${this.stderr}`;
  }
}

function escaped(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);
}
