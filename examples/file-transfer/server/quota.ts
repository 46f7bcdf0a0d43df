// How much a user may keep. An upload reserves all that it will need before its first byte comes, so two
// at once cannot both fit where only one does, and gives back what it did not use. Pure bookkeeping.

import { Refusal } from '../both/refusal.ts';

export class Quota {
  /** May change at any time; what is there stays. */
  limit: number;
  #used: number;
  #reserved = 0;

  constructor(limit: number, used: number) {
    this.limit = limit;
    this.#used = used;
  }

  /** Bytes on the disk, of files and of unfinished uploads. */
  get used(): number {
    return this.#used;
  }

  /** Bytes that are promised to uploads and not yet there. */
  get reserved(): number {
    return this.#reserved;
  }

  /** Keeps room for `length` bytes, or refuses. */
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

  /** Bytes were taken off the disk. */
  free(length: number): void {
    this.#used = Math.max(0, this.#used - length);
  }
}

export interface Reservation {
  /** Ends the upload, which left this many more bytes on the disk. Only the first call counts. */
  settle(written: number): void;
}
