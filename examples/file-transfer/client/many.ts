// Several files of one command: names with * and ?, directories with all that is in them, and a queue.
//
// Rules:
// - Eight transfers run at once, and further ones wait, because a server takes 16 from one connection.
// - A transfer that fails is reported with its name, and the others go on.
// - A name that a server lists becomes a single name in a local path, so it may not be .. or contain a /.

import { mkdir, readdir, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { onDisk, toWord } from '../../support/raw-text.ts';
import { Refusal } from '../both/refusal.ts';
import { fromShown, fromTyped, toShown } from '../both/shown-name.ts';
import { entryOf } from '../both/wire.ts';
import { get } from './get.ts';
import { entriesIn } from './listing.ts';
import { localName } from './local-name.ts';
import { put } from './put.ts';
import { ask, codeOf } from './transfer.ts';
import type { Session, TransferFlags } from './transfer.ts';
import { About } from './trouble.ts';

/** Maximum number of transfers at once. */
const AT_ONCE = 8;
const MAX_DEPTH = 32;

/** One transfer of a command. */
export interface Task {
  readonly name: string;
  readonly run: () => Promise<void>;
}

/** Finds the transfers that a name on the command line asks for. */
export type Finder = (session: Session, name: string, flags: TransferFlags) => AsyncIterable<Task>;

export async function moveAll(
  session: Session,
  find: Finder,
  { names, flags }: { readonly names: readonly string[]; readonly flags: TransferFlags },
): Promise<void> {
  if (flags.as !== undefined && (names.length > 1 || flags.r === true)) {
    throw new Refusal(
      'E_NAME',
      '--as names one file, so it goes neither with several names nor with -r.',
    );
  }
  const failures: unknown[] = [];
  const tasks = everyTask(session, find, { names, flags });
  let count = 0;
  const worker = async (): Promise<void> => {
    for await (const task of shared(tasks)) {
      count++;
      await runTask(session, task).catch((error: unknown) => failures.push(about(task, error)));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  if (failures.length === 1 && count === 1) {
    throw failures[0] instanceof About ? failures[0].cause : failures[0];
  }
  if (failures.length > 0) {
    throw new AggregateError(failures);
  }
}

function about(task: Task, error: unknown): About {
  return error instanceof About ? error : new About(task.name, error);
}

async function runTask({ signal }: Session, task: Task): Promise<void> {
  if (signal?.aborted === true) {
    throw new Refusal('E_CANCELLED', `${task.name}: cancelled before it began.`);
  }
  await task.run();
}

/** The tasks of all names. A name that cannot be read is a task that fails. */
async function* everyTask(
  session: Session,
  find: Finder,
  { names, flags }: { readonly names: readonly string[]; readonly flags: TransferFlags },
): AsyncGenerator<Task> {
  for (const name of names) {
    try {
      yield* find(session, name, flags);
    } catch (error) {
      yield { name: fromTyped(name), run: () => Promise.reject(error) };
    }
  }
}

/**
 * Lets several loops share one generator: each value goes to one loop, and no loop ends it for the others.
 */
function shared<T>(generator: AsyncGenerator<T>): AsyncIterable<T> {
  return { [Symbol.asyncIterator]: () => ({ next: () => generator.next() }) };
}

/** The transfers of `put` for one name. With -r it makes the directories on the server on the way. */
export async function* sending(
  session: Session,
  typed: string,
  flags: TransferFlags,
): AsyncGenerator<Task> {
  const { directory } = session;
  const name = await localWord(directory, typed);
  const from = dirname(name);
  const folder = resolve(directory, from);
  const isPattern = hasPattern(basename(name)) && !(await exists(resolve(directory, name)));
  const found = isPattern ? matching(await namesIn(folder), name) : [basename(name)];
  for (const one of found) {
    const local = name.startsWith('/') || from !== '.' ? join(from, one) : one;
    if (flags.r === true && (await isFolder(resolve(directory, local)))) {
      yield* sendingTree(session, {
        local,
        remote: toShown(basename(resolve(directory, local))),
        flags,
      });
    } else {
      yield { name: toShown(local), run: () => put(session, local, flags) };
    }
  }
}

/** The name of a local file as it was typed: as it is on the disk, or else in its shown form. */
async function localWord(directory: string, typed: string): Promise<string> {
  const names = typed.split('/').map((one) => (one === '' ? one : fromShown(one)));
  if ((await exists(resolve(directory, typed))) || names.includes(undefined)) {
    return typed;
  }
  const word = names.join('/');
  return (await exists(resolve(directory, word))) ? word : typed;
}

interface Tree {
  readonly local: string;
  readonly remote: string;
  readonly flags: TransferFlags;
}

async function* sendingTree(session: Session, tree: Tree, depth = 0): AsyncGenerator<Task> {
  const { local, remote, flags } = tree;
  checkDepth(toShown(local), depth);
  await ask(session.peer, 'mkdir', { path: remote }).catch((error: unknown) => {
    if (codeOf(error) !== 'E_EXISTS') {
      throw error;
    }
  });
  const options = { withFileTypes: true, encoding: 'buffer' } as const;
  for (const entry of await readdir(onDisk(resolve(session.directory, local)), options)) {
    const name = toWord(entry.name);
    const inside = { local: join(local, name), remote: `${remote}/${toShown(name)}`, flags };
    const shown = toShown(inside.local);
    if (entry.isDirectory()) {
      yield* sendingTree(session, inside, depth + 1);
    } else if (entry.isFile()) {
      const run = (): Promise<void> => put(session, inside.local, { ...flags, as: inside.remote });
      yield { name: shown, run };
    } else {
      const why = new Refusal('E_NOT_FILE', `${shown} is no file and no folder: left out.`);
      yield { name: shown, run: () => Promise.reject(why) };
    }
  }
}

/** The transfers of `get` for one name. With -r it makes the local directories on the way. */
export async function* fetching(
  session: Session,
  typed: string,
  flags: TransferFlags,
): AsyncGenerator<Task> {
  const name = fromTyped(typed);
  const last = name.slice(name.lastIndexOf('/') + 1);
  const folder = name.slice(0, name.length - last.length);
  if (flags.r !== true && !hasPattern(last)) {
    yield { name, run: () => get(session, name, flags) };
    return;
  }
  const isThere = (path: string): Promise<unknown> => ask(session.peer, 'stat', { path });
  const isPattern = hasPattern(last) && !(await isThere(name).catch(() => undefined));
  const found = isPattern ? await remoteNames(session, folder, last) : [last];
  for (const one of found) {
    const remote = `${folder}${one}`;
    const { kind } = entryOf(await isThere(remote));
    if (flags.r === true && kind === 'directory') {
      const local = localName(one === '' || one === '.' ? 'home' : one);
      yield* fetchingTree(session, { local, remote, flags });
    } else {
      yield { name: remote, run: () => get(session, remote, flags) };
    }
  }
}

async function remoteNames(session: Session, folder: string, pattern: string): Promise<string[]> {
  const names: string[] = [];
  for await (const entry of entriesIn(session.peer, folder === '' ? '.' : folder)) {
    names.push(entry.name);
  }
  return matching(names, `${folder}${pattern}`);
}

async function* fetchingTree(session: Session, tree: Tree, depth = 0): AsyncGenerator<Task> {
  const { local, remote, flags } = tree;
  checkDepth(remote, depth);
  await mkdir(onDisk(resolve(session.directory, local)), { recursive: true });
  for await (const { name, kind } of entriesIn(session.peer, remote)) {
    const there = `${remote}/${name}`;
    if (kind === 'directory') {
      yield* fetchingTree(
        session,
        { local: join(local, localName(name)), remote: there, flags },
        depth + 1,
      );
    } else if (kind === 'file') {
      const inside = { ...session, directory: resolve(session.directory, local) };
      const run = (): Promise<void> => get(inside, there, { ...flags, as: localName(name) });
      yield { name: there, run };
    } else {
      const why = new Refusal('E_NOT_FILE', `${there} is no file and no folder: left out.`);
      yield { name: there, run: () => Promise.reject(why) };
    }
  }
}

function checkDepth(name: string, depth: number): void {
  if (depth > MAX_DEPTH) {
    throw new Refusal('E_NAME', `${name}: directories nest at most ${MAX_DEPTH} deep.`);
  }
}

export function hasPattern(name: string): boolean {
  return /[*?]/.test(name);
}

/** The names that match the last part of the pattern, sorted. Refuses if no name does. */
function matching(names: readonly string[], pattern: string): string[] {
  const last = pattern.slice(pattern.lastIndexOf('/') + 1);
  const found = names.filter((name) => matches(name, last)).sort();
  if (found.length === 0) {
    throw new Refusal('E_NO_FILE', `No name matches ${pattern}.`);
  }
  return found;
}

/**
 * Whether a name matches a pattern with * and ?. As in a shell, they match no name that begins with a dot.
 * Each * first matches no character. If the rest does not match, only the last * takes one more. So this is
 * quick for any pattern.
 */
export function matches(name: string, pattern: string): boolean {
  if (name.startsWith('.') && !pattern.startsWith('.')) {
    return false;
  }
  const [chars, wanted] = [Array.from(name), Array.from(pattern)];
  let [at, next, star, mark] = [0, 0, -1, 0];
  while (at < chars.length) {
    if (wanted[next] === '*') {
      star = next++;
      mark = at;
    } else if (next < wanted.length && (wanted[next] === '?' || wanted[next] === chars[at])) {
      next++;
      at++;
    } else if (star >= 0) {
      next = star + 1;
      at = ++mark;
    } else {
      return false;
    }
  }
  return wanted.slice(next).every((one) => one === '*');
}

async function namesIn(folder: string): Promise<string[]> {
  return (await readdir(onDisk(folder), { encoding: 'buffer' })).map(toWord);
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(onDisk(path)).catch(() => undefined))?.isDirectory() === true;
}

async function exists(path: string): Promise<boolean> {
  return (await stat(onDisk(path)).catch(() => undefined)) !== undefined;
}
