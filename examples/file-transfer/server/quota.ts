// How much a user may keep. An upload reserves its whole length before the first byte comes, and returns the
// unused rest. So two uploads cannot both fit where there is room for one. Pure bookkeeping.

import { Refusal } from '../both/refusal.ts';

export class Quota {
  /** The quota. It may change at any time, and files that exist stay. */
  limit: number;
  #used: number;
  #reserved = 0;

  constructor(limit: number, used: number) {
    this.limit = limit;
    this.#used = used;
  }

  /** Number of bytes of files and unfinished uploads on the disk. */
  get used(): number {
    return this.#used;
  }

  /** Number of bytes that uploads have reserved and that have not come. */
  get reserved(): number {
    return this.#reserved;
  }

  /** Reserves `length` bytes, or refuses. */
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
  /** Ends the upload, which left this many more bytes on the disk. Only the first call counts. */
  settle(written: number): void;
}
