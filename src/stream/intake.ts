// Takes values out of the decoder of a connection. Values are counted, published and copied only here.

import type { Duplex } from 'node:stream';
import { NO_BYTES } from '../codec/bytes.ts';
import type { Decoder, FrameDecoder, FrameVisitor } from '../codec/codec.ts';
import { isUnstickError, UsageError } from '../errors.ts';
import type { UnstickError } from '../errors.ts';
import { chunkChannel, frameChannel } from './diagnostics.ts';
import { ownBytes } from './own-bytes.ts';
import type { Owner } from './owner.ts';
import { copyOf } from './read-buffer.ts';
import { whileVisiting } from './visiting.ts';

/** How long the bytes of a chunk stay unchanged: 'owned' for good, 'lent' only during the call. */
export type Tenure = 'owned' | 'lent';

export class Intake<T> {
  readonly decoder: Decoder<T>;
  readonly #owner: Owner;
  /** The error that cut a batch short. The next read throws this error. */
  #kept: { readonly error: unknown } | undefined;
  #lastReported: unknown;
  /**
   * The same object as `decoder`, if that decoder may skip frames and counts their bytes; otherwise
   * `undefined`.
   */
  readonly #skipping: SkippingDecoder<T> | undefined;
  /**
   * Counts since the connection was framed: `bytes` that came, and `frames` that readers were given.
   * `largest` is the length of the longest frame on the wire; with `scan` it is the longest run of bytes that
   * a visitor saw.
   */
  bytes = 0;
  frames = 0;
  largest = 0;

  constructor(decoder: Decoder<T>, owner: Owner) {
    this.decoder = decoder;
    this.#owner = owner;
    const canSkip = owner.options.onSkip !== undefined || decoder.giveUp !== undefined;
    this.#skipping = canSkip && isSkippingDecoder(decoder) ? decoder : undefined;
  }

  get buffered(): number {
    return this.decoder.bufferedLength;
  }

  /** Whether the input may end here: no value is begun, and none waits to be taken. */
  get isAtBoundary(): boolean {
    return this.decoder.atBoundary ?? this.decoder.bufferedLength === 0;
  }

  /** Takes over the bytes that a paused duplex had already read before it broke. */
  salvage(duplex: Duplex): void {
    for (;;) {
      const chunk: unknown = duplex.read();
      if (!(chunk instanceof Uint8Array)) {
        return;
      }
      this.came(chunk);
      this.decoder.push(chunk);
    }
  }

  /** Counts a chunk that came, and publishes it. */
  came(chunk: Uint8Array): void {
    this.bytes += chunk.length;
    if (chunkChannel.hasSubscribers) {
      this.#owner.onChunk('in', chunk);
    }
  }

  take(): T | undefined {
    if (this.#kept !== undefined) {
      this.#throwKept(this.#kept);
    }
    const before = this.#unconsumedLength();
    const value = this.decoder.take();
    if (value === undefined) {
      return undefined;
    }
    this.#count(before - this.#unconsumedLength());
    if (frameChannel.hasSubscribers) {
      this.#owner.onValue(value);
    }
    return this.#owner.options.copy ? ownBytes(value) : value;
  }

  /**
   * Takes all values that have come whole, or stops early when `isCut` returns true. Returns `undefined` if
   * there are none. If an error follows the values, this keeps the error for the next read.
   */
  takeAll(isCut: () => boolean): T[] | undefined {
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
    return batch.length > 0 ? batch : undefined;
  }

  /**
   * Shows each value to `see`, until `see` or `isCut` returns true. Returns true only if `see` returned true.
   */
  showEach(see: (value: T) => boolean, isCut: () => boolean): true | undefined {
    return whileVisiting(() => {
      for (let value = this.take(); value !== undefined; value = this.take()) {
        if (see(value)) {
          return true;
        }
        if (isCut()) {
          break;
        }
      }
      return undefined;
    });
  }

