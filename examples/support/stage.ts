// The stage of a scene: starts programs, prints what happens, and checks claims. Scenes and tests use it
// alike: `onStage(import.meta.url, async (stage) => { … })`.

import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Claims } from './claims.ts';
import { pad, paint } from './ink.ts';
import { shownLine } from './shown.ts';
import { startProcess, startScript } from './processes.ts';
import { StartedProgram } from './started-program.ts';

export type { Ending, StartedProgram } from './started-program.ts';

/** An argument of a program, or a port. */
type Argument = string | number;

export interface StartOptions {
  /** Name in front of the program's lines. Default: the name of its file without `.ts`. */
  readonly name?: string;
  /** Variables of the environment in addition to those of this process. */
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** Whether the program's lines are not printed. */
  readonly quiet?: boolean;
}

/** A server that listens. */
export interface StartedServer {
  readonly server: StartedProgram;
  readonly port: number;
}

export class Stage {
  /** Arguments after the name of the example on the command line. */
  readonly args: readonly string[];
  readonly #folder: string;
  readonly #claims: Claims;
  readonly #print: (line: string) => void;
  readonly #started: StartedProgram[] = [];

  constructor(folder: string, { args = [], print = () => undefined }: StageOptions = {}) {
    this.args = args;
    this.#folder = folder;
    this.#print = print;
    this.#claims = new Claims(undefined, print);
  }

  /** Prints a line of the scene. */
  say(line: string): void {
    this.#print(line);
  }

  /** Prints a claim with ✔ or ✘. If it fails, the scene fails, and `detail` says what was found instead. */
  check(claim: string, holds: boolean, detail?: string): void {
    this.#claims.check(claim, holds, detail);
  }

  get claims(): Pick<Claims, 'allHeld' | 'exitCode' | 'failed' | 'held'> {
    return this.#claims;
  }

  /** Starts a program of the example, such as 'client.ts', by the path in its folder. */
  start(file: string, args: readonly Argument[] = [], options: StartOptions = {}): StartedProgram {
    const path = resolve(this.#folder, file);
    const child = startScript(path, args.map(String), spawnOptions(options));
    return this.#begin(options.name ?? file.replace(/\.ts$/, ''), child, options);
  }

  /** Starts another command, such as python3, in the folder of the example. */
  command(
    command: string,
    args: readonly Argument[] = [],
    options: StartOptions = {},
  ): StartedProgram {
    const where = { ...spawnOptions(options), cwd: options.cwd ?? this.#folder };
    const child = startProcess(command, args.map(String), where);
    return this.#begin(options.name ?? command, child, options);
  }

  /** Starts a server on a free port, and waits for its line `listening on 127.0.0.1:PORT`. */
  async serve(
    file = 'server.ts',
    args: readonly Argument[] = [],
    options: StartOptions = {},
  ): Promise<StartedServer> {
    const free = args.includes('--port') ? [] : ['--port', 0];
    const server = this.start(file, [...free, ...args], options);
    const [, port] = await server.line(/listening on \S*:(\d+)/);
    return { server, port: Number(port) };
  }

  /** Ends all programs that still run. */
  async end(): Promise<void> {
    await Promise.allSettled(this.#started.map((program) => program.end()));
  }

  #begin(name: string, child: StartedProgram['child'], { quiet }: StartOptions): StartedProgram {
    const program = new StartedProgram(name, child, (line) => {
      if (quiet !== true) {
        this.#print(`  ${paint('dim', `${pad(name, NAME_COLUMNS)} │`)} ${shownLine(line)}`);
      }
    });
    this.#started.push(program);
    return program;
  }
}

/** Width of the name in front of a program's lines. */
const NAME_COLUMNS = 9;

function spawnOptions({ env, cwd }: StartOptions): {
  env: NodeJS.ProcessEnv;
  cwd: string | undefined;
  stdio: 'pipe';
} {
  // A program prints the same whether a test or a user at a terminal started it.
  const { FORCE_COLOR: _colour, NODE_OPTIONS: _options, ...inherited } = process.env;
  return { env: { ...inherited, NO_COLOR: '1', ...env }, cwd, stdio: 'pipe' };
}

export interface StageOptions {
  readonly args?: readonly string[];
  /** Prints a line. Default: nothing is printed, as in tests. */
  readonly print?: ((line: string) => void) | undefined;
}

/**
 * Runs a scene with the programs in the folder of `url` (pass `import.meta.url`), and ends the programs in
 * any case. Returns the number of claims that held. Throws what the scene throws, and an Error if a claim did
 * not hold.
 */
export async function onStage(
  url: string,
  scene: (stage: Stage) => Promise<void>,
  options: StageOptions = {},
): Promise<number> {
  const stage = new Stage(dirname(fileURLToPath(url)), options);
  try {
    await scene(stage);
  } finally {
    await stage.end();
  }
  const { failed, held } = stage.claims;
  if (failed.length > 0) {
    throw new Error(`Not as claimed: ${failed.join('; ')}`);
  }
  return held;
}
