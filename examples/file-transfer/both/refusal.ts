// The refusals of the file server: a code that never changes, and a sentence for the user of the client. All
// other errors are bugs, and their text stays on the server.

/** Each code with its meaning in one line. */
export const refusals = {
  E_REQUEST: 'the request is not one that this server understands',
  E_LOGIN: 'the user or the password is wrong',
  E_LOCKED: 'too many wrong passwords; wait',
  E_NAME: 'a name that no file may have here',
  E_OUTSIDE: 'a path that leaves the home directory',
  E_LINK: 'a symbolic link, which is never followed',
  E_NO_FILE: 'there is no such file or directory',
  E_EXISTS: 'the name is taken',
  E_NOT_EMPTY: 'a directory that is not empty is not removed',
  E_IS_DIRECTORY: 'a directory where a file is needed',
  E_NOT_DIRECTORY: 'a file where a directory is needed',
  E_NOT_FILE: 'neither file nor directory: a pipe, a device, a socket',
  E_UNFINISHED: 'a part of this file is there already: resume, or start again?',
  E_BUSY: 'another program uses the file, or the server is doing too much at once',
  E_QUOTA: 'the file does not fit into the quota',
  E_DISK_FULL: 'there is no space left on the disk',
  E_CHANGED: 'the file changed while it was sent',
  E_LENGTH: 'more or fewer bytes came than were announced',
  E_CHECKSUM: 'what arrived is not what was sent',
  E_STALLED: 'nothing moved for too long',
  E_CANCELLED: 'the user cancelled it',
} as const;

export type RefusalCode = keyof typeof refusals;

export type Details = Readonly<Record<string, string | number>>;

export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly code: RefusalCode;
  readonly details: Details;

  constructor(code: RefusalCode, message: string, details: Details = {}) {
    super(message);
    this.code = code;
    this.details = details;
  }
}

/** The code of a system error such as ENOENT. */
export function systemCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}

/** Turns an error of the file system into a refusal about `name`. Returns unknown errors as they are. */
export function asRefusal(error: unknown, name: string): unknown {
  switch (systemCode(error)) {
    case 'ENOENT':
      return new Refusal('E_NO_FILE', `There is no ${name} in your home (/ is your home).`);
    case 'ELOOP':
      return new Refusal('E_LINK', `${name} is a symbolic link, and links are not followed.`);
    case 'ENOTDIR':
      return new Refusal('E_NOT_DIRECTORY', `${name} is not a directory.`);
    case 'EISDIR':
      return new Refusal('E_IS_DIRECTORY', `${name} is a directory.`);
    case 'EEXIST':
      return new Refusal('E_EXISTS', `${name} exists already.`);
    case 'ENOTEMPTY':
      return new Refusal('E_NOT_EMPTY', `${name} is not empty.`);
    case 'ENXIO':
      return new Refusal('E_NOT_FILE', `${name} is not a file.`);
    case 'ENOSPC':
    case 'EDQUOT':
    case 'EFBIG':
      return new Refusal('E_DISK_FULL', `There is no space left on the disk for ${name}.`);
    default:
      return error;
  }
}
