// The environment of a command. It starts empty, so a secret in the server's environment does not reach
// commands. A client cannot set variables that change which program runs (PATH, LD_PRELOAD, NODE_OPTIONS, …).

/** The variables that a command gets from the environment of the server. */
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
/** The variables that a client may set without --accept-env. */
const acceptable = /^(TERM|COLORTERM|COLUMNS|LINES|NO_COLOR|TZ|LANG|LANGUAGE|LC_[A-Z]+)$/;
/**
 * Values that look like paths. Libraries take the values of TZ, LANG and others for names of files. With the
 * path of a FIFO in TZ, `date` never ends, and a path can reveal whether a file exists. So a client may name
 * a time zone or a locale, but not a path.
 */
const PATHLIKE = /^:?\/|(?:^|\/)\.\.(?:\/|$)/;
const DEFAULT_PATH = '/usr/local/bin:/usr/bin:/bin';

export interface EnvironmentOptions {
  /** Further names that a client may set. */
  readonly accept?: readonly string[];
  /** Further names that a command gets from the server. */
  readonly pass?: readonly string[];
}

/** Whether a client may set this variable to this value. */
function accepts(name: string, value: string, { accept = [] }: EnvironmentOptions): boolean {
  if (accept.includes(name)) {
    return true;
  }
  // Only the name of a time zone may have a slash, as in Europe/Berlin.
  const isPath = name === 'TZ' ? PATHLIKE.test(value) : value.includes('/');
  return acceptable.test(name) && !isPath;
}

/** Of the variables that the client asks for, those that it may not set. */
export function refusedVariables(
  asked: Readonly<Record<string, string>>,
  options: EnvironmentOptions,
): string[] {
  return Object.entries(asked).flatMap(([name, value]) =>
    accepts(name, value, options) ? [] : [name],
  );
}

/** The environment of one command, without the variables that the client may not set. */
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

/** PATH without relative and empty parts, so that no file in the command's folder is taken for a program. */
function searchPath(path: string | undefined): string {
  const folders = (path ?? '').split(':').filter((folder) => folder.startsWith('/'));
  return folders.length === 0 ? DEFAULT_PATH : folders.join(':');
}
