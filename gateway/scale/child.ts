// A process of a measurement, and the questions that it answers. Both sides of the channel.

import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** What a program answers: one function for each word. */
export type Answers<W extends string> = Readonly<Record<W, (argument: number) => unknown>>;

interface Question {
  readonly word: string;
  readonly argument: number;
}

type Reply = { readonly value: unknown } | { readonly error: string };

/** In the process: answers questions until the other side has gone. */
export function answerQuestions<W extends string>(answers: Answers<W>): void {
  process.on('message', ({ word, argument }: Question) => {
    void reply(word, argument);
  });
  process.once('disconnect', () => process.exit());

  async function reply(word: string, argument: number): Promise<void> {
    let given: Reply;
    try {
      // The cast: only `Child.ask` asks, with a word of the table.
      given = { value: await answers[word as W](argument) };
    } catch (error) {
      given = { error: String(error) };
    }
    // The side that asked may have gone.
    process.send?.(given, undefined, undefined, () => undefined);
  }
}

/** A process that answers questions, one at a time. */
export class Child {
  readonly #process: ChildProcess;

  /**
   * Starts a program of this folder, with its options as JSON. It keeps the code that it has compiled, so that
   * a collection frees only what connections have let go.
   */
  constructor(file: string, options: object) {
    this.#process = fork(fileURLToPath(new URL(file, import.meta.url)), [JSON.stringify(options)], {
      cwd: root,
      execArgv: ['--expose-gc', '--no-flush-bytecode', '--import', 'tsx'],
    });
  }

  /** Asks one question. The cast of the answer is that of the caller. Throws if the process cannot answer. */
  async ask<T>(word: string, argument = 0): Promise<T> {
    const gone = new AbortController();
    const ended = once(this.#process, 'exit', { signal: gone.signal }).then(() => {
      throw new Error(`A process of the measurement ended at "${word}".`);
    });
    this.#process.send({ word, argument } satisfies Question);
    try {
      // The cast: the other side sends replies only.
      const [reply] = (await Promise.race([once(this.#process, 'message'), ended])) as [Reply];
      if ('error' in reply) {
        throw new Error(reply.error);
      }
      return reply.value as T;
    } finally {
      gone.abort();
      ended.catch(() => undefined);
    }
  }

  async end(): Promise<void> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      const exited = once(this.#process, 'exit');
      this.#process.kill('SIGKILL');
      await exited;
    }
  }
}
