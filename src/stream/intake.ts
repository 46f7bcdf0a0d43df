// The decoder of a connection, as its reader meets it: values are counted, published and copied here
// as they are taken, and nowhere else.

import type { Duplex } from 'node:stream';
import { NO_BYTES } from '../codec/bytes.ts';
import type { Decoder, FrameDecoder, FrameVisitor } from '../codec/codec.ts';
import { UsageError } from '../errors.ts';
import { frameChannel } from './diagnostics.ts';
import { ownBytes } from './own-bytes.ts';
import type { Owner } from './owner.ts';
import { whileVisiting } from './visiting.ts';

export class Intake<T> {
  readonly decoder: Decoder<T>;
  readonly #owner: Owner;
  /** What ended a batch before its time: the next question gets it. */
  #kept: { readonly error: unknown } | undefined;
  /** Counted since the connection was framed. `largest` is in bytes on the wire; payload bytes by scan. */
  bytes = 0;
  frames = 0;
  largest = 0;

  constructor(decoder: Decoder<T>, owner: Owner) {
    this.decoder = decoder;
    this.#owner = owner;
  }

  get buffered(): number {
    return this.decoder.bufferedLength;
  }

  /** Nothing is begun: the end of input here is a clean one. */
  get isAtBoundary(): boolean {
    return this.decoder.atBoundary ?? this.decoder.bufferedLength === 0;
  }

  /** A duplex that breaks while it is paused still has what it read before. */
  salvage(duplex: Duplex): void {
    for (;;) {
      const chunk: unknown = duplex.read();
      if (!(chunk instanceof Uint8Array)) {
        return;
      }
      this.bytes += chunk.length;
      this.decoder.push(chunk);
    }
  }

  take(): T | undefined {
    if (this.#kept !== undefined) {
      this.#throwKept(this.#kept);
    }
    const before = this.decoder.bufferedLength;
    const value = this.decoder.take();
    if (value === undefined) {
      return undefined;
    }
    this.#count(before - this.decoder.bufferedLength);
    if (frameChannel.hasSubscribers) {
      this.#owner.onValue(value);
    }
    return this.#owner.options.copy ? ownBytes(value) : value;
  }

  /** All that is there, until `isCut`. A batch comes before its error, which is kept for the next question. */
  takeAll(isCut: () => boolean): T[] {
    const batch: T[] = [];
    try {
      for (let value = this.take(); value !== undefined; value = this.take()) {
        batch.push(value);
        if (isCut()) {
          break;
        }
      }
    } catch (error) {
      if (batch.length === 0) {
        throw error;
      }
      this.#kept = { error };
    }
    return batch;
  }

  /** Shows every frame that is whole to `visit`, which must call `saw`; those of `chunk` last. */
  show(visit: FrameVisitor, chunk: Uint8Array = NO_BYTES): void {
    const { decoder } = this;
    if (!isFrameDecoder(decoder)) {
      throw cannotScan();
    }
    // `push`, not `scan(chunk)`: node never reuses the memory of a chunk, so the decoder may keep a long
    // rest of it without copying.
    decoder.push(chunk);
    if (this.#kept !== undefined) {
      this.#throwKept(this.#kept);
    }
    whileVisiting(() => decoder.scan(NO_BYTES, visit));
  }

  /** For visitors to call: what `take` does with a value. */
  saw(bytes: Uint8Array, start: number, end: number): void {
    this.#count(end - start);
    if (frameChannel.hasSubscribers) {
      this.#owner.onValue(bytes.subarray(start, end));
    }
  }

  takeRest(): Uint8Array[] {
    if (this.decoder.takeRest !== undefined) {
      return this.decoder.takeRest();
    }
    throw new UsageError(
      'ERR_OPTION',
      'The decoder of this codec has no takeRest: it cannot be released.',
    );
  }

  #throwKept({ error }: { readonly error: unknown }): never {
    this.#kept = undefined;
    throw error;
  }

  #count(length: number): void {
    this.frames++;
    if (length > this.largest) {
      this.largest = length;
    }
  }
}

function isFrameDecoder<T>(decoder: Decoder<T>): decoder is Decoder<T> & FrameDecoder {
  return 'scan' in decoder && typeof decoder.scan === 'function';
}

function cannotScan(): UsageError {
  return new UsageError(
    'ERR_OPTION',
    'The values of this codec are not byte frames: it cannot scan.',
    { hint: 'Read with for await, receive or batches.' },
  );
}

/** For whoever reads while another read is pending. */
export function concurrentRead(): UsageError {
  return new UsageError('ERR_CONCURRENT_READ', 'A read is pending on this connection already.', {
    hint: 'One reader at a time: await the read before, or let one loop read and hand values on.',
  });
}
