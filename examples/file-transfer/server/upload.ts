// A file on its way from a client. Its states:
//
//   prepare   checks that the name is free (or may be replaced), that no other upload has it, and that quota
//             and disk have room. Reserves the part file and the bytes.
//   ready     hashes the part of an earlier attempt, so that the client can compare it
//   run       appends the bytes to the part file
//   finish    compares the checksums. If they are equal, the part file gets its name and counts.
//   stop      gives everything back, from every state. The part stays for `--resume`, unless its bytes may be
//             wrong or the disk is full.

import type { Duplex } from 'node:stream';
import { isUnstickError } from '../../../src/entries/main.ts';
import { addPrefix, Checksums } from '../both/checksums.ts';
import type { Sums } from '../both/checksums.ts';
import { checkSpace, PartFile } from '../both/part-file.ts';
import { receiveFile } from '../both/pump.ts';
import { Refusal } from '../both/refusal.ts';
import type { Looks, Unfinished } from '../both/wire.ts';
import type { Account } from './accounts.ts';
import { showSteps } from './home.ts';
import type { Steps } from './home.ts';
import type { Reservation } from './quota.ts';
import type { Ready, Transfer } from './transfer.ts';

export interface Offered {
  readonly steps: Steps;
  readonly size: number;
  readonly overwrite: boolean;
  readonly unfinished: Unfinished;
  readonly md5: boolean;
  readonly looks?: Looks | undefined;
}

/** After these errors the part file is removed: its bytes may be wrong, or it fills the disk. */
const uselessAfter = new Set(['E_CHANGED', 'E_CHECKSUM', 'E_LENGTH', 'E_DISK_FULL']);

export class Upload implements Transfer {
  readonly title: string;
  readonly #account: Account;
  readonly #offered: Offered;
  readonly #part: PartFile;
  readonly #unlock: () => void;
  #sums: Checksums;
  #reservations: Reservation[] = [];
  /** Number of bytes of the part file that the quota counts as used. */
  #counted: number;
  #isLanded = false;
  #stopped: Promise<void> | undefined;

  private constructor(
    account: Account,
    offered: Offered,
    held: { part: PartFile; unlock: () => void },
  ) {
    this.title = `put ${showSteps(offered.steps)}`;
    this.#account = account;
    this.#offered = offered;
    this.#part = held.part;
    this.#unlock = held.unlock;
    this.#sums = new Checksums(offered);
    this.#counted = held.part.length;
  }

