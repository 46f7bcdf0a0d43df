// npm run shell: `serve`, `exec ARGV…`, or a prompt. Joins the parts with the streams, signals and exit
// status of this process. All else is in the other files.

import { fstatSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseAllowList } from './server/allow-list.ts';
import { openAudit } from './server/audit.ts';
import { runCommandLine } from './command-line.ts';
import type { ClientOptions, ServeOptions } from './command-line.ts';
import { findServer } from './client/find-server.ts';
import { defaultPolicy } from './server/policy.ts';
import type { Policy } from './server/policy.ts';
import { Progress } from './client/progress.ts';
import { runPrompt } from './client/prompt.ts';
import type { Order } from './both/protocol.ts';
import { runHere } from './client/run-here.ts';
import type { Here } from './client/run-here.ts';
import { startShellServer } from './server/shell-server.ts';
import { openStateFolder, removeState, stateFolder, writeState } from './both/state-file.ts';
import { hereOnTerminal } from './client/window.ts';
import { ownWords } from '../support/raw-words.ts';
import { givenToken, randomToken } from './both/token.ts';
import { endWithNpm } from '../support/end-with-npm.ts';
import { printError, printLine, reasonOf } from '../support/shown.ts';
import { Left, statuses, Trouble } from './both/trouble.ts';

const MS = 1000;
const STDIN = 0;

async function serve(options: ServeOptions): Promise<number> {
  const given = givenToken(options.tokenFile);
  const token = given ?? randomToken();
  const policy = toPolicy(options);
  const tls = toTls(options);
  const folder = openStateFolder(stateFolder());
  const audit = openAudit(options.audit ?? join(folder, 'audit.jsonl'));
  const { host, port, maxConnections } = options;
  const parts = { host, port, token, policy, maxConnections, tls, audit: audit.record };
  const stopped = new Promise<string>((stop) => {
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
      process.on(name, () => stop(name));
    }
  });
  const server = await startShellServer(parts);
  const where = { host: server.host, port: server.port, tls: tls !== undefined, pid: process.pid };
  // The user keeps a given token in a place of their choice, so do not write it to another place.
  const file = writeState(folder, given === undefined ? { ...where, token } : where);
  void audit.record('listen', where);
  printLine(`listening on ${server.host}:${server.port} (clients find it in ${file})`);
  void audit.record('close', { signal: await stopped });
  removeState(folder);
  await server.close();
  await audit.close();
  return 0;
}

function toPolicy(options: ServeOptions): Policy {
  return {
    allowShell: options.allowShell === true,
    allowList: options.allow === undefined ? undefined : readAllowList(options.allow),
    cwd: resolve(options.cwd ?? defaultPolicy.cwd),
    timeLimit: options.timeLimit * MS,
    outputLimit: options.outputLimit,
    maxCommands: options.maxCommands,
    accept: options.acceptEnv,
    pass: options.passEnv,
  };
}

function readAllowList(file: string): ReturnType<typeof parseAllowList> {
  try {
    return parseAllowList(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new Trouble(`The allow-list ${file} cannot be used: ${reasonOf(error)}`);
  }
}

function toTls({ tlsCert, tlsKey }: ServeOptions): { cert: Buffer; key: Buffer } | undefined {
  if (tlsCert === undefined && tlsKey === undefined) {
    return undefined;
  }
  if (tlsCert === undefined || tlsKey === undefined) {
    throw new Trouble('TLS needs both --tls-cert and --tls-key.');
  }
  return { cert: readFileSync(tlsCert), key: readFileSync(tlsKey) };
}

async function exec(argv: readonly string[], options: ClientOptions): Promise<number> {
  if (options.shell === true && argv.length !== 1) {
    throw new Trouble('With --shell the command must be one string, so put it in quotes.');
  }
  if (options.stdin && isFolder(STDIN)) {
    throw new Trouble(
      'stdin is a folder, which cannot be read. Give --no-stdin for an empty input.',
    );
  }
  const client = await findServer(options);
  const { shell = false, cwd, env } = options;
  const order: Omit<Order, 'id'> = { argv, shell, env, ...(cwd === undefined ? {} : { cwd }) };
  try {
    const status =
      options.terminal === true
        ? await hereOnTerminal(client, order)
        : await runHere(client, order, hereWith(options));
    await client.close();
    return status;
  } catch (error) {
    client.destroy();
    throw error;
  } finally {
    process.stdin.destroy();
  }
}

/** Whether a file is a folder. Node would read it as an empty input, without an error. */
function isFolder(file: number): boolean {
  try {
    return fstatSync(file).isDirectory();
  } catch {
    return false; // The file is closed.
  }
}

function hereWith(options: ClientOptions): Here {
  const { stdin, stdout, stderr } = process;
  return {
    stdin: options.stdin ? stdin : undefined,
    stdout,
    stderr,
    signals: process,
    progress: showsProgress(options) ? new Progress(stderr) : undefined,
  };
}

function showsProgress({ quiet, progress }: ClientOptions): boolean {
  if (quiet === true || process.stdout.isTTY) {
    return false;
  }
  return progress === true || process.stderr.isTTY;
}

async function prompt(options: ClientOptions): Promise<number> {
  const client = await findServer(options);
  try {
    const status = await runPrompt(client, options);
    await client.close();
    return status;
  } catch (error) {
    client.destroy();
    throw error;
  } finally {
    process.stdin.destroy();
  }
}

endWithNpm();
// The code that writes handles a reader that has gone. Without a listener the process would end with a stack
// trace.
process.setMaxListeners(64);
for (const output of [process.stdout, process.stderr]) {
  output.on('error', () => undefined);
}
try {
  const words = ownWords(process.argv.slice(2));
  if (words === undefined) {
    throw new Trouble(
      'A word of the command line is not UTF-8, and its bytes were lost on the way. ' +
        'Start the client without npm: node --import tsx examples/remote-shell/main.ts exec …',
    );
  }
  process.exitCode = await runCommandLine(words, { serve, exec, prompt });
} catch (error) {
  if (error instanceof Left) {
    process.exit(error.status);
  }
  printError(`shell: ${reasonOf(error)}`);
  process.exitCode = error instanceof Trouble ? error.status : statuses.shell;
}