  /**
   * Shows every whole frame to `visit`: buffered frames first, then those of `chunk`. `visit` must call `saw`
   * for each frame.
   */
  show(visit: FrameVisitor, chunk: Uint8Array = NO_BYTES, tenure: Tenure = 'owned'): void {
    const { decoder } = this;
    if (!isFrameDecoder(decoder)) {
      throw cannotScan();
    }
    // Throwing the kept error here loses no chunk: a scan first calls `show` without a chunk, and so gets the
    // kept error before it waits for chunks.
    if (this.#kept !== undefined) {
      this.#throwKept(this.#kept);
    }
    if (tenure === 'lent') {
      // `scan` of the decoder copies the part of a lent chunk that is no whole frame, even when the visitor
      // throws.
      whileVisiting(() => decoder.scan(chunk, visit));
      return;
    }
    // Push a chunk that we own, so that the decoder may keep a long rest of the chunk without copying.
    decoder.push(chunk);
    whileVisiting(() => decoder.scan(NO_BYTES, visit));
  }

  /**
   * Pushes a chunk that is lent, calls `use` to take its values, and then makes the decoder copy the rest of
   * the chunk. If the decoder has no method for that, does nothing and returns false.
   */
  useLent(chunk: Uint8Array, use: () => void): boolean {
    const { decoder } = this;
    if (!isForgetful(decoder)) {
      return false;
    }
    decoder.push(chunk);
    try {
      use();
    } finally {
      decoder.forget(chunk);
    }
    return true;
  }

  /** Counts and publishes a frame that a visitor sees, as `take` does with a value. Visitors call this. */
  saw(bytes: Uint8Array, start: number, end: number): void {
    this.#count(end - start);
    if (frameChannel.hasSubscribers) {
      // Copy the frame, because a subscriber may keep the bytes.
      this.#owner.onValue(copyOf(bytes.subarray(start, end)));
    }
  }

  /**
   * Reports an error of this package, but only the first time, because a decoder throws the same error at
   * each call. Returns `error`.
   */
  reported(error: unknown): unknown {
    if (error !== this.#lastReported && isUnstickError(error)) {
      this.#lastReported = error;
      this.#owner.onError(error);
    }
    return error;
  }

  takeRest(): Uint8Array[] {
    if (this.decoder.takeRest !== undefined) {
      return this.decoder.takeRest();
    }
    throw new UsageError(
      'ERR_OPTION',
      'The decoder of this codec has no takeRest, so the connection cannot be released.',
    );
  }

  /**
   * Number of buffered bytes plus the number of all skipped bytes. Skipping a frame does not change this sum;
   * taking a value lowers it. This is a method because V8 calls its runtime for each use of a private getter.
   */
  #unconsumedLength(): number {
    return this.decoder.bufferedLength + (this.#skipping?.skippedLength ?? 0);
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

interface SkippingDecoder<T> extends Decoder<T> {
  readonly skippedLength: number;
}

function isSkippingDecoder<T>(decoder: Decoder<T>): decoder is SkippingDecoder<T> {
  return 'skippedLength' in decoder && typeof decoder.skippedLength === 'number';
}

/**
 * A decoder that gives views of a chunk and that can, in `forget`, copy the rest of that chunk, so that the
 * chunk's memory may be reused.
 */
interface ForgetfulDecoder<T> extends Decoder<T> {
  forget(chunk: Uint8Array): void;
}

function isForgetful<T>(decoder: Decoder<T>): decoder is ForgetfulDecoder<T> {
  return 'forget' in decoder && typeof decoder.forget === 'function';
}

function isFrameDecoder<T>(decoder: Decoder<T>): decoder is Decoder<T> & FrameDecoder {
  return 'scan' in decoder && typeof decoder.scan === 'function';
}

function cannotScan(): UsageError {
  return new UsageError(
    'ERR_OPTION',
    'The values of this codec are not byte frames, so scan cannot show them.',
    { hint: 'Read with for await, receive or batches.' },
  );
}

/** Makes the error of a second read while another read is pending. */
export function concurrentRead(): UsageError {
  return new UsageError('ERR_CONCURRENT_READ', 'A read is already pending on this connection.', {
    hint: 'Use one reader at a time: await the pending read, or let one loop read and hand values on.',
  });
}

/**
 * Turns what `push` of a decoder threw into an error of this package. A custom decoder may throw anything.
 */
export function refusalOf(cause: unknown): UnstickError {
  return isUnstickError(cause)
    ? cause
    : new UsageError('ERR_OPTION', 'The decoder failed to take a chunk.', { cause });
}
