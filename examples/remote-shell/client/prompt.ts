// The prompt: one command a line, on one connection. With `&` at its end a command runs in the background,
// and the prompt takes the next line. Without a terminal on stdin the lines are a script.
//
// Rules:
// - Ctrl-C goes to the command that the prompt waits for. If the prompt waits for a line, Ctrl-C drops the
//   typed line. Commands in the background never get Ctrl-C.
// - A lost connection is reported once, at the end, however many commands were running.

import { createInterface } from 'node:readline/promises';
import type { Interface } from 'node:readline/promises';
import { PassThrough } from 'node:stream';
import type { Writable } from 'node:stream';
import { refusalOf } from './shell-client.ts';
import type { ShellClient } from './shell-client.ts';
import type { ClientOptions } from '../command-line.ts';
import type { SignalSource } from './interrupts.ts';
import { readLine } from './prompt-line.ts';
import type { Asked } from './prompt-line.ts';
import { Row } from './row.ts';
import { runHere } from './run-here.ts';
import { printError, reasonOf, shownLine } from '../../support/shown.ts';
import { Left, Lost, Trouble } from '../both/trouble.ts';

const HELP = `One command a line: a program and its arguments, quoted as in a shell; no shell runs them.
  !LINE      give LINE to the server's /bin/sh (needs serve --allow-shell)
  COMMAND &  run COMMAND in the background
  cd FOLDER  go to another folder; cd: to the first folder; cd -: to the previous one
  jobs       list the commands that run in the background
  exit       wait for these commands, and leave; so do quit, bye and Ctrl-D
Ctrl-C interrupts the command that you wait for, and a second Ctrl-C leaves.
Commands have an empty stdin here. To give a command an input, use \`exec\`.`;

/** Runs lines until `exit` or the end of stdin. Resolves with the status of the last command. */
export async function runPrompt(client: ShellClient, options: ClientOptions): Promise<number> {
  const prompt = new Prompt(client, options);
  await prompt.start();
  return prompt.run();
}

type Run = Extract<Asked, { kind: 'run' }>;
type State = 'reading' | 'waiting' | 'over';

class Prompt {
  readonly #client: ShellClient;
  readonly #options: ClientOptions;
  readonly #isTerminal: boolean = process.stdin.isTTY;
  readonly #lines: Interface;
  readonly #row: Row;
  readonly #jobs = new Map<number, { line: string; over: Promise<unknown> }>();
  /** `reading`: the prompt waits for a line. `waiting`: it waits for a command. `over`: stdin has ended. */
  #state: State = 'waiting';
  #isLost = false;
  #left: Left | undefined;
  #folder: string | undefined;
  #before: string | undefined;
  #count = 0;
  #status = 0;

