// Finds the program of a command, and makes words that are not UTF-8 fit for Node, which starts programs
// with strings only.

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

/** Words that every shell knows, and no program is called. */
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

/** The path for the system: bytes, where the words are not UTF-8. */
export function toPath(word: string): string | Buffer {
  return isRaw(word) ? toBytes(word) : word;
}

/** Throws what execvp would, as a RemoteError, if the program cannot be started. */
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

/** Users of ssh give one string for a shell. */
function hintOf(program: string): string {
  if (/\s/.test(program)) {
    return ' (this is the name of one program: give its words apart, without the quotes, or use --shell)';
  }
  return BUILT_IN.has(program) ? ' (only shells know it, and no shell runs here: use --shell)' : '';
}

const SHELL = '/bin/sh';

/**
 * The same launch in strings that are UTF-8. A word with other bytes is put together by /bin/sh, which then
 * becomes the program: the process, its group and its pipes are the same.
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
  // /bin/sh itself exports PWD.
  const script = `${made.join('')}cd ${folder} && unset PWD OLDPWD && exec ${rest.join(' ')}`;
  // A raw word has its number, too, so that the numbers of the others fit.
  const given = words.map((word) => (isRaw(word) ? '' : word));
  return { argv: [SHELL, '-c', script, SHELL, ...given], cwd: '/', env };
}

/** The dot keeps the last bytes: $(…) drops newlines at the end. */
function madeOf(word: string, at: number): string {
  const octal = Array.from(toBytes(word), (byte) => `\\${byte.toString(8).padStart(3, '0')}`);
  return `w${at}=$(printf '${octal.join('')}.'); `;
}
