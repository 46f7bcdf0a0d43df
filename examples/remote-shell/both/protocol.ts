// The messages between client and server of the remote shell, and their checks on arrival.
//
// One command is one request, `exec`. Its answer says how the command ended. Its bytes go through two
// channels that the client opens before the request: `stdio` (stdin to the server, stdout back) and `stderr`.
// `folder` is a request, too: it asks for the whole path of a folder. `signal` and `resize` are events.
// Everything that the remote sends is checked here.

import { RemoteError } from '../../../src/entries/peer.ts';
import { isRaw, isWord } from '../../support/raw-text.ts';

/** Limits of the peer's frames. A header holds argv, which may be long. A body is a piece of an output. */
export const PEER_LIMITS = { maxHeaderLength: 256 * 1024, maxBodyLength: 64 * 1024 } as const;
/** The size of a terminal's window. */
export interface WindowSize {
  readonly columns: number;
  readonly rows: number;
}

/** The command that the client asks for. */
export interface Order {
  /** Number of the command, which joins the request with its two channels. */
  readonly id: number;
  /** The program and its arguments. They are words as in raw-words.ts, and so is `cwd`. */
  readonly argv: readonly string[];
  /** Runs the only string in `argv` with /bin/sh. */
  readonly shell?: boolean;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Runs the command on a terminal of this size. */
  readonly terminal?: WindowSize;
}

/** How a command ended. */
export interface Ending {
  readonly code: number | null;
  readonly signal: string | null;
  /**
   * The limit of the server that ended the command. If set, the output is not whole, whatever `code` says.
   */
  readonly limit?: 'time' | 'output';
}

/** Reasons not to run a command, as the `remoteCode` of a RemoteError. */
export const refusals = {
  E_ORDER: 'the request is not one of this protocol',
  E_BUSY: 'too many commands at once on this connection',
  E_FORBIDDEN: 'the server does not run this command',
  E_NOT_FOUND: 'there is no such program',
  E_NOT_STARTED: 'the program could not be started',
  E_NO_TERMINAL: 'the server has no node-pty',
} as const;

export type Refusal = keyof typeof refusals;

export function refuse(code: Refusal, message: string): RemoteError {
  return new RemoteError(code, message);
}

/** Signals that a client may send to its own command. */
export const sendableSignals = [
  'SIGINT',
  'SIGTERM',
  'SIGHUP',
  'SIGQUIT',
  'SIGKILL',
  'SIGUSR1',
  'SIGUSR2',
  'SIGTSTP',
  'SIGCONT',
] as const;

/** The name of a variable, as a shell accepts it. */
const variableName = /^[A-Za-z_][A-Za-z0-9_]*$/;
/** The largest size of a terminal: the kernel keeps 16 bits of each number. */
const MAX_WINDOW = 65_535;
const MAX_VARIABLES = 64;

type Members = Readonly<Record<string, unknown>>;

function members(value: unknown): Members {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw refuse('E_ORDER', 'The parameters must be an object.');
  }
  return Object.fromEntries(Object.entries(value));
}

/** Whether this is an argument of a program. It has no zero byte, because the kernel would cut it there. */
function isArgument(value: unknown): value is string {
  return typeof value === 'string' && !value.includes('\0') && isWord(value);
}

function isWindowLength(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) > 0 && Number(value) <= MAX_WINDOW;
}

export function readId(params: unknown): number {
  const { id } = members(params);
  if (typeof id === 'number' && Number.isSafeInteger(id)) {
    return id;
  }
  throw refuse('E_ORDER', 'id must be a whole number.');
}

function readWindow(value: unknown): WindowSize {
  const { columns, rows } = members(value);
  if (isWindowLength(columns) && isWindowLength(rows)) {
    return { columns, rows };
  }
  throw refuse('E_ORDER', 'A window needs columns and rows, whole numbers from 1 to 65535.');
}

function readVariables(value: unknown): Record<string, string> {
  const variables: Record<string, string> = {};
  const entries = Object.entries(members(value));
  if (entries.length > MAX_VARIABLES) {
    throw refuse('E_ORDER', `env may hold at most ${MAX_VARIABLES} variables.`);
  }
  for (const [name, text] of entries) {
    if (!variableName.test(name) || !isArgument(text) || isRaw(text)) {
      throw refuse(
        'E_ORDER',
        'env must map names of variables (letters, digits, _) to values in UTF-8 without NUL.',
      );
    }
    variables[name] = text;
  }
  return variables;
}

/** The order in the parameters of an `exec` request. Throws RemoteError E_ORDER. */
export function readOrder(params: unknown): Order {
  const { argv, shell, cwd, env, terminal } = members(params);
  if (!Array.isArray(argv) || argv.length === 0 || !argv.every(isArgument) || argv[0] === '') {
    throw refuse('E_ORDER', 'argv must hold a program and its arguments, as strings.');
  }
  if (shell === true && argv.length !== 1) {
    throw refuse('E_ORDER', 'With shell, argv must hold exactly one string.');
  }
  if (cwd !== undefined && !isArgument(cwd)) {
    throw refuse('E_ORDER', 'cwd must be a path.');
  }
  return {
    id: readId(params),
    argv,
    shell: shell === true,
    ...(cwd === undefined ? {} : { cwd }),
    env: env === undefined ? {} : readVariables(env),
    ...(terminal === undefined ? {} : { terminal: readWindow(terminal) }),
  };
}

/** What a `folder` request asks for: a path, and the folder that a relative path starts from. */
export interface FolderQuestion {
  readonly path: string;
  readonly from: string | undefined;
}

export function readFolderQuestion(params: unknown): FolderQuestion {
  const { path, from } = members(params);
  if (isArgument(path) && (from === undefined || isArgument(from))) {
    return { path, from };
  }
  throw refuse('E_ORDER', 'path and from must be paths.');
}

/** The folder in the answer to a `folder` request. Throws RemoteError E_ORDER. */
export function readFolder(result: unknown): string {
  const { folder } = members(result);
  if (isArgument(folder) && folder.startsWith('/')) {
    return folder;
  }
  throw refuse('E_ORDER', 'The answer does not name a folder.');
}

export function readSignal(params: unknown): NodeJS.Signals {
  const { signal } = members(params);
  const found = sendableSignals.find((name) => name === signal);
  if (found !== undefined) {
    return found;
  }
  throw refuse('E_ORDER', `signal must be one of ${sendableSignals.join(', ')}.`);
}

export function readResize(params: unknown): WindowSize {
  return readWindow(members(params)['window']);
}

/** The ending in the answer to an `exec` request. Throws RemoteError E_ORDER. */
export function readEnding(result: unknown): Ending {
  const { code, signal, limit } = members(result);
  const isCode = code === null || (typeof code === 'number' && Number.isInteger(code));
  const isSignal = signal === null || typeof signal === 'string';
  if (!isCode || !isSignal) {
    throw refuse('E_ORDER', 'The answer does not say how the command ended.');
  }
  return limit === 'time' || limit === 'output' ? { code, signal, limit } : { code, signal };
}
