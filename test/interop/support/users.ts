// Servers that end their privileges: as whom they run where we are root, and folders that they may use.

import { execFile } from 'node:child_process';
import { chmod, chown } from 'node:fs/promises';
import { promisify } from 'node:util';

export interface User {
  readonly uid: number;
  readonly gid: number;
}

export const isRoot: boolean = process.getuid?.() === 0;

/** A user of this machine, where we may become another; else undefined: the server runs as we do. */
export async function userOf(name: string): Promise<User | undefined> {
  if (!isRoot) {
    return undefined;
  }
  const ids = await Promise.all(
    ['-u', '-g'].map((which) => promisify(execFile)('id', [which, name])),
  );
  const [uid, gid] = ids.map(({ stdout }) => Number(stdout));
  if (uid === undefined || gid === undefined) {
    throw new Error('id said nothing');
  }
  return { uid, gid };
}

/** Makes the folder one of that user, which others may enter. */
export async function giveFolder(folder: string, user: User | undefined): Promise<void> {
  if (user !== undefined) {
    await chown(folder, user.uid, user.gid);
    await chmod(folder, 0o755);
  }
}
