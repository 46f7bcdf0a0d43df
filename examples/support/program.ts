// What all example servers and clients need as programs: arguments, the end on SIGINT and SIGTERM, and one
// clear line on standard error when something is wrong. Nothing here is about sockets.

import { parseArgs } from 'node:util';
import type { ParseArgsConfig } from 'node:util';
import { isUnstickError } from '../../src/errors.ts';
import { endWithNpm } from './end-with-npm.ts';
import { printError } from './shown.ts';
import { versionText } from './version.ts';

const HELP_COLUMNS = 24;
const FAILED = 1;
const WRONG_ARGUMENTS = 2;
const MAX_PORT = 65_535;

/** An error that the user of the program can fix. It is printed in one line, without a stack trace. */
export class Complaint extends Error {
  override readonly name = 'Complaint';
  readonly exitCode: number;

  constructor(message: string, exitCode: number = FAILED) {
    super(message);
    this.exitCode = exitCode;
  }
}

/**
 * Runs a program, or a part of a program, and returns its result. An error ends the process with one line and
 * an exit code. An unexpected error is printed with its stack trace.
 */
export async function runProgram<T>(main: () => Promise<T> | T): Promise<T> {
  endWithNpm();
  // The reader of the output has gone, as in `client.ts | head -1`: end without an error.
  process.stdout.once('error', () => process.exit(FAILED));
  try {
    return await main();
  } catch (error) {
    printComplaint(error);
    process.exit(error instanceof Complaint ? error.exitCode : exitCodeOf(error));
  }
}

/**
 * Reads the command line as parseArgs does. `--help` (or `-h`) prints `about` and the options, `--version`
 * (or `-V`) the version. Both then exit with code 0.
 */
export function readArgs<const T extends ParseArgsConfig & { readonly options: Options }>(
  about: string,
  config: T,
): ReturnType<typeof parseArgs<T>> {
  const args = process.argv.slice(2);
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(`${about}\n\n${helpOf(config.options)}`);
    process.exit(0);
  }
  if (args.includes('--version') || args.includes('-V')) {
    process.stdout.write(`${versionText()}\n`);
    process.exit(0);
  }
  return parseArgs(config);
}

type Options = Readonly<
  Record<string, { readonly type: 'string' | 'boolean'; readonly default?: unknown }>
>;

function helpOf(options: Options): string {
  const lines = Object.entries(options).map(([name, option]) => {
    const value = option.type === 'string' ? ' VALUE' : '';
    const usual = typeof option.default === 'string' ? `default: ${option.default}` : '';
    return `  ${`--${name}${value}`.padEnd(HELP_COLUMNS)}${usual}`.trimEnd();
  });
  return [...lines, '  --help', '  --version'].map((line) => `${line}\n`).join('');
}

/** Reads a port from the option `name`. Throws a Complaint if it is none. */
export function portOf(text: string | undefined, name = '--port'): number {
  const port = Number(text);
  if (text !== undefined && /^\d+$/.test(text) && port <= MAX_PORT) {
    return port;
  }
  const given = text === undefined ? 'missing' : `"${text}"`;
  throw new Complaint(
    `${name} is ${given}; it must be a number up to ${MAX_PORT}.`,
    WRONG_ARGUMENTS,
  );
}

/** Reads a number from 1 to 9999999 from the option `--name`. Throws a Complaint if it is none. */
export function countOf(name: string, text: string): number {
  if (/^[1-9]\d{0,6}$/.test(text)) {
    return Number(text);
  }
  throw new Complaint(
    `--${name} is "${text}"; it must be a whole number from 1 to 9999999.`,
    WRONG_ARGUMENTS,
  );
}

/** Resolves on Ctrl-C, and on SIGTERM. */
export function untilAskedToEnd(): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGINT', () => resolve()).once('SIGTERM', () => resolve());
  });
}

/**
 * The error in words for the user of the program. It may hold text of a remote, so print it with
 * `printError` or `printLine`.
 */
export function complaintOf(error: unknown): string {
  if (!(error instanceof Error)) {
    return String(error);
  }
  const { code, address, port } = systemError(error);
  const where = port === undefined ? '' : ` on ${address}:${port}`;
  if (code === 'ECONNREFUSED') {
    return `Connection refused: no program listens${where}.`;
  }
  if (code === 'EADDRINUSE') {
    return `Cannot listen${where}: another program listens there already.`;
  }
  if (code === 'ECONNRESET' || code === 'EPIPE') {
    return 'The remote broke the connection.';
  }
  return isExpected(error) ? error.message : `${error.name}: ${error.message}`;
}

function isExpected(error: Error): boolean {
  return (
    error instanceof Complaint || isUnstickError(error) || systemError(error).code !== undefined
  );
}

/** The lines of an error's stack trace. Empty for an error that is expected: only a bug needs its trace. */
export function stackOf(error: unknown): string[] {
  if (!(error instanceof Error) || isExpected(error)) {
    return [];
  }
  const { stack = '', message } = error;
  return stack
    .slice(stack.indexOf(message) + message.length)
    .split('\n')
    .slice(1);
}

/** Prints the error in one line, and the stack trace of a bug. */
function printComplaint(error: unknown): void {
  for (const line of [complaintOf(error), ...stackOf(error)]) {
    printError(line);
  }
}

/** For `onError` of serve(): prints why a connection broke. An error of the server itself rejects `ready`. */
export function sayWhatFailed(error: unknown, connection: unknown): void {
  if (connection !== undefined) {
    printComplaint(error);
  }
}

function exitCodeOf(error: unknown): number {
  const code = error instanceof Error ? systemError(error).code : undefined;
  return code?.startsWith('ERR_PARSE_ARGS') === true ? WRONG_ARGUMENTS : FAILED;
}

interface SystemError extends NodeJS.ErrnoException {
  readonly address?: string;
  readonly port?: number;
}

/**
 * The cause of an error of the library, which is the system's error. Other errors are returned as they are.
 */
function systemError(error: Error): SystemError {
  return isUnstickError(error) && error.cause instanceof Error ? error.cause : error;
}