  static async prepare(account: Account, offered: Offered): Promise<Upload> {
    const { steps } = offered;
    const name = showSteps(steps);
    await checkTarget(account, offered);
    const path = account.partPath(steps);
    const unlock = account.occupy(path);
    if (unlock === undefined) {
      throw new Refusal('E_BUSY', `${name} is being uploaded already.`);
    }
    try {
      const part = await PartFile.open(path, name);
      const upload = new Upload(account, offered, { part, unlock });
      await upload.#reserve().catch(async (error: unknown) => {
        await upload.stop(undefined);
        throw error;
      });
      return upload;
    } catch (error) {
      unlock();
      throw error;
    }
  }

  get size(): number {
    return this.#offered.size;
  }

  get position(): number {
    return this.#part.length;
  }

  async ready(): Promise<Ready> {
    await addPrefix(this.#sums, this.#part.handle, this.#part.length);
    return { have: this.#part.length, sha256: this.#sums.soFar() };
  }

  async run(channel: Duplex, from: number, onBytes: (length: number) => void): Promise<void> {
    if (from !== 0 && from !== this.#part.length) {
      throw new Refusal(
        'E_REQUEST',
        `The upload goes on at byte ${this.#part.length} or starts at 0, not at ${from}.`,
      );
    }
    if (from === 0) {
      await this.#startOver();
    }
    try {
      await receiveFile(channel, this.#part, { size: this.size, sums: this.#sums, onBytes });
    } catch (error) {
      // The client resets the channel with this reason if its file changed.
      if (!isUnstickError(error) || error.remoteReason !== 'E_CHANGED') {
        throw error;
      }
      throw new Refusal('E_CHANGED', 'The file changed while it was sent; send it again.');
    }
    channel.end();
  }

  async finish(sha256: string | undefined): Promise<Sums> {
    const sums = this.#sums.digest();
    if (sums.sha256 !== sha256) {
      throw new Refusal('E_CHECKSUM', 'The checksums differ: what arrived is not what was sent.');
    }
    await this.#part.keep(this.#offered.looks);
    await this.#part.complete(this.size);
    await this.#account.alone(() => this.#land());
    await this.stop(undefined);
    return sums;
  }

  stop(why: unknown): Promise<void> {
    this.#stopped ??= this.#stop(why).finally(this.#unlock);
    return this.#stopped;
  }

  async #land(): Promise<void> {
    const { steps, size, overwrite } = this.#offered;
    const { home, quota } = this.#account;
    const replaced = await home.find(steps);
    if (replaced === undefined) {
      quota.checkEntries();
    }
    await this.#part.land(await home.locate(steps), { overwrite });
    this.#isLanded = true;
    this.#settle(size - this.#counted);
    if (replaced === undefined) {
      quota.addEntry();
    }
    if (replaced?.kind === 'file') {
      quota.free(replaced.size);
    }
  }

  async #stop(why: unknown): Promise<void> {
    if (this.#isLanded) {
      return;
    }
    await this.#part.close();
    const length = await this.#part.lengthOnDisk();
    const isUseless = why instanceof Refusal && uselessAfter.has(why.code);
    if (isUseless || length === 0) {
      await this.#part.discard();
      this.#settle(0);
      this.#account.quota.free(this.#counted);
    } else {
      this.#settle(length - this.#counted);
    }
  }

  /**
   * Reserves quota for the bytes that the part lacks, before they come. Refuses a part if `unfinished` is
   * 'ask'.
   */
  async #reserve(): Promise<void> {
    const { steps, size, unfinished } = this.#offered;
    const have = this.#part.length;
    const name = showSteps(steps);
    if (have > 0 && unfinished === 'ask') {
      const message = `${have} bytes of ${name} are here from an earlier attempt.`;
      throw new Refusal('E_UNFINISHED', message, { have });
    }
    this.#reservations.push(this.#account.quota.reserve(Math.max(0, size - have)));
    await checkSpace(this.#account.partsDirectory, size - have, name);
    if (unfinished === 'restart' || have > size) {
      await this.#startOver();
    }
  }

  /** Drops the part of an earlier attempt, and reserves its bytes again for the new one. */
  async #startOver(): Promise<void> {
    const { quota } = this.#account;
    const length = this.#part.length;
    if (length === 0) {
      return;
    }
    await this.#part.empty();
    this.#sums = new Checksums(this.#offered);
    quota.free(this.#counted);
    this.#counted = 0;
    this.#reservations.push(quota.reserve(Math.min(length, this.size)));
  }

  #settle(written: number): void {
    const [first, ...others] = this.#reservations;
    first?.settle(written);
    for (const other of others) {
      other.settle(0);
    }
  }
}

async function checkTarget(account: Account, { steps, overwrite }: Offered): Promise<void> {
  const name = showSteps(steps);
  if (steps.length === 0) {
    throw new Refusal('E_NAME', 'A file needs a name.');
  }
  const there = await account.home.find(steps);
  if (there === undefined) {
    account.quota.checkEntries();
    await account.checkUnfinished();
    return;
  }
  if (there.kind === 'directory') {
    throw new Refusal('E_IS_DIRECTORY', `${name} is a directory.`);
  }
  if (there.kind === 'link') {
    throw new Refusal('E_LINK', `${name} is a symbolic link, and links are not followed.`);
  }
  if (there.kind !== 'file') {
    throw new Refusal('E_NOT_FILE', `${name} is not a file.`);
  }
  if (overwrite) {
    return;
  }
  const { size, modified } = there;
  throw new Refusal('E_EXISTS', `${name} exists already.`, { size, modified });
}
