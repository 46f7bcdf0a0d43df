// The decoder of defineCodec(): the contract of codec.ts around one function, `next`.
//
//            `next` returned a value
//   ┌──────┐ ───────────────────────────────────▶ the value; Seek
//   │ Seek │ ◀──────── all of it dropped ──────── ┌──────┐
//   └──────┘ ── refused, end known, onSkip ─────▶ │ Skip │
//       │                                         └──────┘
//       └────── refused otherwise ──────────────▶ Failed   (the same error for ever)
//
// `busy` is any state while `next` or `onSkip` runs. takeRest() leads to `over`, except from Failed.

import { isUnstickError, ProtocolError } from '../errors.ts';
import type { StreamPlace, UnstickError } from '../errors.ts';
import { isBytes } from './bytes.ts';
import { brokenCallback, bugOf } from './callbacks.ts';
import type { Decoder, DecoderOptions } from './codec.ts';
import { resolveDecoderOptions } from './decoder-options.ts';
import * as errors from './frame-errors.ts';
import { LimitedQueue, Refusal } from './frame-queue.ts';
import type { FrameQueue } from './frame-queue.ts';

type State = 'seek' | 'skip' | 'failed' | 'busy' | 'over';

/** The functions and the limit of defineCodec() that the decoder needs. */
interface Reader<T, Memory> {
  readonly next: (queue: FrameQueue, memory: Memory) => T | undefined;
  readonly memory: (() => Memory) | undefined;
  readonly maxLength: number;
}

export class DefinedDecoder<T, Memory> implements Decoder<T> {
  readonly #reader: Reader<T, Memory>;
  readonly #queue: LimitedQueue;
  readonly #onSkip: DecoderOptions['onSkip'];
  #memory: Memory | undefined;
  #state: State = 'seek';
  #failure: UnstickError | undefined;
  #ended = false;
  #frameIndex = 0;
  /**
   * Stream offset at which the current frame begins. The queue may be further on, because `next` can take
   * bytes and then refuse them.
   */
  #frameOffset = 0;
  /** In Skip: the length of the skipped frame. */
  #skipLength = 0;
  /** Number of bytes of skipped frames that were dropped so far. */
  skippedLength = 0;

  constructor(reader: Reader<T, Memory>, options: DecoderOptions | undefined) {
    this.#reader = reader;
    this.#queue = new LimitedQueue(reader.maxLength);
    this.#onSkip = resolveDecoderOptions(options).onSkip;
    this.#memory = reader.memory?.();
  }

  push(chunk: Uint8Array): void {
    if (!isBytes(chunk)) {
      throw errors.notBytes(chunk);
    }
    if (this.#state === 'busy') {
      throw errors.busy();
    }
    if (this.#ended && chunk.length > 0) {
      throw errors.afterEnd();
    }
    // After a failure every `take` throws. Drop the bytes, so that a remote cannot fill the memory.
    if (this.#state === 'failed' || this.#ended) {
      return;
    }
    this.#queue.push(chunk);
  }

  end(): void {
    if (this.#state === 'busy') {
      throw errors.busy();
    }
    this.#ended = true;
  }

  take(): T | undefined {
    for (;;) {
      switch (this.#state) {
        case 'seek':
          if (this.#queue.received >= this.#queue.wanted) {
            const value = this.#seek();
            if (value !== undefined) {
              return value;
            }
          }
          if (this.#state === 'seek') {
            return this.#wait();
          }
          break;
        case 'skip':
          if (!this.#dropSkipped()) {
            return this.#wait();
          }
          break;
        case 'busy':
          throw errors.busy();
        case 'over':
          return undefined;
        case 'failed':
          throw this.#failure;
      }
    }
  }

  get done(): boolean {
    return this.#state === 'over' || (this.#ended && this.atBoundary);
  }

  get bufferedLength(): number {
    return this.#queue.received;
  }

  get atBoundary(): boolean {
    return this.#state === 'seek' && this.#queue.received === 0;
  }

  takeRest(): Uint8Array[] {
    if (this.#state === 'busy') {
      throw errors.busy();
    }
    if (this.#state === 'skip' && !this.#dropSkipped()) {
      throw errors.skipUnfinished();
    }
    this.#ended = true;
    if (this.#state !== 'failed') {
      this.#state = 'over';
    }
    return this.#queue.takeAll();
  }

