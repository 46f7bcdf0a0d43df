// The home of a user. It turns what a user types into paths that cannot leave the home. A path is a list of
// single names, and `..` shortens that list before the file system sees it. A name stands for the exact bytes
// on the disk (raw-text.ts), while users see and type its shown form (shown-name.ts). Every directory on the
// way must be a real directory, not a symbolic link. The last name is opened with O_NOFOLLOW. (A local user
// of the machine could still swap a directory for a link between two steps, because Node has no openat. Users
// of this server cannot make links.)

import { constants } from 'node:fs';
import { lstat, mkdir, open, readdir, realpath, rename, rmdir, unlink } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import type { Stats } from 'node:fs';
import { join } from 'node:path';
import { onDisk, toWord } from '../../support/raw-text.ts';
import { quoted } from '../../support/shown.ts';
import { asRefusal, Refusal, systemCode } from '../both/refusal.ts';
import { fromShown, toShown } from '../both/shown-name.ts';
import type { Entry, Kind } from '../both/wire.ts';

/** The names on the way from the home down to a file or directory. */
export type Steps = readonly string[];

const MAX_NAME_BYTES = 255; // of nearly every file system
const MAX_PATH_LENGTH = 4096;
const MAX_DEPTH = 32;
/** Maximum number of entries in one answer to `ls`. Even with the longest names they fit into a message. */
export const PAGE: number = 500;

const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;

/** The name that has this shown form. Refuses a bad name and says why. */
export function checkName(shown: string): string {
  const refuse = (why: string): never => {
    throw new Refusal('E_NAME', `${quoted(shown)} ${why}.`);
  };
  if (shown.includes('\0') || shown.includes(String.raw`\x00`)) {
    refuse('contains a NUL');
  }
  if (/\p{Cs}/u.test(shown)) {
    refuse('is not Unicode');
  }
  if (/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u.test(shown)) {
    refuse('contains control characters');
  }
  if (/^[a-z]:/i.test(shown)) {
    refuse('looks like a Windows drive');
  }
  const name = fromShown(shown);
  if (name === undefined) {
    return refuse(
      String.raw`has a backslash; directories are separated by /, and \xHH is written as ls shows it`,
    );
  }
  if (name === '' || name === '.' || name === '..' || name.includes('/')) {
    refuse('is not a name');
  }
  if (lengthOf(name.normalize('NFC')) > MAX_NAME_BYTES) {
    refuse(`is longer than ${MAX_NAME_BYTES} bytes`);
  }
  return name;
}

function lengthOf(name: string): number {
  return Buffer.byteLength(onDisk(name));
}

/** The names in a directory, byte for byte. */
async function namesIn(directory: string): Promise<string[]> {
  return (await readdir(onDisk(directory), { encoding: 'buffer' })).map(toWord);
}

async function isThere(path: string): Promise<boolean> {
  return (await lstat(onDisk(path)).catch(() => undefined)) !== undefined;
}

/**
 * The path that `text` names. `text` has shown names and is relative to the directory `cwd`. A leading / is
 * the home, as `pwd` shows it.
 */
export function resolveSteps(cwd: Steps, text: string): Steps {
  if (text.length > MAX_PATH_LENGTH) {
    throw new Refusal('E_NAME', 'The path is too long.');
  }
  if (text === '') {
    throw new Refusal('E_NAME', 'A name is needed.');
  }
  const steps = text.startsWith('/') ? [] : [...cwd];
  for (const name of text.split('/')) {
    if (name === '' || name === '.') {
      continue;
    }
    if (name !== '..') {
      steps.push(checkName(name));
    } else if (steps.pop() === undefined) {
      throw new Refusal('E_OUTSIDE', `${quoted(text)} leaves your home.`);
    }
  }
  if (steps.length > MAX_DEPTH) {
    throw new Refusal('E_NAME', `Directories nest at most ${MAX_DEPTH} deep.`);
  }
  return steps;
}

export function showSteps(steps: Steps): string {
  return `/${steps.map(toShown).join('/')}`;
}

export class Home {
  readonly #root: string;

