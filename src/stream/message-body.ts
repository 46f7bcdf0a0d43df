// The body of a message that is being received: a Readable that can also show its bytes without copying them.

import { Readable } from 'node:stream';
import { asError } from '../errors.ts';
import type { ReceiveOptions } from './framed-options.ts';

/** Function that is called with the next bytes of a body. The bytes are valid only during the call. */
export type BodyVisitor = (bytes: Uint8Array) => void;

type Visit = (visit: BodyVisitor, options: ReceiveOptions | undefined) => Promise<void>;

/**
 * Number of buffered bytes from which on a body reads no further ahead. It is the largest number that one
 * read of a socket gives.
 */
const HIGH_WATER_MARK = 64 * 1024;

/** The body of an incoming message, as a Readable of its bytes. */
export class MessageBody extends Readable {
  readonly #next: () => Promise<Uint8Array | undefined>;
  readonly #visit: Visit;

  constructor(next: () => Promise<Uint8Array | undefined>, visit: Visit) {
    super({ highWaterMark: HIGH_WATER_MARK });
    this.#next = next;
    this.#visit = visit;
  }

  /**
   * Shows the whole body to `visit`, piece by piece. The pieces may lie in memory that is reused, so they are
   * valid only during the visit: copy what you keep. This is faster than reading the stream, which needs new
   * memory for each piece. `timeout` and `signal` limit the whole call. If a call is given up, another
   * `visit` goes on with the rest of the body.
   */
  visit(visit: BodyVisitor, options?: ReceiveOptions): Promise<void> {
    return this.#visit(visit, options);
  }

  override _read(): void {
    this.#next().then(
      (bytes) => this.push(bytes ?? null),
      (error: unknown) => this.destroy(asError(error)),
    );
  }
}