  *[Symbol.iterator](): Generator<T, void, undefined> {
    for (let value = this.take(); value !== undefined; value = this.take()) {
      yield value;
    }
  }

  /** Calls `next` once and checks the outcome. Seek → Seek (with a value or without), Skip or Failed. */
  #seek(): T | undefined {
    const queue = this.#queue;
    const { received } = queue;
    const value = this.#callNext();
    if (this.#state !== 'seek') {
      return undefined;
    }
    const hasTaken = queue.offset > this.#frameOffset;
    if (value !== undefined) {
      if (!hasTaken) {
        return this.#fail(brokenCallback('next returned a value but took no bytes.'));
      }
      this.#pass();
      return value;
    }
    if (hasTaken) {
      return this.#fail(brokenCallback('next took bytes but returned no value.'));
    }
    if (received > this.#reader.maxLength) {
      return this.#fail(errors.endlessFrame(this.#place(), this.#reader.maxLength));
    }
    // If `next` did not call `has` with the number of bytes that it needs, call it again when one more byte
    // has come.
    queue.wanted = Math.max(queue.wanted, received + 1);
    return undefined;
  }

  #callNext(): T | undefined {
    const { next } = this.#reader;
    this.#state = 'busy';
    try {
      // Marked cast: without a function `memory` the type Memory is undefined.
      const value = next(this.#queue, this.#memory as Memory);
      this.#state = 'seek';
      return value;
    } catch (thrown) {
      this.#state = 'seek';
      this.#refused(thrown);
      return undefined;
    }
  }

  /** Handles what `next` threw: a refusal of the bytes, or a bug. */
  #refused(thrown: unknown): void {
    const place = this.#place();
    if (thrown instanceof Refusal) {
      const { frameLength, ...init } = thrown.init;
      const error = new ProtocolError(thrown.code, thrown.message, { ...init, ...place });
      if (frameLength !== undefined && frameLength > 0 && this.#onSkip !== undefined) {
        return this.#skip(error, frameLength);
      }
      this.#fail(error);
    }
    if (isUnstickError(thrown)) {
      this.#fail(thrown);
    }
    this.#fail(bugOf('next', thrown) ?? errors.refusedFrame(place, thrown));
  }

  /** Reports a refused frame whose end is known. Seek → Skip. */
  #skip(error: ProtocolError, frameLength: number): void {
    this.#skipLength = frameLength;
    this.#state = 'busy';
    try {
      this.#onSkip?.(error);
    } finally {
      this.#state = 'skip';
    }
  }

  /**
   * Drops the bytes of a skipped frame that have come. Skip → Seek. Returns false when the rest of the frame
   * is still to come.
   */
  #dropSkipped(): boolean {
    const queue = this.#queue;
    for (;;) {
      const left = this.#skipLength - (queue.offset - this.#frameOffset);
      const count = Math.min(left, queue.length);
      queue.skip(count);
      this.skippedLength += count;
      if (left === count) {
        break;
      }
      if (queue.length === 0) {
        return false;
      }
    }
    this.#state = 'seek';
    this.#pass();
    return true;
  }

  /** Moves on to the next frame, with new memory for `next`. */
  #pass(): void {
    this.#frameIndex++;
    this.#frameOffset = this.#queue.offset;
    this.#queue.restart();
    this.#memory = this.#reader.memory?.();
  }

  /**
   * Waits for more bytes. After the end of the input none will come, so an unfinished frame is truncated and
   * `take` throws.
   */
  #wait(): undefined {
    const queue = this.#queue;
    const isSkipping = this.#state === 'skip';
    queue.settle(isSkipping ? 0 : queue.frameLength);
    if (!this.#ended || this.atBoundary) {
      return undefined;
    }
    const received = queue.offset - this.#frameOffset + queue.received;
    const length = isSkipping ? this.#skipLength : queue.frameLength;
    const missing = length === undefined ? undefined : length - received;
    return this.#fail(errors.truncated(this.#place(), received, missing));
  }

  /** Throws the error, and makes every further read throw it too. */
  #fail(error: UnstickError): never {
    this.#failure = error;
    this.#state = 'failed';
    throw error;
  }

  #place(): StreamPlace {
    return { byteOffset: this.#frameOffset, frameIndex: this.#frameIndex };
  }
}
