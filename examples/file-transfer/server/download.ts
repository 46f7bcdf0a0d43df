// A file on its way to a client.

import type { BigIntStats } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import type { Duplex } from 'node:stream';
import { addPrefix, Checksums } from '../both/checksums.ts';
import type { Sums } from '../both/checksums.ts';
import { sendFile } from '../both/pump.ts';
import { Refusal } from '../both/refusal.ts';
import type { Account } from './accounts.ts';
import { showSteps } from './home.ts';
import type { Steps } from './home.ts';
import type { Ready, Transfer } from './transfer.ts';

const PERMISSIONS = 0o777;

export interface Wanted {
  readonly steps: Steps;
  /** Length and SHA-256 of the client's part. */
  readonly have: number;
  readonly sha256: string;
  readonly md5: boolean;
}

export class Download implements Transfer {
  readonly title: string;
  readonly #file: FileHandle;
  readonly #begun: BigIntStats;
  readonly #wanted: Wanted;
  #sums: Checksums;
  #from = 0;
  #sent = 0;
  #stopped: Promise<void> | undefined;

  private constructor(file: FileHandle, begun: BigIntStats, wanted: Wanted) {
    this.title = `get ${showSteps(wanted.steps)}`;
    this.#file = file;
    this.#begun = begun;
    this.#wanted = wanted;
    this.#sums = new Checksums(wanted);
  }

  static async prepare(account: Account, wanted: Wanted): Promise<Download> {
    const file = await account.home.openFile(wanted.steps);
    return new Download(file, await file.stat({ bigint: true }), wanted);
  }

  get size(): number {
    return Number(this.#begun.size);
  }

  get position(): number {
    return this.#from + this.#sent;
  }

  /** Decides where to start: after the client's part if the file begins with it, else at 0. */
  async ready(): Promise<Ready> {
    const { have, sha256 } = this.#wanted;
    if (have > 0 && have <= this.size) {
      await addPrefix(this.#sums, this.#file, have);
      if (this.#sums.soFar() === sha256) {
        this.#from = have;
      } else {
        this.#sums = new Checksums(this.#wanted);
      }
    }
    const modified = Math.max(0, Number(this.#begun.mtimeMs));
    const mode = Number(this.#begun.mode) & PERMISSIONS;
    return { size: this.size, from: this.#from, mode, modified };
  }

  async run(channel: Duplex, from: number, onBytes: (length: number) => void): Promise<void> {
    if (from !== this.#from) {
      throw new Refusal('E_REQUEST', `The download starts at byte ${this.#from}, not ${from}.`);
    }
    channel.resume(); // The client sends nothing here, but read to see its end.
    await sendFile(this.#file, channel, {
      from,
      begun: this.#begun,
      sums: this.#sums,
      onBytes: (length) => {
        this.#sent += length;
        onBytes(length);
      },
    });
  }

  /** The client compares the sums, because it has the copy. */
  async finish(): Promise<Sums> {
    await this.stop();
    return this.#sums.digest();
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#file.close();
    return this.#stopped;
  }
}