  constructor(client: ShellClient, options: ClientOptions) {
    this.#client = client;
    this.#options = options;
    const { stdin, stderr, env } = process;
    this.#lines = createInterface({
      input: stdin,
      // Write the prompt to stderr: stdout is for the output of the commands.
      output: this.#isTerminal ? stderr : new PassThrough().resume(),
      terminal: this.#isTerminal,
    });
    this.#row = new Row({
      isColoured: (env['NO_COLOR'] ?? '') === '',
      redraw: () => this.#lines.prompt(true),
      isPrompting: () => this.#state === 'reading',
    });
    // After the end of stdin the last lines are still run, but no prompt is shown any more.
    this.#lines.once('close', () => (this.#state = 'over'));
    if (this.#isTerminal) {
      this.#lines.on('SIGINT', () => this.#dropLine());
    }
    void client.closed.then(() => {
      this.#isLost = true;
      this.#lines.close();
    });
  }

  /** Asks the server for the folder of commands, to show it. A server with an allow-list refuses to say. */
  async start(): Promise<void> {
    if (this.#isTerminal) {
      const { cwd } = this.#options;
      this.#folder = await this.#client.folder(cwd ?? '.').catch(() => cwd);
    } else {
      this.#folder = this.#options.cwd;
    }
  }

  async run(): Promise<number> {
    this.#ask();
    for await (const line of this.#lines) {
      this.#await();
      if ((await this.#line(line.trim())) === 'leave' || this.#left !== undefined) {
        break;
      }
      this.#ask();
    }
    this.#lines.close();
    await Promise.all([...this.#jobs.values()].map(({ over }) => over));
    if (this.#left !== undefined) {
      throw this.#left;
    }
    if (this.#isLost) {
      await this.#client.closed;
      throw this.#client.loss;
    }
    return this.#status;
  }

  /** Shows the prompt, at the start of a row. */
  #ask(): void {
    if (this.#state === 'over' || !this.#isTerminal) {
      return;
    }
    process.stderr.write(this.#row.toStart());
    const status = this.#status === 0 ? '' : ` [${this.#status}]`;
    this.#lines.setPrompt(`${shownLine(this.#folder ?? 'unstick')}${status}> `);
    this.#state = 'reading';
    this.#lines.prompt();
  }

  #await(): void {
    if (this.#state === 'reading') {
      this.#state = 'waiting';
    }
  }

  /** Ctrl-C while the prompt waits for a line drops what was typed, as in a shell. */
  #dropLine(): void {
    if (this.#state === 'reading') {
      process.stderr.write('^C\n');
      this.#lines.write(null, { ctrl: true, name: 'e' });
      this.#lines.write(null, { ctrl: true, name: 'u' });
      this.#lines.prompt();
    }
  }

  async #line(line: string): Promise<'leave' | undefined> {
    try {
      const asked = readLine(line);
      switch (asked.kind) {
        case 'leave':
          this.#status = asked.status ?? this.#status;
          return 'leave';
        case 'cd':
          await this.#goTo(asked.folder);
          this.#status = 0;
          break;
        case 'run':
          await this.#run(asked, line);
          break;
        default:
          this.#say(asked.kind);
      }
    } catch (error) {
      this.#status = this.#failed(error);
    }
    return undefined;
  }

  #say(kind: 'nothing' | 'help' | 'jobs'): void {
    if (kind === 'help') {
      HELP.split('\n').forEach(printError);
    }
    if (kind === 'jobs') {
      for (const [id, job] of this.#jobs) {
        printError(`[${id}] ${job.line}`);
      }
    }
  }

  async #goTo(path: string): Promise<void> {
    const wanted = path === '-' ? this.#before : path;
    if (wanted === undefined) {
      throw new Trouble('cd -: there is no folder to go back to.', FAILED);
    }
    const found = await this.#client.folder(wanted, this.#folder).catch((error: unknown) => {
      throw refusalOf(error) === undefined ? error : new Trouble(`cd: ${reasonOf(error)}`, FAILED);
    });
    this.#before = this.#folder;
    this.#folder = found;
  }

  async #run(asked: Run, line: string): Promise<void> {
    if (asked.isBehind) {
      this.#beside(asked, line);
      return;
    }
    const { stdout, stderr } = process;
    const outputs = [stdout, stderr].map((to) => (this.#isShown(to) ? this.#row.output(to) : to));
    const signals = this.#isTerminal ? promptSignals(this.#lines) : process;
    this.#status = await this.#command(asked, outputs, signals);
  }

  #beside(asked: Run, line: string): void {
    const id = ++this.#count;
    const { stdout, stderr } = process;
    const outputs = [stdout, stderr].map((to) =>
      this.#isShown(to) ? this.#row.outputBehind(to) : to,
    );
    const over = this.#command(asked, outputs, leavingSignals)
      .catch((error: unknown) => this.#failed(error))
      .then((status) => {
        this.#jobs.delete(id);
        for (const output of outputs) {
          if (output !== stdout && output !== stderr) {
            output.end();
          }
        }
        if (!this.#isLost && this.#left === undefined) {
          this.#notice(`[${id}] done, status ${status}: ${line}`);
        }
      });
    this.#jobs.set(id, { line, over });
  }

  #command(
    { order }: Run,
    [stdout = process.stdout, stderr = process.stderr]: readonly Writable[],
    signals: SignalSource,
  ): Promise<number> {
    const cwd = this.#folder === undefined ? {} : { cwd: this.#folder };
    const whole = { ...order, env: this.#options.env, ...cwd };
    return runHere(this.#client, whole, { stdin: undefined, stdout, stderr, signals });
  }

  /** Says why a command failed, unless the connection is lost or the user leaves. Returns its status. */
  #failed(error: unknown): number {
    if (error instanceof Left) {
      this.#left ??= error;
      this.#lines.close();
      return error.status;
    }
    if (error instanceof Lost) {
      this.#isLost = true; // run() reports the loss once, at the end.
    } else {
      this.#notice(reasonOf(error));
    }
    return error instanceof Trouble ? error.status : FAILED;
  }

  /** Prints a line of this program, above the prompt if one is shown. */
  #notice(text: string): void {
    const isPrompting = this.#state === 'reading';
    process.stderr.write(isPrompting ? '\r\u001b[J' : this.#row.toStart());
    printError(text);
    if (isPrompting) {
      this.#lines.prompt(true);
    }
  }

  /** Whether this output and the prompt share a terminal. */
  #isShown(to: NodeJS.WriteStream): boolean {
    return this.#isTerminal && to.isTTY;
  }
}

const FAILED = 1;

/** At a prompt the terminal delivers Ctrl-C as a key. The other signals come to the process. */
function promptSignals(lines: SignalSource): SignalSource {
  return {
    on: (name, listener) => (name === 'SIGINT' ? lines : process).on(name, listener),
    off: (name, listener) => (name === 'SIGINT' ? lines : process).off(name, listener),
  };
}

/** A command in the background gets no Ctrl-C. It ends when this process gets SIGTERM or SIGHUP. */
const leavingSignals: SignalSource = {
  on: (name, listener) => (name === 'SIGINT' ? undefined : process.on(name, listener)),
  off: (name, listener) => (name === 'SIGINT' ? undefined : process.off(name, listener)),
};
