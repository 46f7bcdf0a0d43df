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

/**
 * How many rows readline goes up before it writes its line again. It is not in the documentation, and
 * lags behind when several characters come at once, from a clipboard or an input method for Chinese:
 * then readline itself would write its line twice. So it is put right here, after each key.
 */
interface CountsRows {
  prevRows?: number;
}

export class Prompt {
  readonly #readline: Interface & CountsRows;
  readonly #output: NodeJS.WritableStream;
  readonly #isTerminal: boolean;
  /** What is typed, line by line, until the input ends. */
  readonly lines: AsyncIterable<string>;
  #isClosed = false;

  constructor({ input, output, isTerminal }: PromptStreams) {
    this.#output = output;
    this.#isTerminal = isTerminal;
    this.#readline = createInterface({ input, output, terminal: isTerminal, prompt: '' });
    if (isTerminal) {
      input.on('keypress', () => {
        this.#readline.prevRows = this.#readline.getCursorPos().rows;
      });
    }
    // The iterator is made at once: lines that came before there is one would be lost.
    const lines = this.#readline[Symbol.asyncIterator]();
    this.lines = { [Symbol.asyncIterator]: () => lines };
    this.#readline.once('close', () => {
      this.#isClosed = true;
      if (isTerminal) {
        this.#wipe();
      } // Whatever comes next, of the shell even, begins a line of its own.
    });
  }

  get isTerminal(): boolean {
    return this.#isTerminal;
  }

  /** What stands in front of what is typed; shows it, and what has been typed. */
  ask(text: string): void {
    if (!this.#isTerminal || this.#isClosed) {
      return;
    }
    this.#readline.setPrompt(text);
    this.#readline.prompt(true);
  }

  print(text: string): void {
    if (!this.#isTerminal || this.#isClosed) {
      this.#output.write(`${text}\n`);
      return;
    }
    this.#wipe();
    this.#output.write(`${text}\n`);
    this.#readline.prevRows = 0;
    this.#readline.prompt(true);
  }

  close(): void {
    this.#readline.close();
  }

  /** Takes away the prompt and what is typed behind it. */
  #wipe(): void {
    moveCursor(this.#output, 0, -this.#readline.getCursorPos().rows);
    cursorTo(this.#output, 0);
    clearScreenDown(this.#output);
  }
}
