// Reads the bytes of a streamed send, piece by piece, from a Readable or any async iterable. A source may
// fail before it is read, stall, or outlive the connection. None of these may end the process, hold up a send
// for ever, or leave a file open.

import { Readable } from 'node:stream';
import type { Duplex } from 'node:stream';
import { UsageError } from '../errors.ts';
import { shown } from '../options.ts';
import { isBytes } from '../codec/bytes.ts';

/** A source of body bytes, piece by piece. Text is sent as UTF-8. A node Readable is such a source. */
export type BodyStream = AsyncIterable<Uint8Array | string>;

/**
 * Maximum length in bytes of a piece. Larger pieces are split, so that a single piece does not fill the
 * queue.
 */
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
    // A Readable may fail while the send waits in line. Without a listener that error would end the process.
    // Iterating the Readable later throws the same error.
    if (body instanceof Readable) {
      body.on('error', () => undefined);
    }
  }

  /** Reads the next bytes. Resolves with `undefined` when the source has ended or the duplex is closed. */
  async next(): Promise<Uint8Array | undefined> {
    const piece = this.#rest ?? (await this.#pull());
    if (piece === undefined || piece.length <= MAX_PIECE_LENGTH) {
      this.#rest = undefined;
      return piece;
    }
    this.#rest = piece.subarray(MAX_PIECE_LENGTH);
    return piece.subarray(0, MAX_PIECE_LENGTH);
  }

  /** Lets go of the source, and asks a source that has not ended to stop. */
  stop(): void {
    if (this.#body instanceof Readable) {
      this.#body.destroy();
    }
    // Do not await `leave`: a generator that awaits something returns only after that something has settled.
    else {
      leave(this.#iterator).catch(() => undefined);
    }
  }

  /** Calls `iterator.next()`, but gives up when the duplex closes, because the source may stall for ever. */
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

  /**
   * Resolves with the next result of the iterator, or with `undefined` when the duplex closes first. It
   * listens to the duplex only while it waits: many sends may wait in line, and each would hold a listener.
   */
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

/**
 * Asks the iterator to return. If `return` throws, this promise rejects; the caller ignores the rejection, so
 * the send goes on.
 */
async function leave(iterator: BodyIterator | undefined): Promise<void> {
  await iterator?.return?.();
}
