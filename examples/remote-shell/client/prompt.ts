// The prompt: one command a line, on one connection. With `&` at the end the command runs beside the next
// ones. Without a terminal on stdin the lines are a script.

import { createInterface } from 'node:readline/promises';
import { PassThrough } from 'node:stream';
import type { ShellClient } from './shell-client.ts';
import type { ClientOptions } from '../command-line.ts';
import type { SignalSource } from './interrupts.ts';
import type { Order } from '../both/protocol.ts';
import { runHere } from './run-here.ts';
import { printError, reasonOf } from '../../support/shown.ts';
import { Left, Trouble } from '../both/trouble.ts';
import { splitWords } from '../both/words.ts';

const HELP = `One command a line: a program and its arguments, quoted as in a shell; no shell runs them.
  !LINE      give LINE to the server's /bin/sh (needs serve --allow-shell)
  COMMAND &  do not wait for it
  jobs       what still runs
  exit       wait for those, and leave; Ctrl-C twice: leave
Commands have an empty stdin here: give them one with \`exec\`.`;

/** Runs lines until `exit` or the end of stdin. Resolves with the status of the last command. */
export async function runPrompt(client: ShellClient, options: ClientOptions): Promise<number> {
  return new Prompt(client, options).run();
}

class Prompt {
  readonly #client: ShellClient;
  readonly #options: ClientOptions;
  readonly #jobs = new Map<number, { line: string; over: Promise<unknown> }>();
  #count = 0;
  #status = 0;

  constructor(client: ShellClient, options: ClientOptions) {
    this.#client = client;
    this.#options = options;
  }

  async run(): Promise<number> {
    const { stdin, stderr } = process;
    const isTerminal = stdin.isTTY;
    const lines = createInterface({
      input: stdin,
      // Write the prompt to stderr: stdout is for the output of the commands.
      output: isTerminal ? stderr : new PassThrough().resume(),
      terminal: isTerminal,
      prompt: isTerminal ? 'unstick> ' : '',
    });
    let isLost = false;
    // At the end of stdin lines may still wait, but show no prompt any more.
    let isOpen = true;
    lines.once('close', () => (isOpen = false));
    void this.#client.closed.then(() => {
      isLost = true;
      lines.close();
    });
    const signals: SignalSource = isTerminal ? promptSignals(lines) : process;
    // Ctrl-C with no command running: an empty line, as in a shell.
    if (isTerminal) {
      lines.on('SIGINT', () => lines.prompt());
    }
    lines.prompt();
    for await (const line of lines) {
      if (line.trim() === 'exit') {
        break;
      }
      await this.#line(line.trim(), signals);
      if (isOpen) {
        lines.prompt();
      }
    }
    lines.close();
    await Promise.all([...this.#jobs.values()].map(({ over }) => over));
    if (isLost) {
      throw new Trouble('The connection ended.');
    }
    return this.#status;
  }

  async #line(line: string, signals: SignalSource): Promise<void> {
    if (line === '' || line.startsWith('#')) {
      return;
    }
    if (line === 'help') {
      HELP.split('\n').forEach(printError);
    } else if (line === 'jobs') {
      for (const [id, job] of this.#jobs) {
        printError(`[${id}] ${job.line}`);
      }
    } else if (line.endsWith('&')) {
      this.#beside(line, signals);
    } else {
      this.#status = await this.#command(line, signals);
    }
  }

  #beside(line: string, signals: SignalSource): void {
    const id = ++this.#count;
    const over = this.#command(line.slice(0, -1).trim(), signals).then((status) => {
      this.#jobs.delete(id);
      printError(`[${id}] done, status ${status}: ${line}`);
    });
    this.#jobs.set(id, { line, over });
  }

  async #command(line: string, signals: SignalSource): Promise<number> {
    const { stdout, stderr } = process;
    try {
      const order = toOrder(line, this.#options);
      return await runHere(this.#client, order, { stdin: undefined, stdout, stderr, signals });
    } catch (error) {
      if (error instanceof Left) {
        throw error;
      }
      printError(reasonOf(error));
      return error instanceof Trouble ? error.status : 1;
    }
  }
}

function toOrder(line: string, { cwd, env }: ClientOptions): Omit<Order, 'id'> {
  const common = { env, ...(cwd === undefined ? {} : { cwd }) };
  if (line.startsWith('!')) {
    return { ...common, argv: [line.slice(1)], shell: true };
  }
  const { words, open } = splitWords(line);
  if (open) {
    throw new Trouble('A quote is not closed.');
  }
  return { ...common, argv: words };
}

/** At a prompt the terminal delivers Ctrl-C as a key. The other signals come to the process. */
function promptSignals(lines: SignalSource): SignalSource {
  return {
    on: (name, listener) => (name === 'SIGINT' ? lines : process).on(name, listener),
    off: (name, listener) => (name === 'SIGINT' ? lines : process).off(name, listener),
  };
}
