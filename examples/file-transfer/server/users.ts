// The users file: for each user who may log in, what the server needs to recognise the password (see
// both/scram.ts), and the quota. A login reads the file again if it has changed, so a new user needs no
// restart of the server.

import { createHmac, randomBytes } from 'node:crypto';
import { mkdir, open, readFile, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Refusal, systemCode } from '../both/refusal.ts';
import { checkCost, deriveKeys, storedKeyOf, usualCost } from '../both/scram.ts';
import type { Cost } from '../both/scram.ts';
import { countOf, fieldsOf, textOf } from '../both/wire.ts';

export interface User {
  readonly name: string;
  readonly salt: string;
  readonly cost: Cost;
  readonly storedKey: string;
  readonly serverKey: string;
  /** Quota in bytes. */
  readonly quota: number;
}

interface UsersFile {
  /** Key from which the salts of unknown users are made. */
  readonly secret: string;
  readonly users: ReadonlyMap<string, User>;
}

const MIN_PASSWORD = 4;

/** Returns the name in NFC. It is also the name of a directory, so only a few characters may be in it. */
export function checkUserName(text: string): string {
  const name = text.normalize('NFC');
  if (/^[\p{L}\p{N}][\p{L}\p{M}\p{N}._-]{0,31}$/u.test(name)) {
    return name;
  }
  throw new Refusal(
    'E_NAME',
    'A user name has 1 to 32 letters, digits and . _ -, and begins with a letter or digit.',
  );
}

export class Users {
  readonly #path: string;
  readonly #directory: string;
  /** The file as it was last read: parsing thousands of users for each stranger would cost too much. */
  #last: { readonly version: string; readonly file: UsersFile } | undefined;

  constructor(root: string) {
    this.#directory = root;
    this.#path = join(root, 'users.json');
  }

  /**
   * Returns the user, or for an unknown name a fake user that has no valid password. So a client cannot
   * learn which users exist. The same name gets the same salt every time.
   */
  async find(text: string): Promise<{ user: User; exists: boolean }> {
    // Normalise first: a salt that changes with the spelling would show that the user is a fake.
    const name = text.normalize('NFC');
    const { secret, users } = await this.#read();
    const user = users.get(name);
    if (user !== undefined) {
      return { user, exists: true };
    }
    const salt = createHmac('sha256', secret).update(name).digest().subarray(0, 16);
    const noKey = randomBytes(32).toString('base64');
    const decoy = { name, salt: salt.toString('base64'), cost: usualCost, quota: 0 };
    return { user: { ...decoy, storedKey: noKey, serverKey: noKey }, exists: false };
  }

  async add(name: string, password: string, init: { quota: number; cost?: Cost }): Promise<User> {
    if (password.length < MIN_PASSWORD) {
      throw new Refusal('E_LOGIN', `A password has at least ${MIN_PASSWORD} characters.`);
    }
    const { quota, cost = usualCost } = init;
    const salt = randomBytes(16);
    const { clientKey, serverKey } = await deriveKeys(password, salt, cost);
    const user: User = {
      name: checkUserName(name),
      salt: salt.toString('base64'),
      cost,
      storedKey: storedKeyOf(clientKey).toString('base64'),
      serverKey: serverKey.toString('base64'),
      quota,
    };
    const { secret, users } = await this.#read();
    await this.#write({ secret, users: new Map([...users, [user.name, user]]) });
    return user;
  }

  async #read(): Promise<UsersFile> {
    try {
      const version = await this.#version();
      if (this.#last?.version !== version) {
        this.#last = { version, file: toFile(await readFile(this.#path, 'utf8')) };
      }
      return this.#last.file;
    } catch (error) {
      if (systemCode(error) !== 'ENOENT') {
        throw error;
      }
      const empty = { secret: randomBytes(32).toString('base64'), users: new Map() };
      await this.#write(empty);
      return empty;
    }
  }

  /** A text that is different after each change of the file, because a write makes a new file. */
  async #version(): Promise<string> {
    const { ino, size, mtimeNs } = await stat(this.#path, { bigint: true });
    return `${ino} ${size} ${mtimeNs}`;
  }

  /** Writes the file as a whole or not at all. Only its owner can read it. */
  async #write({ secret, users }: UsersFile): Promise<void> {
    await mkdir(this.#directory, { recursive: true, mode: 0o700 });
    const draft = `${this.#path}.${process.pid}.new`;
    const file = await open(draft, 'w', 0o600);
    try {
      const text = JSON.stringify({ secret, users: Object.fromEntries(users) }, undefined, 2);
      await file.writeFile(`${text}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, this.#path);
  }
}

function toFile(text: string): UsersFile {
  const fields = fieldsOf(JSON.parse(text));
  const users = Object.entries(fieldsOf(fields['users'])).map(([name, user]) => {
    return [name, toUser(name, user)] as const;
  });
  return { secret: textOf(fields, 'secret'), users: new Map(users) };
}

function toUser(name: string, value: unknown): User {
  const fields = fieldsOf(value);
  const cost = fieldsOf(fields['cost']);
  return {
    name,
    salt: textOf(fields, 'salt'),
    cost: checkCost({ n: countOf(cost, 'n'), r: countOf(cost, 'r'), p: countOf(cost, 'p') }),
    storedKey: textOf(fields, 'storedKey'),
    serverKey: textOf(fields, 'serverKey'),
    quota: countOf(fields, 'quota'),
  };
}
