// The environment of a command: made from nothing, not the server's with something taken away. So a
// secret in the server's environment stays there, and a client cannot set what changes which program
// runs (PATH, LD_PRELOAD, NODE_OPTIONS, …).

/** What a command gets from the server's own environment. */
const inherited = [
  'HOME',
  'USER',
  'LOGNAME',
  'SHELL',
  'LANG',
  'LC_ALL',
  'LC_CTYPE',
  'TZ',
  'TMPDIR',
];
/** What a client may set. */
const acceptable = /^(TERM|COLORTERM|COLUMNS|LINES|NO_COLOR|TZ|LANG|LANGUAGE|LC_[A-Z]+)$/;
/**
 * In these variables libraries look for the name of a file: with a path of a FIFO in TZ, `date` never ends,
 * and a path can show whether a file is there. So a client names a time zone, and a locale, but no path.
 */
const PATHLIKE = /^:?\/|(?:^|\/)\.\.(?:\/|$)/;
const DEFAULT_PATH = '/usr/local/bin:/usr/bin:/bin';

export interface EnvironmentOptions {
  /** Further names that a client may set. */
  readonly accept?: readonly string[];
  /** Further names that a command gets from the server. */
  readonly pass?: readonly string[];
}

/** Whether a client may set this variable to this. */
function accepts(name: string, value: string, { accept = [] }: EnvironmentOptions): boolean {
  if (accept.includes(name)) {
    return true;
  }
  // Only the name of a time zone has a slash, as Europe/Berlin does.
  const isPath = name === 'TZ' ? PATHLIKE.test(value) : value.includes('/');
  return acceptable.test(name) && !isPath;
}

/** The environment of one command. What the client may not set is left out. */
export function commandEnvironment(
  own: NodeJS.ProcessEnv,
  asked: Readonly<Record<string, string>>,
  options: EnvironmentOptions = {},
): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = { PATH: searchPath(own['PATH']) };
  for (const name of [...inherited, ...(options.pass ?? [])]) {
    const value = own[name];
    if (value !== undefined) {
      env[name] = value;
    }
  }
  for (const [name, value] of Object.entries(asked)) {
    if (accepts(name, value, options)) {
      env[name] = value;
    }
  }
  return env;
}

/** Without relative and empty parts: a file in the command's folder must not pass for a program. */
function searchPath(path: string | undefined): string {
  const folders = (path ?? '').split(':').filter((folder) => folder.startsWith('/'));
  return folders.length === 0 ? DEFAULT_PATH : folders.join(':');
}
