// What the decoders of frames without a length prefix share: the contract of codec.ts around one search.
//
//            the end of the frame is there
//   ┌──────┐ ────────────────────────────▶ a frame; Seek
//   │ Seek │ ◀────── its end was dropped ────── ┌──────┐
//   └──────┘ ── wrong, with onSkip ───────────▶ │ Skip │
//       │                                       └──────┘
//       └────── wrong, without onSkip ────────▶ Failed     (the same error for ever)
//
// A subclass implements `seek`, `drop`, `truncated` and `isFill`. `seek` and `drop` look at every byte once, in
// order, so that the verdict depends on the bytes alone and the work is linear.

import { isUnstickError } from '../errors.ts';
import type { ProtocolError, StreamPlace, UnstickError } from '../errors.ts';
import { checkFunction } from '../options.ts';
import type { ViewClass } from './allocate.ts';
import { ChunkQueue } from './chunk-queue.ts';
import type { Bytes } from './byte-types.ts';
import { isBytes } from './bytes.ts';
import type { DecoderOptions, FrameDecoder, FrameVisitor } from './codec.ts';
import { resolveDecoderOptions } from './decoder-options.ts';
import { afterEnd, busy, chunkDetached, notBytes, skipUnfinished } from './frame-errors.ts';

const State = { seek: 0, skip: 1, failed: 2, busy: 3, over: 4 } as const;
type StateNumber = (typeof State)[keyof typeof State];

export abstract class SeekingDecoder implements FrameDecoder {
  protected readonly queue: ChunkQueue = new ChunkQueue();
  /** Number of frames delivered or skipped so far, which is the index of the current one. */
  protected frameIndex = 0;
  protected ended = false;
  /** Where the value lies that `seek` found: in `memory`, or in the head of the queue if that is undefined. */
  protected memory: Bytes | undefined;
  /** Class of the views of `memory`. */
  protected viewClass: ViewClass = Uint8Array;
  protected valueStart = 0;
  protected valueEnd = 0;
  #state: StateNumber = State.seek;
  #failure: UnstickError | undefined;
  /** In Skip: the error of the skipped frame, until `onSkip` was called with it. */
  #reason: ProtocolError | undefined;
  /** In Skip: the stream offset at which the skipped frame began. */
  #skipOffset = 0;
  readonly #onSkip: ((error: ProtocolError) => void) | undefined;

  constructor(options: DecoderOptions | undefined) {
    this.#onSkip = resolveDecoderOptions(options).onSkip;
  }

  /**
   * Finds the next whole frame, moves the queue behind that frame, and sets where its value lies. Returns
   * false when it needs more bytes, or has called `skip`.
   */
  protected abstract seek(): boolean;
  /** Drops what has come of a skipped frame. Returns false when its end has not come. */
  protected abstract drop(): boolean;
  /** Makes the error for an input that ends inside a frame, of which `received` bytes have come. */
  protected abstract truncated(place: StreamPlace, received: number): ProtocolError;
  /** Whether the bytes in the queue belong to no frame, so that the input may end behind them. */
  protected abstract get isFill(): boolean;

  push(chunk: Uint8Array): void {
    if (!isBytes(chunk)) {
      throw notBytes(chunk);
    }
    if (this.#state === State.busy) {
      throw busy();
    }
    if (this.ended && chunk.length > 0) {
      throw afterEnd();
    }
    // After a failure every `take` throws. Drop the bytes, so that a remote cannot fill the memory.
    if (this.#state < State.failed && !this.ended) {
      this.queue.push(chunk);
    }
  }

  end(): void {
    if (this.#state === State.busy) {
      throw busy();
    }
    this.ended = true;
  }

  take(): Bytes | undefined {
    this.queue.shared = true;
    if (!this.#next()) {
      return undefined;
    }
    const { memory, valueStart, valueEnd } = this;
    try {
      if (memory === undefined) {
        return this.queue.view(valueStart, valueEnd);
      }
      const start = memory.byteOffset + valueStart;
      return new this.viewClass(memory.buffer, start, valueEnd - valueStart);
    } catch {
      return this.fail(chunkDetached());
    }
  }

  scan(chunk: Uint8Array, visit: FrameVisitor): void {
    const { queue } = this;
    checkFunction('visit', visit);
    this.push(chunk);
    // A caller may keep what `take` returned. A visitor may not, so from here on the queue reuses memory.
    if (queue.shared) {
      queue.unshare();
    }
    try {
      while (this.#next()) {
        this.#show(visit);
      }
    } finally {
      queue.forget(chunk);
    }
  }

