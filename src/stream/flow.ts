// Whether a duplex may hand over chunks: it may while a reader waits, and we pause it otherwise. Counts the
// bytes that come all the same.

import type { Duplex } from 'node:stream';
import { UsageError } from '../errors.ts';
import { holdBack } from './read-buffer.ts';

/**
 * Maximum number of bytes that may come without a reader, behind the chunk after which we paused the duplex.
 * They come when other code resumes or pipes it.
 */
const MAX_INTRUDING_LENGTH = 1024 * 1024;

export class Flow {
  readonly #duplex: Duplex;
  /** Whether we let the next chunk in. It may have any length: no other code is to blame for it. */
  #isLetIn = false;
  /** Bytes that came while we kept the duplex paused. */
  #intruding = 0;

  constructor(duplex: Duplex) {
    this.#duplex = duplex;
  }

  /** Lets chunks in. When a reader waits for them, what came before counts no longer. */
  letIn(hasReader: boolean): void {
    this.#isLetIn = true;
    this.#intruding = hasReader ? 0 : this.#intruding;
    this.#duplex.resume();
  }

  /**
   * Pauses the duplex behind a chunk. Call it for each chunk without a reader, because other code may have
   * resumed the duplex. Returns an error when too much has come.
   */
  hold(length: number): UsageError | undefined {
    holdBack(this.#duplex);
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
