// How much a user may keep. An upload reserves its whole length before the first byte comes, and gives back
// what it did not use. So two uploads cannot both start where there is room for one. This file only counts,
// and looks at no disk.

import { Refusal } from '../both/refusal.ts';

export interface QuotaLimits {
  /** Maximum number of bytes. */
  readonly bytes: number;
  /** Maximum number of files and directories. Default: no limit. */
  readonly entries?: number;
}

export class Quota {
  /** Maximum number of bytes. It may change at any time; existing files stay. */
  limit: number;
  #used: number;
  #reserved = 0;

  readonly #maxEntries: number;
  #entries: number;

  constructor({ bytes, entries = Infinity }: QuotaLimits, used: number, held = 0) {
    this.limit = bytes;
    this.#used = used;
    this.#maxEntries = entries;
    this.#entries = held;
  }

  /** Refuses a further file or directory above the limit: each costs the disk more than its bytes. */
  checkEntries(): void {
    if (this.#entries >= this.#maxEntries) {
      const message = `You have ${this.#entries} files and directories; ${this.#maxEntries} are allowed.`;
      throw new Refusal('E_QUOTA', message, { entries: this.#entries });
    }
  }

  /** Counts a new file or directory. */
  addEntry(): void {
    this.#entries++;
  }

  /** Counts files and directories that were removed. */
  freeEntries(count: number): void {
    this.#entries = Math.max(0, this.#entries - count);
  }

  /** Number of bytes of files and unfinished uploads on the disk. */
  get used(): number {
    return this.#used;
  }

  /** Number of bytes that running uploads have reserved. */
  get reserved(): number {
    return this.#reserved;
  }

  /** Reserves `length` bytes. Refuses if fewer are free. */
  reserve(length: number): Reservation {
    const free = Math.max(0, this.limit - this.#used - this.#reserved);
    if (length > free) {
      const numbers = { limit: this.limit, used: this.#used, reserved: this.#reserved };
      const room = `${length} bytes are needed, and ${free} of your ${this.limit} are free`;
      const why = this.#reserved > 0 ? ` (${this.#reserved} are reserved by other uploads)` : '';
      throw new Refusal('E_QUOTA', `${room}${why}.`, { needed: length, free, ...numbers });
    }
    this.#reserved += length;
    let isOpen = true;
    return {
      settle: (written) => {
        if (!isOpen) {
          return;
        }
        isOpen = false;
        this.#reserved -= length;
        this.#used += written;
      },
    };
  }

  /** Counts bytes that were removed from the disk. */
  free(length: number): void {
    this.#used = Math.max(0, this.#used - length);
  }
}

export interface Reservation {
  /** Ends the reservation and counts `written` bytes as used. Only the first call counts. */
  settle(written: number): void;
}
