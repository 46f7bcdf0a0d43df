// Decides when a duplex may hand over chunks: it may while a reader waits, and it is paused otherwise. Counts
// the bytes that come although the duplex is paused.

import type { Duplex } from 'node:stream';
import { UsageError } from '../errors.ts';
import { listen, READING, unlisten } from './listeners.ts';
import { holdBack, lend } from './read-buffer.ts';
import type { Borrower, Lender } from './read-buffer.ts';
import { quantity } from '../text.ts';

/**
 * Maximum number of bytes that may come without a reader, after the chunk at which we paused the duplex. Such
 * bytes come when other code resumes the duplex or pipes it somewhere.
 */
const MAX_INTRUDING_LENGTH = 1024 * 1024;

export class Flow {
  readonly #duplex: Duplex;
  #lender: Lender | undefined;
  /**
   * Whether we have asked for the next chunk. Such a chunk may have any length, because no other code asked
   * for it.
   */
  #isLetIn = false;
  /** Number of bytes that came while we kept the duplex paused. */
  #intruding = 0;

  constructor(duplex: Duplex) {
    this.#duplex = duplex;
    listen(duplex, READING);
  }

  /**
   * Called for a reader that only looks at bytes. If the socket can lend its read buffer, that reader sees
   * the buffer itself: `onLent` is then called instead of the 'data' listener.
   */
  borrow(half: Borrower): void {
    this.#lender ??= lend(this.#duplex);
    this.#lender?.lendTo(half);
  }

  /** Removes our listeners from the duplex. */
  leave(): void {
    this.#lender?.lendTo(undefined);
    unlisten(this.#duplex, READING);
  }

  /** Lets chunks in. If a reader waits for them, the count of intruding bytes starts at 0 again. */
  letIn(hasReader: boolean): void {
    this.#isLetIn = true;
    this.#intruding = hasReader ? 0 : this.#intruding;
    this.#duplex.resume();
  }

  pause(): void {
    holdBack(this.#duplex);
  }

  /**
   * Pauses the duplex after a chunk of `length` bytes. Call this for each chunk that came without a reader,
   * because other code may have resumed the duplex. Returns an error when too many bytes have come without a
   * reader.
   */
  hold(length: number): UsageError | undefined {
    this.pause();
    if (!this.#isLetIn) {
      this.#intruding += length;
    }
    this.#isLetIn = false;
    if (this.#intruding <= MAX_INTRUDING_LENGTH) {
      return undefined;
    }
    const facts = `${quantity(this.#intruding, 'byte')} came without a reader. Other code resumes or pipes this duplex.`;
    return new UsageError('ERR_CONCURRENT_READ', facts, {
      hint: 'Read the duplex only through this connection.',
    });
  }
}
