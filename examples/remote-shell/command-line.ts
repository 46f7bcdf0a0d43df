// The command line: `serve`, `exec ARGV…`, or nothing for the prompt. Options of the client stand before
// `exec`. Everything after `exec` is the command, also words that look like options.

import { Command, CommanderError, InvalidArgumentError } from 'commander';
import type { WhereOptions } from './client/find-server.ts';
import { statuses } from './both/trouble.ts';
import { actWithoutCommand } from '../support/no-command.ts';
import { versionText } from '../support/version.ts';

export interface ClientOptions extends WhereOptions {
  readonly quiet?: boolean;
  readonly progress?: boolean;
  readonly stdin: boolean;
  readonly shell?: boolean;
  readonly terminal?: boolean;
  readonly cwd?: string;
  readonly env: Readonly<Record<string, string>>;
}

export interface ServeOptions {
  readonly host: string;
  readonly port: number;
  readonly tokenFile?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly audit?: string;
  readonly allow?: string;
  readonly allowShell?: boolean;
  readonly acceptEnv: readonly string[];
  readonly passEnv: readonly string[];
  readonly cwd?: string;
  readonly timeLimit: number;
  readonly outputLimit: number;
  readonly maxCommands: number;
  readonly maxConnections: number;
}

export interface Actions {
  serve(options: ServeOptions): Promise<number>;
  exec(argv: readonly string[], options: ClientOptions): Promise<number>;
  prompt(options: ClientOptions): Promise<number>;
}

const HOUR_SECONDS = 3600;
const OUTPUT_LIMIT = 16 * 1024 ** 3;

/** Runs the action that the arguments name. Resolves with the exit status. */
export async function runCommandLine(args: readonly string[], actions: Actions): Promise<number> {
  let status = 0;
  const program = clientProgram();
  actWithoutCommand(program, async () => {
    status = await actions.prompt(program.opts<ClientOptions>());
  });
  program
    .command('exec')
    .description('run one command; everything after `exec` is the command')
    .argument('<argv...>')
    .helpOption(false)
    .allowUnknownOption()
    .passThroughOptions()
    .action(async (argv: readonly string[]) => {
      status = await actions.exec(argv, program.opts<ClientOptions>());
    });
  const serve = serveCommand(program.command('serve')).action(async () => {
    status = await actions.serve(serve.opts<ServeOptions>());
  });
  try {
    await program.parseAsync(args, { from: 'user' });
    return status;
  } catch (error) {
    if (error instanceof CommanderError) {
      return error.exitCode === 0 ? 0 : statuses.shell;
    }
    throw error;
  }
}

function clientProgram(): Command {
  return new Command('shell')
    .description('A remote shell on one socket. Without a command it shows a prompt.')
    .enablePositionalOptions()
    .exitOverride()
    .version(versionText(), '-V, --version', 'the version')
    .option('--host <host>', 'the server; default: the newest of this user on this machine')
    .option('--port <port>', 'its port', toPort)
    .option(
      '--token-file <file>',
      'file with the token; default: the environment variable UNSTICK_SHELL_TOKEN, or the token of the state file',
    )
    .option('--tls-ca <file>', 'use TLS, and trust this certificate')
    .option('-q, --quiet', 'no progress on stderr')
    .option('--progress', 'progress even if stderr is not a terminal')
    .option('-n, --no-stdin', 'give the command an empty stdin')
    .option(
      '--shell',
      'the command is one string for the /bin/sh of the server (serve --allow-shell)',
    )
    .option('-t, --terminal', 'run the command on a terminal of the server')
    .option('--cwd <folder>', 'the folder on the server in which commands run')
    .option('--env <name=value>', 'a variable for the command; may be repeated', addVariable, {});
}

function serveCommand(command: Command): Command {
  return command
    .description('run the server; prints one line when it listens')
    .option('--host <host>', 'the address; without TLS only one of this machine', '127.0.0.1')
    .option('--port <port>', 'the port; 0 takes a free port', toPort, 0)
    .option(
      '--token-file <file>',
      'file with the token; default: the environment variable UNSTICK_SHELL_TOKEN, or a new random token',
    )
    .option('--tls-cert <file>', 'use TLS with this certificate (needs --tls-key)')
    .option('--tls-key <file>', 'the private key of the certificate')
    .option('--audit <file>', 'the audit log; - is stderr; default: in the state folder')
    .option('--allow <file>', 'run only the commands of this allow-list')
    .option('--allow-shell', 'run strings of clients in /bin/sh, too')
    .option('--accept-env <name>', 'a variable that clients may set; may be repeated', addWord, [])
    .option(
      '--pass-env <name>',
      'a variable of the server for commands; may be repeated',
      addWord,
      [],
    )
    .option('--cwd <folder>', 'the folder of commands; default: the home folder')
    .option('--time-limit <seconds>', 'time limit of a command; 0 is none', toCount, HOUR_SECONDS)
    .option('--output-limit <bytes>', 'output limit of a command; 0 is none', toCount, OUTPUT_LIMIT)
    .option('--max-commands <count>', 'maximum commands at once on one connection', toCount, 16)
    .option('--max-connections <count>', 'maximum connections at once', toCount, 128);
}

function toCount(text: string): number {
  const count = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(count)) {
    return count;
  }
  throw new InvalidArgumentError('It must be a whole number.');
}

function toPort(text: string): number {
  const port = toCount(text);
  if (port <= 65_535) {
    return port;
  }
  throw new InvalidArgumentError('A port is at most 65535.');
}

function addWord(word: string, before: readonly string[]): readonly string[] {
  return [...before, word];
}

function addVariable(
  text: string,
  before: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const [, name, value] = /^([A-Za-z_][A-Za-z0-9_]*)=(.*)$/s.exec(text) ?? [];
  if (name !== undefined && value !== undefined) {
    return { ...before, [name]: value };
  }
  throw new InvalidArgumentError('It must be NAME=value.');
}
