// The prompt: one command a line. With `&` at its end, a command runs in the background. The lines come from
// a terminal, or from a script on standard input. The exit code of the client is 0 if all commands succeeded,
// 1 if any failed, and 130 after Ctrl-C while the prompt waited for background commands.

import { stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import type { Interface } from 'node:readline/promises';
import { Command, CommanderError } from 'commander';
import { isLeaving } from '../../support/leaving.ts';
import { splitWords } from '../../support/words.ts';
import { Refusal } from '../both/refusal.ts';
import { addCommands, addPlaces } from './commands.ts';
import type { Job } from './commands.ts';
import { complaintsOf } from './trouble.ts';
import type { Session } from './transfer.ts';

const HELP = `Commands: pwd, cd, ls, stat, mkdir, rm, mv, quota, discard, get, put, lcd, lpwd, jobs, wait, help.
exit, quit, bye and Ctrl-D leave. Ctrl-C cancels the command that you wait for, and no other.
A line that ends with & runs in the background. "help get" describes get.`;

/** The exit code of shells after Ctrl-C. */
const INTERRUPTED = 130;

interface Background {
  readonly line: string;
  readonly done: Promise<void>;
}

export class Prompt {
  readonly #session: Session;
  readonly #jobs = new Set<Background>();
  /** Cancels the command that the prompt waits for. */
  #cancel: AbortController | undefined;
  #isWaiting = false;
  #directory: string;
  #hasFailed = false;
  #isInterrupted = false;

  constructor(session: Session) {
    this.#session = session;
    this.#directory = session.directory;
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
    // When the input is closed, its last lines are still carried out, but no prompt is shown any more.
    terminal.once('close', () => (talk.terminal = undefined));
    void peer.closed.then(() => terminal.close());
    terminal.on('SIGINT', () => this.#interrupt(terminal));
    talk.terminal?.prompt();
    for await (const line of terminal) {
      if (isLeaving(line)) {
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
    const isBehind = line.endsWith('&') && splitWords(line).isPlainEnd;
    const command = (isBehind ? line.slice(0, -1) : line).trim();
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
    // `help get` is `get --help`.
    const done = this.#execute(command.replace(/^help\s+(\S+)$/, '$1 --help'), isBehind);
    if (!isBehind) {
      return await done;
    }
    const job = { line: command, done };
    this.#jobs.add(job);
    void done.then(() => this.#jobs.delete(job));
  }

  /**
   * Ctrl-C cancels the command that the prompt waits for; background commands go on. While the prompt waits
   * for these, Ctrl-C ends the connection. Otherwise it drops the typed line.
   */
  #interrupt(terminal: Interface): void {
    if (this.#cancel !== undefined) {
      this.#cancel.abort();
      return;
    }
    if (this.#isWaiting) {
      // The user no longer wants to wait for the background commands. Their parts are kept.
      this.#isInterrupted = true;
      this.#session.peer.destroy();
      return;
    }
    process.stdout.write('^C\n');
    terminal.write(null, { ctrl: true, name: 'e' });
    terminal.write(null, { ctrl: true, name: 'u' });
    terminal.prompt();
  }

  async #wait(): Promise<void> {
    this.#isWaiting = true;
    try {
      await this.#jobsDone();
    } finally {
      this.#isWaiting = false;
    }
  }

  async #jobsDone(): Promise<void> {
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

  /** Runs a command. Never rejects: it prints an error, and the prompt takes the next line. */
  async #execute(command: string, isBehind: boolean): Promise<void> {
    const { talk } = this.#session;
    const cancel = new AbortController();
    this.#cancel = isBehind ? this.#cancel : cancel;
    const { signal } = cancel;
    const session = { ...this.#session, directory: this.#directory, isBehind, signal };
    try {
      await this.#program(session).parseAsync(wordsOf(command), { from: 'user' });
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
    } finally {
      this.#cancel = isBehind ? this.#cancel : undefined;
    }
  }

  #program(session: Session): Command {
    const program = new Command('')
      .exitOverride()
      .helpCommand(false)
      .usage('COMMAND')
      .configureHelp({ commandUsage: (command) => `${command.name()} ${command.usage()}` });
    const run = (job: Job): Promise<void> => job(session);
    // The settings above come first: commands that are added later inherit them.
    addCommands(program, run);
    addPlaces(program, run);
    program
      .command('lcd [folder]')
      .description('goes to a local folder; without one, to the home folder')
      .action((folder?: string) => this.#goTo(folder ?? homedir()));
    return program;
  }

  async #goTo(folder: string): Promise<void> {
    const path = resolve(this.#directory, folder);
    const there = await stat(path).catch(() => undefined);
    if (there?.isDirectory() !== true) {
      throw new Refusal('E_NOT_DIRECTORY', `There is no folder ${path} here.`);
    }
    this.#directory = path;
    this.#session.talk.say(path);
  }
}

/** The words of a line, quoted as in a shell. */
function wordsOf(line: string): readonly string[] {
  const { words, open } = splitWords(line);
  if (open) {
    throw new Refusal('E_NAME', 'A quote is not closed, or the line ends in a backslash.');
  }
  return words;
}
