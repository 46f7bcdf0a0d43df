// A prompt that incoming lines do not break. They appear above it, and the typed text and the cursor stay
// where they were, also when the text has grown over several rows.
//
// When the input is no terminal (a pipe, a file), lines simply go in and out.

import { clearScreenDown, createInterface, cursorTo, moveCursor } from 'node:readline';
import type { Interface } from 'node:readline';

export interface PromptStreams {
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
  readonly isTerminal: boolean;
}

/**
 * Number of rows that readline goes up before it writes its line again. Node does not document this property.
 * Its value is out of date when several characters come at once, from a clipboard or a Chinese input method.
 * Then readline would write its line twice, so we correct the number after each key.
 */
interface CountsRows {
  prevRows?: number;
}

export class Prompt {
  readonly #readline: Interface & CountsRows;
  readonly #output: NodeJS.WritableStream;
  readonly #isTerminal: boolean;
  /** The typed lines, until the input ends. */
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
    // Make the iterator now, because lines that come before there is an iterator are lost.
    const lines = this.#readline[Symbol.asyncIterator]();
    this.lines = { [Symbol.asyncIterator]: () => lines };
    this.#readline.once('close', () => {
      this.#isClosed = true;
      if (isTerminal) {
        this.#wipe();
      } // Later output, also the shell's prompt, then begins on an empty line.
    });
  }

  get isTerminal(): boolean {
    return this.#isTerminal;
  }

  /** Sets the text in front of the typed line, and shows both. */
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

  /** Removes the prompt and the typed text from the screen. */
  #wipe(): void {
    moveCursor(this.#output, 0, -this.#readline.getCursorPos().rows);
    cursorTo(this.#output, 0);
    clearScreenDown(this.#output);
  }
}
