// A line to type into that lines coming in do not break: they appear above it, and what has been typed
// so far stays, with the cursor where it was, also when it has grown over several rows.
//
// When input is no terminal (a pipe, a file) there is nothing to keep: lines in, lines out.

import { clearScreenDown, createInterface, cursorTo, moveCursor } from 'node:readline';
import type { Interface } from 'node:readline';

export interface PromptStreams {
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
  readonly isTerminal: boolean;
}

export class Prompt {
  readonly #readline: Interface;
  readonly #output: NodeJS.WritableStream;
  readonly #isTerminal: boolean;
  /** What is typed, line by line, until the input ends. */
  readonly lines: AsyncIterable<string>;
  #isClosed = false;

  constructor({ input, output, isTerminal }: PromptStreams) {
    this.#output = output;
    this.#isTerminal = isTerminal;
    this.#readline = createInterface({ input, output, terminal: isTerminal });
    // The iterator is made at once: lines that came before there is one would be lost.
    const lines = this.#readline[Symbol.asyncIterator]();
    this.lines = { [Symbol.asyncIterator]: () => lines };
    this.#readline.once('close', () => {
      this.#isClosed = true;
    });
  }

  get isTerminal(): boolean {
    return this.#isTerminal;
  }

  /** What stands in front of what is typed; shows it, and what has been typed. */
  ask(text: string): void {
    if (!this.#isTerminal || this.#isClosed) return;
    this.#readline.setPrompt(text);
    this.#readline.prompt(true);
  }

  print(text: string): void {
    if (!this.#isTerminal || this.#isClosed) {
      this.#output.write(`${text}\n`);
      return;
    }
    const output = this.#output;
    const { rows } = this.#readline.getCursorPos();
    moveCursor(output, 0, -rows);
    cursorTo(output, 0);
    clearScreenDown(output);
    // Readline goes up as many rows as it was below its first one, and writes everything again there.
    output.write(`${text}\n${'\n'.repeat(rows)}`);
    this.#readline.prompt(true);
  }

  close(): void {
    this.#readline.close();
  }
}
