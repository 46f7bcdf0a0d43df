// The state of a user while the server runs: the home, the quota, and the running uploads. All connections of
// the user share it.
//
//   ROOT/homes/alice/   the files that alice sees
//   ROOT/parts/alice/   her unfinished uploads, on the same disk, so that a rename moves them

import { createHash } from 'node:crypto';
import { lstat, mkdir, readdir, realpath, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { bytesBelow, heldBelow, Home, showSteps } from './home.ts';
import type { Steps } from './home.ts';
import { Refusal } from '../both/refusal.ts';
import { Quota } from './quota.ts';
import type { User } from './users.ts';

/** Maximum number of unfinished uploads of a user. */
const MAX_UNFINISHED = 1000;

export class Account {
  readonly name: string;
  readonly home: Home;
  readonly quota: Quota;
  readonly partsDirectory: string;
  /** The part files that uploads are writing. */
  readonly #busy = new Set<string>();
  #changing: Promise<void> = Promise.resolve();

  constructor(name: string, home: Home, parts: { directory: string; quota: Quota }) {
    this.name = name;
    this.home = home;
    this.partsDirectory = parts.directory;
    this.quota = parts.quota;
  }

  /** The path of the unfinished upload of a file, the same in every attempt. */
  partPath(steps: Steps): string {
    const id = createHash('sha256').update(showSteps(steps)).digest('hex');
    return join(this.partsDirectory, `${id}.part`);
  }

  /** Reserves the part file for one upload. Returns a function that frees it; `undefined` if it is taken. */
  occupy(partPath: string): (() => void) | undefined {
    if (this.#busy.has(partPath)) {
      return undefined;
    }
    this.#busy.add(partPath);
    let isOpen = true;
    return () => {
      if (isOpen) {
        this.#busy.delete(partPath);
      }
      isOpen = false;
    };
  }

  /** Runs a change of files and quota when no other change runs, so that the quota's count stays right. */
  alone<T>(change: () => Promise<T>): Promise<T> {
    const result = this.#changing.then(change);
    this.#changing = result.then(
      () => undefined,
      () => undefined,
    );
    return result;
  }

  /** Refuses a further upload if the user has MAX_UNFINISHED unfinished ones. */
  async checkUnfinished(): Promise<void> {
    if ((await readdir(this.partsDirectory)).length >= MAX_UNFINISHED) {
      const message = `You have ${MAX_UNFINISHED} unfinished uploads; "discard" removes them.`;
      throw new Refusal('E_QUOTA', message);
    }
  }

  unfinishedBytes(): Promise<number> {
    return bytesBelow(this.partsDirectory);
  }

  /** Removes the parts of earlier uploads that nobody is writing. Returns the number of bytes freed. */
  async discardUnfinished(): Promise<number> {
    let freed = 0;
    for (const name of await readdir(this.partsDirectory)) {
      const path = join(this.partsDirectory, name);
      const unlock = this.occupy(path);
      if (unlock === undefined) {
        continue;
      } // Skip it: an upload is writing it.
      try {
        const { size } = await lstat(path);
        await rm(path);
        freed += size;
        this.quota.free(size);
      } finally {
        unlock();
      }
    }
    return freed;
  }
}

export class Accounts {
  readonly #root: string;
  /** Maximum number of files and directories of a user. */
  readonly #maxEntries: number;
  readonly #accounts = new Map<string, Promise<Account>>();

  constructor(root: string, maxEntries = Infinity) {
    this.#root = root;
    this.#maxEntries = maxEntries;
  }

  /** The account of a user who has logged in. The user's files are counted when it is first asked for. */
  async of(user: User): Promise<Account> {
    let opening = this.#accounts.get(user.name);
    if (opening === undefined) {
      opening = this.#open(user);
      this.#accounts.set(user.name, opening);
      opening.catch(() => this.#accounts.delete(user.name));
    }
    const account = await opening;
    account.quota.limit = user.quota;
    return account;
  }

  async #open({ name, quota }: User): Promise<Account> {
    const [home, directory] = await Promise.all([
      this.#directory('homes', name),
      this.#directory('parts', name),
    ]);
    const held = await heldBelow(home);
    const used = held.bytes + (await bytesBelow(directory));
    const limits = { bytes: quota, entries: this.#maxEntries };
    return new Account(name, new Home(home), {
      directory,
      quota: new Quota(limits, used, held.entries),
    });
  }

  async #directory(kind: string, name: string): Promise<string> {
    const path = join(this.#root, kind, name);
    await mkdir(path, { recursive: true, mode: 0o700 });
    return await realpath(path);
  }
}
