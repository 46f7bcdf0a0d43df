// Talks with the user of the client: answers, notes, questions, progress. Answers go to standard output, all
// else to standard error, so that the output can be piped. (At a prompt, questions go to standard output,
// too.) Lines may hold text of the server and names of files, so every line goes through shown.ts.

import { createInterface } from 'node:readline/promises';
import type { Interface } from 'node:readline/promises';
import { printError, printLine, shownLine } from '../../support/shown.ts';
import { Refusal } from '../both/refusal.ts';
import { Progress } from './progress.ts';

export class Talk {
  readonly progress: Progress = new Progress(process.stderr);
  /** The prompt, if there is one. Questions and lines must not break it. */
  terminal: Interface | undefined;
  #asking: Promise<unknown> = Promise.resolve();

  /** Prints one line of an answer. */
  say(line: string): void {
    this.#aboveThePrompt(() => printLine(line));
  }

  /** Prints one line that is no answer: a note, or an error. */
  note(line: string): void {
    this.#aboveThePrompt(() => printError(line));
  }

  /** Whether there is a terminal, so that a user can be asked. */
  get canAsk(): boolean {
    return process.stdin.isTTY && process.stderr.isTTY;
  }

  /** Asks one question at a time. `fallback` is the result of an empty answer. */
  ask(question: string, fallback: boolean, signal?: AbortSignal): Promise<boolean> {
    const answer = this.#asking.then(() => this.#ask(question, fallback, signal));
    this.#asking = answer.catch(() => undefined);
    return answer;
  }

  #aboveThePrompt(print: () => void): void {
    const isAtPrompt = this.terminal !== undefined && process.stdout.isTTY;
    if (isAtPrompt) {
      process.stdout.write('\r\u001b[K');
    }
    print();
    if (isAtPrompt) {
      this.terminal?.prompt(true);
    }
  }

  async #ask(question: string, fallback: boolean, signal?: AbortSignal): Promise<boolean> {
    const terminal =
      this.terminal ?? createInterface({ input: process.stdin, output: process.stderr });
    try {
      const words = fallback ? '[Y/n]' : '[y/N]';
      const options = signal === undefined ? {} : { signal };
      const typed = await terminal.question(`${shownLine(question)} ${words} `, options);
      const answer = typed.trim().toLowerCase();
      return answer === '' ? fallback : answer.startsWith('y');
    } catch (error) {
      throw signal?.aborted === true ? new Refusal('E_CANCELLED', 'Cancelled.') : error;
    } finally {
      if (terminal !== this.terminal) {
        terminal.close();
      }
    }
  }
}
