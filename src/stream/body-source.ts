// Where the bytes of a streamed send come from: a Readable or any async iterable, read piece by piece.
// A source may fail before anybody reads it, may stall, and may outlive the connection: none of that
// may end the process, hold up a send for ever, or leave a file open.

import { Readable } from 'node:stream';
import type { Duplex } from 'node:stream';
import { UsageError } from '../errors.ts';
import { shown } from '../options.ts';
import { isBytes } from '../codec/bytes.ts';

/** Bytes as they come; text is sent as UTF-8. A node Readable is one. */
export type BodyStream = AsyncIterable<Uint8Array | string>;

/** Larger pieces are sent in several: one alone must not fill the queue. */
const MAX_PIECE_LENGTH = 1024 * 1024;

type BodyIterator = AsyncIterator<Uint8Array | string>;

export class BodySource {
  readonly #body: BodyStream;
  readonly #duplex: Duplex;
  #iterator: BodyIterator | undefined;
  #rest: Uint8Array | undefined;

  constructor(body: BodyStream, duplex: Duplex) {
    this.#body = body;
    this.#duplex = duplex;
    // It may fail while it waits in line; iterating it then gives the error.
    if (body instanceof Readable) {
      body.on('error', () => undefined);
    }
  }

  /** The next bytes; `undefined` when the source has ended or the duplex is closed. */
  async next(): Promise<Uint8Array | undefined> {
    const piece = this.#rest ?? (await this.#pull());
    if (piece === undefined || piece.length <= MAX_PIECE_LENGTH) {
      this.#rest = undefined;
      return piece;
    }
    this.#rest = piece.subarray(MAX_PIECE_LENGTH);
    return piece.subarray(0, MAX_PIECE_LENGTH);
  }

  /** Lets go of the source; one that has not ended is told to. */
  stop(): void {
    if (this.#body instanceof Readable) {
      this.#body.destroy();
    }
    // Not awaited: a generator that waits for something else returns only after that.
    else {
      leave(this.#iterator).catch(() => undefined);
    }
  }

  /** As `iterator.next()`, but a duplex that closes does not wait for a source that stalls. */
  async #pull(): Promise<Uint8Array | undefined> {
    const iterator = (this.#iterator ??= this.#body[Symbol.asyncIterator]());
    if (this.#duplex.closed) {
      return undefined;
    }
    const result = await this.#nextOrClose(iterator);
    if (result === undefined || result.done === true) {
      return undefined;
    }
    const { value } = result;
    if (typeof value === 'string') {
      return Buffer.from(value);
    }
    if (isBytes(value)) {
      return value;
    }
    throw new UsageError(
      'ERR_FRAME_UNENCODABLE',
      `A body must give bytes or text, not ${shown(value)}.`,
    );
  }

  /** Listens only while it waits: sends that stand in line would be many listeners. */
  #nextOrClose(iterator: BodyIterator): Promise<IteratorResult<Uint8Array | string> | undefined> {
    const duplex = this.#duplex;
    return new Promise((resolve, reject) => {
      const onClose = (): void => resolve(undefined);
      duplex.once('close', onClose);
      const pulled = (async () => iterator.next())();
      pulled.then(resolve, reject).finally(() => duplex.off('close', onClose));
    });
  }
}

/** A `return` that throws, or returns no promise, fails here and not where a send ends. */
async function leave(iterator: BodyIterator | undefined): Promise<void> {
  await iterator?.return?.();
}
