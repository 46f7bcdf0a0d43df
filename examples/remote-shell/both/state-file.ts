// State files. By its state file a server tells the clients of the same user on the same machine its address
// and its token. There is a file for each server. Clients take the newest file whose server runs.
//
// Rules:
// - The folder has mode 0700 and the file 0600. Both belong to the user, and neither is a symbolic link.
//   Otherwise they are neither written nor read, because in a shared /tmp another user may have made them.
// - The file appears whole: it is written under another name, then renamed. A server removes its file when it
//   ends. The next server to start removes the files of servers that were killed.

import { closeSync, constants, fstatSync, lstatSync, mkdirSync, openSync } from 'node:fs';
import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import type { Stats } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Trouble } from './trouble.ts';

const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;
const OTHERS = 0o077;
const FILE_NAME = /^server-(\d+)\.json$/;
const MAX_STATE = 16 * 1024;

export interface ServerState {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  readonly pid: number;
  /**
   * The random token. It is missing if the user gave the server a token; clients must then be given it, too.
   */
  readonly token?: string;
}

/** The folder of this user's state files, in $XDG_RUNTIME_DIR, or in the folder for temporary files. */
export function stateFolder(env: NodeJS.ProcessEnv = process.env): string {
  const runtime = env['XDG_RUNTIME_DIR'];
  if (runtime?.startsWith('/') === true) {
    return join(runtime, 'unstick-shell');
  }
  return join(tmpdir(), `unstick-shell-${process.getuid?.() ?? 'user'}`);
}

/** Makes the folder if it does not exist. Throws Trouble if it is not only this user's. */
export function openStateFolder(folder: string): string {
  try {
    mkdirSync(folder, { mode: FOLDER_MODE, recursive: true });
  } catch {
    // If there is something else of this name, the check below refuses it.
  }
  if (!isOwnFolder(folder)) {
    throw new Trouble(`${folder}: the folder cannot be made.`);
  }
  return folder;
}

/**
 * Whether the folder exists. Throws Trouble if it is a link, belongs to another user, or is open to others.
 */
function isOwnFolder(folder: string): boolean {
  const found = lstatSync(folder, { throwIfNoEntry: false });
  if (found === undefined) {
    return false;
  }
  if (!found.isDirectory()) {
    throw new Trouble(`${folder} is not a folder, or is a symbolic link.`);
  }
  checkOwn(folder, found);
  return true;
}

export function writeState(folder: string, state: ServerState): string {
  for (const pid of pidsIn(folder).filter((one) => !isAlive(one))) {
    rmSync(fileOf(folder, pid), { force: true });
  }
  const file = fileOf(folder, state.pid);
  const aside = `${file}.new`;
  rmSync(aside, { force: true });
  // 'wx' fails if the name exists, so we never write through a link.
  writeFileSync(aside, `${JSON.stringify(state)}\n`, { mode: FILE_MODE, flag: 'wx' });
  renameSync(aside, file);
  return file;
}

export function removeState(folder: string, pid: number = process.pid): void {
  rmSync(fileOf(folder, pid), { force: true });
}

/** The state of the newest running server, if there is one. Throws Trouble if others can read or write it. */
export function readState(folder: string): ServerState | undefined {
  if (!isOwnFolder(folder)) {
    return undefined;
  }
  const age = (pid: number): number =>
    lstatSync(fileOf(folder, pid), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const newest = pidsIn(folder)
    .filter(isAlive)
    .sort((one, other) => age(other) - age(one));
  for (const pid of newest) {
    const file = fileOf(folder, pid);
    const text = readOwnFile(file);
    if (text !== undefined) {
      return toState(text, file);
    }
  }
  return undefined;
}

function toState(text: string, file: string): ServerState {
  const { host, port, tls, pid, token } = parse(text);
  if (typeof host !== 'string' || typeof port !== 'number' || typeof pid !== 'number') {
    throw new Trouble(`${file} is damaged: it does not hold the server's host, port and pid.`);
  }
  const where = { host, port, tls: tls === true, pid };
  return typeof token === 'string' ? { ...where, token } : where;
}

function fileOf(folder: string, pid: number): string {
  return join(folder, `server-${pid}.json`);
}

/** The process ids of the servers that have a file here. */
function pidsIn(folder: string): number[] {
  return readdirSync(folder).flatMap((name) => {
    const pid = FILE_NAME.exec(name)?.[1];
    return pid === undefined ? [] : [Number(pid)];
  });
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Reads a file that only its owner can read; `undefined` if it does not exist. */
export function readOwnFile(path: string): string | undefined {
  let file: number;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      return undefined;
    }
    throw new Trouble(`${path} cannot be read, or is a symbolic link.`);
  }
  try {
    // Check the opened file, because the name may belong to another file by now.
    const found = fstatSync(file);
    checkOwn(path, found);
    if (!found.isFile() || found.size > MAX_STATE) {
      throw new Trouble(`${path} is not a file, or is longer than ${MAX_STATE} bytes.`);
    }
    return readFileSync(file, 'utf8');
  } finally {
    closeSync(file);
  }
}

function checkOwn(path: string, found: Stats): void {
  if (process.getuid !== undefined && found.uid !== process.getuid()) {
    throw new Trouble(`${path} belongs to another user, so it is not trusted.`);
  }
  if (process.platform !== 'win32' && (found.mode & OTHERS) !== 0) {
    throw new Trouble(`${path} is open to other users; if it is yours, run chmod go= ${path}`);
  }
}

function parse(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null
      ? Object.fromEntries(Object.entries(value))
      : {};
  } catch {
    return {};
  }
}
