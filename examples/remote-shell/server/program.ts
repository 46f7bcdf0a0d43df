// Finds the program of a command. Rewrites commands with words that are not UTF-8, because Node takes only
// strings for the arguments of a program.

import { accessSync, constants, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { isRaw, toBytes } from '../../support/raw-text.ts';
import { refuse } from '../both/protocol.ts';

/** What to start, in words of both/raw-words.ts. */
export interface Launch {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
}

/** Commands that are built into every shell. There are no programs of these names. */
const BUILT_IN = new Set([
  'cd',
  'export',
  'alias',
  'source',
  '.',
  'set',
  'unset',
  'ulimit',
  'umask',
]);

/** The path as Node's fs functions need it: as bytes if the word is not UTF-8. */
export function toPath(word: string): string | Buffer {
  return isRaw(word) ? toBytes(word) : word;
}

/** Checks that the program exists and may be run. If not, throws the error of execvp as a RemoteError. */
export function checkProgram({ argv, cwd, env }: Launch): void {
  const [program = ''] = argv;
  const folders = program.includes('/') ? [''] : (env['PATH'] ?? '').split(':');
  const paths = folders.map((folder) =>
    folder === '' ? resolve(cwd, program) : join(folder, program),
  );
  const found = paths.filter(isFile);
  if (found.length === 0) {
    throw notStarted(program, 'ENOENT');
  }
  if (!found.some(isExecutable)) {
    throw notStarted(program, 'EACCES');
  }
}

function isFile(path: string): boolean {
  try {
    return statSync(toPath(path)).isFile();
  } catch {
    return false;
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(toPath(path), constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

export function notStarted(program: string, code: string): Error {
  if (code === 'ENOENT') {
    return refuse('E_NOT_FOUND', `${program}: command not found${hintOf(program)}`);
  }
  if (code === 'EACCES') {
    return refuse('E_NOT_STARTED', `${program}: permission denied`);
  }
  return refuse('E_NOT_STARTED', `${program}: cannot be started (${code})`);
}

/** A hint for users of ssh, who give one string for a shell, and for commands that are built into shells. */
function hintOf(program: string): string {
  if (/\s/.test(program)) {
    return ' (all of this is one word, the name of a program: leave out the quotes, or use --shell)';
  }
  return BUILT_IN.has(program)
    ? ' (it is built into shells, and no shell runs here: use --shell)'
    : '';
}

const SHELL = '/bin/sh';

/**
 * The same launch in strings that are UTF-8. If a word has other bytes, /bin/sh is started instead. It makes
 * the word and then becomes the program by `exec`, so the process, its group and its pipes are the same.
 */
export function plainLaunch(launch: Launch): Launch {
  const { argv, cwd, env } = launch;
  if (![...argv, cwd].some(isRaw)) {
    return launch;
  }
  checkProgram(launch);
  const words = [cwd, ...argv];
  const made = words.map((word, at) => (isRaw(word) ? madeOf(word, at) : ''));
  const [folder, ...rest] = words.map((word, at) =>
    isRaw(word) ? `"\${w${at}%.}"` : `"\${${at + 1}}"`,
  );
  // /bin/sh exports PWD and OLDPWD, which are not in the environment of the launch.
  const script = `${made.join('')}cd ${folder} && unset PWD OLDPWD && exec ${rest.join(' ')}`;
  // Pass an empty argument for a raw word, so that the numbers of the other arguments are right.
  const given = words.map((word) => (isRaw(word) ? '' : word));
  return { argv: [SHELL, '-c', script, SHELL, ...given], cwd: '/', env };
}

/**
 * Makes a raw word in a variable. $(…) would drop newlines at its end, so a dot is added, and removed on use.
 */
function madeOf(word: string, at: number): string {
  const octal = Array.from(toBytes(word), (byte) => `\\${byte.toString(8).padStart(3, '0')}`);
  return `w${at}=$(printf '${octal.join('')}.'); `;
}
