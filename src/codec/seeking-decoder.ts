// Base class of the decoders of frames without a length prefix. A subclass finds the next frame with `seek`,
// and this class adds the rest of the contract of codec.ts.
//
//            the end of the frame is there
//   ┌──────┐ ────────────────────────────▶ a frame; Seek
//   │ Seek │ ◀────── its end was dropped ────── ┌──────┐
//   └──────┘ ── wrong, with onSkip ───────────▶ │ Skip │
//       │                                       └──────┘
//       └────── wrong, without onSkip ────────▶ Failed     (the same error for ever)
//
// With resync no frame is skipped. The decoder takes the first byte of a wrong frame for noise, and searches
// for the next marker behind that byte (resync.ts has the rules):
//
//   Seek ── anything wrong ──▶ Search ── marker ──▶ Seek
//
// A subclass implements `seek`, `drop`, `truncated` and `isFill`. `seek` and `drop` look at every byte once,
// in order, so that the verdict depends on the bytes alone and the work is linear. With resync a byte can be
// looked at again, and `Search` limits how often.

import { isUnstickError } from '../errors.ts';
import type { ErrorCode, ProtocolError, StreamPlace, UnstickError } from '../errors.ts';
import { checkFunction } from '../options.ts';
import type { ViewClass } from './allocate.ts';
import { ChunkQueue } from './chunk-queue.ts';
import type { Bytes } from './byte-types.ts';
import { isBytes } from './bytes.ts';
import type { DecoderOptions, FrameDecoder, FrameVisitor } from './codec.ts';
import { resolveDecoderOptions } from './decoder-options.ts';
import { afterEnd, busy, chunkDetached, notBytes, skipUnfinished } from './frame-errors.ts';
import type { Search } from './resync.ts';

const State = { seek: 0, skip: 1, search: 2, failed: 3, busy: 4, over: 5 } as const;
type StateNumber = (typeof State)[keyof typeof State];

/** The error code of a wrong frame, and how many of the frame's bytes the decoder has surely seen. */
interface Wrongness {
  readonly code: ErrorCode;
  readonly length: number;
}

export abstract class SeekingDecoder implements FrameDecoder {
  protected readonly queue: ChunkQueue = new ChunkQueue();
  /** Number of frames delivered or skipped so far, which is the index of the current frame. */
  protected frameIndex = 0;
  protected ended = false;
  /**
   * Memory in which the value lies that `seek` found. If it is undefined, the value lies in the head of the
   * queue.
   */
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
  readonly #onNoise: ((error: ProtocolError) => void) | undefined;
  /** The search for the next frame behind noise. It is `undefined` without resync. */
  readonly #search: Search | undefined;

  constructor(options: DecoderOptions | undefined, search?: Search) {
    const { onSkip, onNoise = onSkip } = resolveDecoderOptions(options);
    this.#onSkip = onSkip;
    this.#onNoise = onNoise;
    this.#search = search;
  }

  /**
   * Finds the next whole frame, moves the queue behind that frame, and sets where its value lies. Returns
   * false when it needs more bytes, or when it has called `skip`.
   */
  protected abstract seek(): boolean;
  /**
   * Drops the bytes of a skipped frame that have come. Returns false when the end of that frame has not come.
   */
  protected abstract drop(): boolean;
  /** Makes the error for an input that ends inside a frame, of which `received` bytes have come. */
  protected abstract truncated(place: StreamPlace, received: number): ProtocolError;
  /** Whether the bytes in the queue belong to no frame, so that the input may end behind them. */
  protected abstract get isFill(): boolean;

  /** Forgets what was read of the current frame. Only a decoder with a search needs this method. */
  protected restart(): void {
    // A decoder without a search has nothing to forget.
  }

  /** Number of bytes for which `seek` waits, counted from the front of the queue. 0 if it cannot tell. */
  protected get awaited(): number {
    return 0;
  }

