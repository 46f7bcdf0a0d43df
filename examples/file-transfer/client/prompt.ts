// The prompt: one command a line, and `&` at its end to go on at once. It reads a terminal, or a script from
// standard input. After a script the exit code is the first that is not 0.

import { createInterface } from 'node:readline/promises';
import { Command, CommanderError } from 'commander';
import { addCommands, addPlaces } from './commands.ts';
import type { Job } from './commands.ts';
import { complaintsOf } from './trouble.ts';
import type { Session } from './transfer.ts';

const HELP = `Commands: pwd, cd, ls, stat, mkdir, rm, quota, discard, get, put, jobs, wait, help, bye.
A line that ends with & runs while you go on. "get --help" says more.`;

/** The exit code of shells after Ctrl-C. */
const INTERRUPTED = 130;

interface Background {
  readonly line: string;
  readonly done: Promise<void>;
}

export class Prompt {
  readonly #session: Session;
  readonly #jobs = new Set<Background>();
  #hasFailed = false;
  #isInterrupted = false;

  constructor(session: Session) {
    this.#session = session;
  }

  /** Reads lines until `bye`, the end of the input, or the end of the connection. */
  async run(): Promise<void> {
    const { talk, peer } = this.#session;
    const isTerminal = process.stdin.isTTY;
    const terminal = createInterface({
      input: process.stdin,
      output: process.stdout,
      terminal: isTerminal,
    });
    talk.terminal = isTerminal ? terminal : undefined;
    if (isTerminal) {
      this.#help();
    }
    terminal.setPrompt('> ');
    // When the input is closed, lines may still wait, but show no prompt any more.
    terminal.once('close', () => (talk.terminal = undefined));
    void peer.closed.then(() => terminal.close());
    terminal.on('SIGINT', () => {
      // This may break a transfer, whose part is kept.
      this.#isInterrupted = true;
      peer.destroy();
    });
    talk.terminal?.prompt();
    for await (const line of terminal) {
      if (line.trim() === 'bye') {
        break;
      }
      await this.#obey(line.trim());
      talk.terminal?.prompt();
    }
    terminal.close();
    await this.#wait();
    if (this.#hasFailed) {
      process.exitCode = 1;
    }
    if (this.#isInterrupted) {
      process.exitCode = INTERRUPTED;
    } else if (peer.failure !== undefined) {
      throw peer.failure;
    }
  }

  async #obey(line: string): Promise<void> {
    const [, command = '', ampersand] = /^(.*?)\s*(&?)$/.exec(line) ?? [];
    if (command === '') {
      return;
    }
    if (command === 'wait') {
      return await this.#wait();
    }
    if (command === 'jobs') {
      return this.#list();
    }
    if (command === 'help') {
      return this.#help();
    }
    const done = this.#execute(command, ampersand !== '');
    if (ampersand === '') {
      return await done;
    }
    const job = { line: command, done };
    this.#jobs.add(job);
    void done.then(() => this.#jobs.delete(job));
  }

  async #wait(): Promise<void> {
    await Promise.all(Array.from(this.#jobs, ({ done }) => done));
  }

  #help(): void {
    for (const line of HELP.split('\n')) {
      this.#session.talk.say(line);
    }
  }

  #list(): void {
    const { talk } = this.#session;
    for (const { line } of this.#jobs) {
      talk.say(`running: ${line}`);
    }
    if (this.#jobs.size === 0) {
      talk.say('nothing is running');
    }
  }

  /** Never rejects: it prints an error, and the next line comes. */
  async #execute(command: string, isBehind: boolean): Promise<void> {
    const { talk } = this.#session;
    try {
      await this.#program({ ...this.#session, isBehind }).parseAsync(wordsOf(command), {
        from: 'user',
      });
    } catch (error) {
      if (error instanceof CommanderError && error.exitCode === 0) {
        return;
      } // commander printed the help.
      this.#hasFailed = true;
      if (error instanceof CommanderError) {
        return;
      } // commander has printed the error.
      for (const complaint of complaintsOf(error)) {
        talk.note(complaint);
      }
    }
  }

  #program(session: Session): Command {
    const program = new Command('').exitOverride().helpCommand(false).usage('COMMAND');
    const run = (job: Job): Promise<void> => job(session);
    // Set this before adding the commands, which inherit it.
    addCommands(program, run);
    addPlaces(program, run);
    return program;
  }
}

/** The words of a line; quotes keep spaces together. */
export function wordsOf(line: string): string[] {
  const words = line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g);
  return Array.from(words, ([, double, single, plain]) => double ?? single ?? plain ?? '');
}