  /** `root` must be a real path, without symbolic links. */
  constructor(root: string) {
    this.#root = root;
  }

  /**
   * The same path in the spelling of the disk. A name can exist in NFC (é is one character) and in NFD (e and
   * an accent), and both look the same. The first that exists is taken: as typed, NFC, NFD. A new name gets
   * NFC.
   */
  async spelt(steps: Steps): Promise<Steps> {
    const found: string[] = [];
    for (const name of steps) {
      const forms = [...new Set([name, name.normalize('NFC'), name.normalize('NFD')])];
      const there = await Promise.all(
        forms.map((form) => isThere(join(this.#root, ...found, form))),
      );
      found.push(forms[there.indexOf(true)] ?? name.normalize('NFC'));
    }
    return found;
  }

  /**
   * The real path, whether or not it exists. Refuses unless all directories above it exist and are no links.
   */
  async locate(steps: Steps): Promise<string> {
    for (let depth = 1; depth < steps.length; depth++) {
      await this.#directory(steps.slice(0, depth));
    }
    const parent = join(this.#root, ...steps.slice(0, -1));
    // Check the path as a whole, too, although every single step was right.
    if (toWord(await realpath(onDisk(parent), { encoding: 'buffer' })) !== parent) {
      throw new Refusal('E_LINK', `${showSteps(steps)} is behind a symbolic link.`);
    }
    return join(this.#root, ...steps);
  }

  /** Describes the entry, if it exists. A link is described itself, not its target. */
  async find(steps: Steps): Promise<Entry | undefined> {
    const path = await this.locate(steps);
    try {
      return toEntry(toShown(steps.at(-1) ?? '/'), await lstat(onDisk(path)));
    } catch (error) {
      if (systemCode(error) === 'ENOENT') {
        return undefined;
      }
      throw asRefusal(error, showSteps(steps));
    }
  }

  async stat(steps: Steps): Promise<Entry> {
    const found = await this.find(steps);
    if (found !== undefined) {
      return found;
    }
    throw asRefusal(Object.assign(new Error(), { code: 'ENOENT' }), showSteps(steps));
  }

  /** Opens a file for reading. Refuses directories, links, pipes and devices. */
  async openFile(steps: Steps): Promise<FileHandle> {
    const name = showSteps(steps);
    const path = await this.locate(steps);
    let handle: FileHandle;
    try {
      // Without O_NONBLOCK, opening a pipe would wait for a writer.
      handle = await open(onDisk(path), O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    } catch (error) {
      throw asRefusal(error, name);
    }
    const stats = await handle.stat();
    if (stats.isFile()) {
      return handle;
    }
    await handle.close();
    if (stats.isDirectory()) {
      throw new Refusal('E_IS_DIRECTORY', `${name} is a directory.`);
    }
    throw new Refusal('E_NOT_FILE', `${name} is not a file.`);
  }

  /** Refuses a path that is not a directory. */
  async enter(steps: Steps): Promise<void> {
    await this.locate(steps);
    await this.#directory(steps);
  }

  /** Up to PAGE entries whose names sort after `after`, in the order of their shown names. */
  async list(steps: Steps, after: string): Promise<{ entries: Entry[]; isMore: boolean }> {
    await this.enter(steps);
    const directory = join(this.#root, ...steps);
    const names = (await namesIn(directory))
      .map((name) => ({ name, shown: toShown(name) }))
      .filter(({ shown }) => shown > after)
      .sort((one, other) => (one.shown < other.shown ? -1 : 1));
    const entries: Entry[] = [];
    for (const { name, shown } of names.slice(0, PAGE)) {
      const stats = await lstat(onDisk(join(directory, name))).catch(() => undefined);
      if (stats !== undefined) {
        entries.push(toEntry(shown, stats));
      } // Otherwise the entry was removed in the meantime.
    }
    return { entries, isMore: names.length > PAGE };
  }

  async makeDirectory(steps: Steps): Promise<void> {
    const path = await this.locate(steps);
    try {
      await mkdir(onDisk(path), { mode: 0o700 });
    } catch (error) {
      throw asRefusal(error, showSteps(steps));
    }
  }

  /** Removes a file, a link (not its target) or an empty directory. Returns what it held. */
  async remove(steps: Steps): Promise<Held> {
    checkNotHome(steps);
    const { kind, size } = await this.stat(steps);
    const path = await this.locate(steps);
    try {
      if (kind === 'directory') {
        await rmdir(onDisk(path));
      } else {
        await unlink(onDisk(path));
      }
    } catch (error) {
      throw asRefusal(error, showSteps(steps));
    }
    return { bytes: kind === 'file' ? size : 0, entries: 1 };
  }

  /** Removes a directory with all that is in it, or a file. Calls `onRemoved` for each entry removed. */
  async removeAll(steps: Steps, onRemoved: (held: Held) => void): Promise<void> {
    const { kind } = await this.stat(steps);
    if (kind === 'directory') {
      checkNotHome(steps);
      for (const name of await namesIn(await this.locate(steps))) {
        await this.removeAll([...steps, name], onRemoved);
      }
    }
    onRemoved(await this.remove(steps));
  }

  /** Renames or moves an entry. If `to` is a directory, the entry goes into it. Returns the new path. */
  async move(steps: Steps, to: Steps): Promise<Steps> {
    checkNotHome(steps);
    const { kind } = await this.stat(steps);
    const isInto = to.length === 0 || (await this.find(to))?.kind === 'directory';
    const target = isInto ? [...to, ...steps.slice(-1)] : to;
    if (kind === 'directory' && steps.every((step, at) => target[at] === step)) {
      throw new Refusal('E_NAME', `${showSteps(steps)} cannot be moved into itself.`);
    }
    if ((await this.find(target)) !== undefined) {
      throw new Refusal('E_EXISTS', `${showSteps(target)} exists already.`);
    }
    try {
      await rename(onDisk(await this.locate(steps)), onDisk(await this.locate(target)));
    } catch (error) {
      throw asRefusal(error, showSteps(steps));
    }
    return target;
  }

  async #directory(steps: Steps): Promise<void> {
    const name = showSteps(steps);
    try {
      const stats = await lstat(onDisk(join(this.#root, ...steps)));
      if (stats.isDirectory()) {
        return;
      }
      if (stats.isSymbolicLink()) {
        throw new Refusal('E_LINK', `${name} is a symbolic link, and links are not followed.`);
      }
    } catch (error) {
      throw asRefusal(error, name);
    }
    throw new Refusal('E_NOT_DIRECTORY', `${name} is not a directory.`);
  }
}

function checkNotHome(steps: Steps): void {
  if (steps.length === 0) {
    throw new Refusal('E_NAME', 'The home directory itself cannot be moved or removed.');
  }
}

/** The bytes of files, and the number of entries. */
export interface Held {
  readonly bytes: number;
  readonly entries: number;
}

/** Counts all files and entries in a directory and below it. Links are not followed. */
export async function heldBelow(directory: string): Promise<Held> {
  let [bytes, entries] = [0, 0];
  const options = { withFileTypes: true, encoding: 'buffer' } as const;
  for (const entry of await readdir(onDisk(directory), options)) {
    entries++;
    const path = join(directory, toWord(entry.name));
    if (entry.isDirectory()) {
      const below = await heldBelow(path);
      bytes += below.bytes;
      entries += below.entries;
    } else if (entry.isFile()) {
      bytes += (await lstat(onDisk(path))).size;
    }
  }
  return { bytes, entries };
}

/** The bytes of all files in a directory and below it. */
export async function bytesBelow(directory: string): Promise<number> {
  return (await heldBelow(directory)).bytes;
}

function toEntry(name: string, stats: Stats): Entry {
  const kind = kindOf(stats);
  const size = kind === 'file' ? stats.size : 0;
  return { name, kind, size, modified: Math.max(0, Math.floor(stats.mtimeMs)) };
}

function kindOf(stats: Stats): Kind {
  if (stats.isFile()) {
    return 'file';
  }
  if (stats.isDirectory()) {
    return 'directory';
  }
  return stats.isSymbolicLink() ? 'link' : 'other';
}
