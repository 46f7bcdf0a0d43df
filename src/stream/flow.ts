// How chunks come from a duplex: whether it may hand them over, and how many come all the same. It may while a
// reader waits, and we pause it otherwise.

import type { Duplex } from 'node:stream';
import { UsageError } from '../errors.ts';
import { holdBack, lend, lenderOf } from './read-buffer.ts';
import type { Borrower, Lender } from './read-buffer.ts';

/**
 * Maximum number of bytes that may come without a reader, behind the chunk after which we paused the duplex.
 * They come when other code resumes or pipes it.
 */
const MAX_INTRUDING_LENGTH = 1024 * 1024;

/** What a reader wants to know of a duplex. */
export interface FlowListeners {
  readonly data: (chunk: Uint8Array) => void;
  /** Called instead of `data` with a chunk in the read buffer. */
  readonly lent: Borrower;
  readonly end: () => void;
  readonly pause: () => void;
}

export class Flow {
  readonly #duplex: Duplex;
  readonly #listeners: FlowListeners;
  #lender: Lender | undefined;
  /** Whether we let the next chunk in. It may have any length: no other code is to blame for it. */
  #isLetIn = false;
  /** Bytes that came while we kept the duplex paused. */
  #intruding = 0;

  constructor(duplex: Duplex, listeners: FlowListeners) {
    this.#duplex = duplex;
    this.#listeners = listeners;
    const { data, lent, end, pause } = listeners;
    this.#lender = lenderOf(duplex);
    this.#lender?.lendTo(lent);
    duplex.on('data', data).on('end', end).on('pause', pause);
  }

  /** The reader only looks at what comes: has it see the read buffer, where that is possible. */
  borrow(): void {
    this.#lender ??= lend(this.#duplex);
    this.#lender?.lendTo(this.#listeners.lent);
  }

  /** Removes the listeners. */
  leave(): void {
    const { data, end, pause } = this.#listeners;
    this.#lender?.lendTo(undefined);
    this.#duplex.off('data', data).off('end', end).off('pause', pause);
  }

  /** Lets chunks in. When a reader waits for them, what came before counts no longer. */
  letIn(hasReader: boolean): void {
    this.#isLetIn = true;
    this.#intruding = hasReader ? 0 : this.#intruding;
    this.#duplex.resume();
  }

  pause(): void {
    holdBack(this.#duplex);
  }

  /**
   * Pauses the duplex behind a chunk. Call it for each chunk without a reader, because other code may have
   * resumed the duplex. Returns an error when too much has come.
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
    const facts = `${this.#intruding} bytes came without a reader: other code resumes or pipes this duplex.`;
    return new UsageError('ERR_CONCURRENT_READ', facts, {
      hint: 'Read it through this connection only.',
    });
  }
}