  /** Whether frames have a checksum, so that a false frame can be recognised at the end of the input. */
  protected get isChecked(): boolean {
    return false;
  }

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
    // A caller may keep the values of `take`. A visitor may not keep bytes, so from here on the queue reuses
    // memory.
    if (queue.shared) {
      queue.unshare();
    }
    try {
      while (this.#next()) {
        this.#show(visit);
      }
    } finally {
      queue.forget(chunk, this.awaited);
    }
  }

  get done(): boolean {
    const isOver = this.#state === State.over;
    return isOver || (this.ended && this.#state === State.seek && this.atBoundary && !this.isLost);
  }

  get bufferedLength(): number {
    return this.queue.length;
  }

  /** Number of bytes that were dropped so far. They are skipped frames and bytes between frames. */
  get skippedLength(): number {
    return this.queue.skippedLength;
  }

  get atBoundary(): boolean {
    const { length } = this.queue;
    return (
      (this.#state === State.seek && (length === 0 || this.isFill)) ||
      (this.#state === State.search && length === 0)
    );
  }

  takeRest(): Uint8Array[] {
    if (this.#state === State.busy) {
      throw busy();
    }
    if (this.#state === State.skip && !this.#dropSkipped()) {
      throw skipUnfinished();
    }
    if (this.#state !== State.failed) {
      this.#report(this.#search?.close(this.queue.offset));
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

  /** Place in the stream at which the current frame begins. */
  protected get place(): StreamPlace {
    return { byteOffset: this.queue.offset, frameIndex: this.frameIndex };
  }

  /** Whether the bytes in front of the current frame were noise. */
  protected get isLost(): boolean {
    return this.#search?.isOpen === true;
  }

  /** Throws the error, and makes every further read throw it too. */
  protected fail(error: UnstickError): never {
    this.#failure = error;
    this.#state = State.failed;
    throw error;
  }

  /** Does what `giveUp` of Decoder says. */
  protected stall(): boolean {
    if (this.#state !== State.seek || this.queue.length === 0 || this.isFill) {
      return false;
    }
    return this.#lose('ERR_FRAME_STALLED', 0);
  }

  /**
   * Ends the current frame, which is wrong and whose end `drop` will find. With `onSkip` the frame is
   * skipped; without `onSkip` the error is fatal. With resync the search goes on instead, and `make` is not
   * called, because noise holds many false frames.
   */
  protected wrong({ code, length }: Wrongness, make: () => ProtocolError): void {
    if (this.#lose(code, length)) {
      return;
    }
    const error = make();
    if (this.#onSkip === undefined) {
      this.fail(error);
    }
    this.#reason = error;
    this.#skipOffset = error.byteOffset;
    this.#state = State.skip;
  }

  /**
   * Ends the current frame as `wrong` does, for a frame whose end cannot be found. Without resync the error
   * is always fatal.
   */
  protected wrongForGood({ code, length }: Wrongness, make: () => ProtocolError): void {
    if (!this.#lose(code, length)) {
      this.fail(make());
    }
  }

  /** Reports the noise in front of a whole frame, before `seek` moves the queue behind that frame. */
  protected reportNoise(): void {
    this.#report(this.#search?.found(this.queue.offset));
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
          if (this.#state === State.seek && !this.#wait()) {
            return false;
          }
          break;
        case State.skip:
          if (!this.#dropSkipped() && !this.#wait()) {
            return false;
          }
          break;
        case State.search:
          if (!this.#guarded()) {
            return this.#waitForMarker();
          }
          this.#state = State.seek;
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

  /**
   * Reports the skipped frame once, and drops its bytes. Skip → Seek. Returns false when the end of the frame
   * has not come.
   */
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
   * Calls `seek`, `drop` or `find`. If the memory of a chunk is gone, or if `find` throws, the decoder fails
   * for good. For reading such memory the engine may throw a TypeError, which becomes ERR_CHUNK_DETACHED
   * here.
   */
  #guarded(): boolean {
    try {
      switch (this.#state) {
        case State.seek:
          return this.seek();
        case State.skip:
          return this.drop();
        default:
          return this.#search?.find(this.queue) === true;
      }
    } catch (error) {
      if (!isUnstickError(error)) {
        throw this.queue.isGone ? this.fail(chunkDetached()) : error;
      }
      if (error.code === 'ERR_CHUNK_DETACHED' || this.#state === State.search) {
        this.fail(error);
      }
      throw error;
    }
  }

  /**
   * Waits for more bytes. After the end of the input no bytes will come, so an unfinished frame is truncated
   * and fails. With resync and a checksum the unfinished frame is a failed candidate instead. Returns whether
   * the decoder goes on.
   */
  #wait(): boolean {
    const { queue } = this;
    queue.settle(this.awaited);
    if (!this.ended) {
      return false;
    }
    if (this.atBoundary) {
      this.#waitForMarker();
      queue.skip(queue.length);
      return false;
    }
    const isSkipping = this.#state === State.skip;
    const byteOffset = isSkipping ? this.#skipOffset : queue.offset;
    const received = queue.offset + queue.length - byteOffset;
    const error = this.truncated({ byteOffset, frameIndex: this.frameIndex }, received);
    if (this.#search !== undefined && this.isChecked) {
      this.#search.cut({ place: this.place, length: received }, error);
      this.#goSearching();
      return true;
    }
    this.#report(this.#search?.close(queue.offset));
    return this.fail(error);
  }

  /**
   * Waits for more bytes behind noise. After the end of the input, reports the noise, and fails if the end
   * cut a candidate off.
   */
  #waitForMarker(): false {
    this.queue.settle();
    if (!this.ended) {
      return false;
    }
    this.#report(this.#search?.close(this.queue.offset));
    const cutOff = this.#search?.cutOff;
    if (cutOff !== undefined) {
      this.fail(cutOff);
    }
    this.#state = State.seek;
    return false;
  }

  /**
   * Reports the current frame to the search as a failed candidate. Seek → Search. Returns false without a
   * search.
   */
  #lose(reason: ErrorCode, length: number): boolean {
    this.#search?.lose({ place: this.place, length }, reason);
    if (this.#search !== undefined) {
      this.#goSearching();
    }
    return this.#search !== undefined;
  }

  #goSearching(): void {
    this.restart();
    this.#state = State.search;
  }

  /** Reports a gap of noise that is over, if there is one. */
  #report(error: ProtocolError | undefined): void {
    const onNoise = this.#onNoise;
    if (error !== undefined && onNoise !== undefined) {
      this.call(() => onNoise(error));
    }
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