  get done(): boolean {
    return this.#state === State.over || (this.ended && this.atBoundary);
  }

  get bufferedLength(): number {
    return this.queue.length;
  }

  /** Number of bytes that were dropped so far: of skipped frames, and between frames. */
  get skippedLength(): number {
    return this.queue.skippedLength;
  }

  get atBoundary(): boolean {
    return this.#state === State.seek && (this.queue.length === 0 || this.isFill);
  }

  takeRest(): Uint8Array[] {
    if (this.#state === State.busy) {
      throw busy();
    }
    if (this.#state === State.skip && !this.#dropSkipped()) {
      throw skipUnfinished();
    }
    this.ended = true;
    if (this.#state !== State.failed) {
      this.#state = State.over;
    }
    return this.queue.takeAll();
  }

  *[Symbol.iterator](): Generator<Bytes, void, undefined> {
    for (let value = this.take(); value !== undefined; value = this.take()) {
      yield value;
    }
  }

  /** Where the current frame begins. */
  protected get place(): StreamPlace {
    return { byteOffset: this.queue.offset, frameIndex: this.frameIndex };
  }

  /** Throws the error, and makes every further read throw it too. */
  protected fail(error: UnstickError): never {
    this.#failure = error;
    this.#state = State.failed;
    throw error;
  }

  /** Goes to Skip for the current frame, whose end `drop` will find. Without `onSkip` the error is fatal. */
  protected skip(error: ProtocolError): void {
    if (this.#onSkip === undefined) {
      this.fail(error);
    }
    this.#reason = error;
    this.#skipOffset = error.byteOffset;
    this.#state = State.skip;
  }

  /** Calls a function of the caller in the state Busy, in which every use of the decoder throws. */
  protected call<T>(callback: () => T): T {
    const state = this.#state;
    this.#state = State.busy;
    try {
      return callback();
    } finally {
      this.#state = state;
    }
  }

  #next(): boolean {
    for (;;) {
      switch (this.#state) {
        case State.seek:
          if (this.#guarded()) {
            return true;
          }
          if (this.#state === State.seek) {
            return this.#wait();
          }
          break;
        case State.skip:
          if (!this.#dropSkipped()) {
            return this.#wait();
          }
          break;
        case State.busy:
          throw busy();
        case State.over:
          return false;
        case State.failed:
          throw this.#failure;
      }
    }
  }

  /** Reports the skipped frame and drops its bytes. Skip → Seek, or false when its end has not come. */
  #dropSkipped(): boolean {
    const reason = this.#reason;
    if (reason !== undefined) {
      this.#reason = undefined;
      this.call(() => this.#onSkip?.(reason));
    }
    if (!this.#guarded()) {
      return false;
    }
    this.frameIndex++;
    this.#state = State.seek;
    return true;
  }

  /**
   * Calls `seek` or `drop`. If the memory of a chunk is gone, the decoder fails for good, also where the engine
   * throws a TypeError for reading such memory.
   */
  #guarded(): boolean {
    try {
      return this.#state === State.seek ? this.seek() : this.drop();
    } catch (error) {
      if (!isUnstickError(error)) {
        throw this.queue.isGone ? this.fail(chunkDetached()) : error;
      }
      if (error.code === 'ERR_CHUNK_DETACHED') {
        this.fail(error);
      }
      throw error;
    }
  }

  /** Waits for more bytes. After the end of the input none will come, so an unfinished frame is truncated. */
  #wait(): false {
    const { queue } = this;
    queue.settle();
    if (!this.ended) {
      return false;
    }
    if (this.atBoundary) {
      queue.skip(queue.length);
      return false;
    }
    const isSkipping = this.#state === State.skip;
    const byteOffset = isSkipping ? this.#skipOffset : queue.offset;
    const received = queue.offset + queue.length - byteOffset;
    return this.fail(this.truncated({ byteOffset, frameIndex: this.frameIndex }, received));
  }

  /** Calls the visitor of `scan` with the frame that `seek` found. */
  #show(visit: FrameVisitor): void {
    const { queue, memory, valueStart, valueEnd } = this;
    if (queue.isGone) {
      this.fail(chunkDetached());
    }
    this.#state = State.busy;
    try {
      visit(memory ?? queue.head, valueStart, valueEnd);
    } finally {
      this.#state = State.seek;
    }
  }
}
