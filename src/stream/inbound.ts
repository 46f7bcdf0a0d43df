// The reading half of a connection: duplex → decoder → one reader at a time. The phases and what a reader
// gets in each:
//
//                ┌─ 'end' ──▶ probing ──▶ ended       values, then undefined
//   reading ─────┼─ loss ───────┴───────▶ lost        values, then the error, again and again
//                ├─ close() ─────────────▶ dropping    values that had come whole, then undefined
//                └─ destroy, release ────▶ cut         the error at once, also from `ended`
//
// Rules:
// - No value is decoded before a reader asks for it, even if its chunk has come. `next` takes one value.
// - When a chunk comes and no reader waits, the duplex is paused. So at most two chunks are held here,
//   besides a frame that a reader waits for. The rest waits in the kernel and slows the sender down.
// - After a chunk that the decoder refused, no further chunk is decoded.

/* oxlint-disable max-lines -- all ways of reading share one waiter and the phases above */

import type { Duplex } from 'node:stream';
import { NO_BYTES } from '../codec/bytes.ts';
import type { Decoder, FrameVisitor } from '../codec/codec.ts';
import type { UnstickError } from '../errors.ts';
import { afterInput } from './deadline.ts';
import { Flow } from './flow.ts';
import { frameClock } from './frame-clock.ts';
import type { FrameClock } from './frame-clock.ts';
import { concurrentRead, Intake, refusalOf } from './intake.ts';
import type { Tenure } from './intake.ts';
import type { Owner } from './owner.ts';
import { copyOf } from './read-buffer.ts';
import { checkReadable, confirmEnd } from './transport.ts';
import { Feeding, ignored, inScopeOf, OVER, PendingRead } from './reading.ts';
import type { Collect, Sink, Waiter } from './reading.ts';

type Phase = 'reading' | 'probing' | 'ended' | 'lost' | 'dropping' | 'cut';

export class Inbound<T> {
  readonly #duplex: Duplex;
  readonly intake: Intake<T>;
  readonly #owner: Owner;
  /** The clock of `frameTimeout`. It is made when a reader first waits inside a frame. */
  #clock: FrameClock | undefined;
  readonly #flow: Flow;
  #phase: Phase = 'reading';
  #failure: UnstickError | undefined;
  #waiter: Waiter | undefined;
  /** What a pending `scan` shows frames to. */
  #visit: FrameVisitor | undefined;
  /** The last read of `show` that had to wait for a chunk. */
  #borrowing: Waiter | undefined;
  /** Whether the server shuts down. If so, reading ends once the decoder is at a boundary. */
  #stopsAtBoundary = false;
  /**
   * Whether the decoder runs now, for the waiting reader. While it runs, a method that a callback of the
   * decoder calls must not run the decoder again.
   */
  #isAsking = false;

  constructor(duplex: Duplex, decoder: Decoder<T>, owner: Owner) {
    this.#duplex = duplex;
    this.intake = new Intake(decoder, owner);
    this.#owner = owner;
    this.#flow = new Flow(duplex);
    if (duplex.readableEnded) {
      this.#ended();
    } else {
      this.#flow.letIn(false);
    }
  }

  /** Whether the duplex is paused because no reader waits. */
  get isHolding(): boolean {
    return this.#phase === 'reading' && this.#waiter === undefined && this.#duplex.isPaused();
  }

  /** Whether a reader waits now. */
  get isWaiting(): boolean {
    return this.#waiter !== undefined;
  }

  get hasEnded(): boolean {
    return this.#phase === 'ended' || this.#phase === 'probing';
  }

  get isDropping(): boolean {
    return this.#phase === 'dropping';
  }

  /** Returns the pending read as an opaque token, for `cancel`. */
  waiting(): unknown {
    return this.#waiter;
  }

  /**
   * Resolves the pending read as done, because the caller left its loop. The next reader gets the values that
   * come later.
   */
  leave(): void {
    this.#takeWaiter()?.leave();
  }

  /** Reads the next value, in the shape that an iterator returns. */
  next(): Promise<IteratorResult<T, undefined>> {
    // If a value has come whole, return it without making a waiter: without the closures of a waiter,
    // iterating is a tenth faster.
    if (this.#waiter !== undefined || this.#phase === 'cut') {
      return this.#read(Inbound.#collectValue);
    }
    try {
      const value = this.intake.take();
      if (value !== undefined && this.#failure === undefined) {
        return Promise.resolve({ done: false, value });
      }
      const result = this.#resultOf(value);
      if (result !== undefined) {
        return Promise.resolve(result);
      }
    } catch (error) {
      return Promise.reject(this.#reported(error));
    }
    return this.#wait(Inbound.#collectValue);
  }

  /** Reads all values that have come whole. If there are none, waits for the first. */
  nextBatch(): Promise<IteratorResult<T[], undefined>> {
    return this.#read(Inbound.#collectBatch);
  }

  /** Gives every batch to `sink`, until the sink stops the reading or reading is over. */
  feed(sink: Sink<T>): void {
    const feeding = new Feeding<this, T>(this, Inbound.#collectBatch, sink);
    try {
      if (this.#waiter !== undefined) {
        throw concurrentRead();
      }
      if (!feeding.wants()) {
        this.#park(feeding);
      }
    } catch (error) {
      feeding.reject(this.#reported(error));
    }
  }

  /**
   * Shows every frame to `visit`, until the stream ends. It is no async function and its waiter has no
   * closures: these would make a connection that waits in `scan` a sixth larger.
   */
  scan(visit: FrameVisitor): Promise<void> {
    if (this.#waiter !== undefined || this.#visit !== undefined) {
      return Promise.reject(concurrentRead());
    }
    const { intake } = this;
    // Wrap the caller's `visit` once, here. A second wrapper costs a sixth of the rate of 64-byte frames.
    this.#visit = (bytes, start, end) => {
      if (this.#phase === 'cut') {
        throw this.#failure;
      }
      intake.saw(bytes, start, end);
      visit(bytes, start, end);
    };
    this.#flow.borrow(this);
    const over = this.#read(Inbound.#collectFrames);
    // A scan that need not wait is over.
    this.#visit = this.#waiter && this.#visit;
    return over.then(ignored);
  }

  /**
   * Shows each value to `see`, until `see` returns true. The bytes of a value are valid only while `see`
   * runs. Resolves with whether `see` returned true before reading was over.
   */
  show(see: (value: T) => boolean): Promise<boolean> {
    const others = this.#waiter;
    const shown = this.#read(() =>
      this.#resultOf(this.intake.showEach(see, () => this.#phase === 'cut')),
    );
    if (others === undefined && this.#waiter !== undefined) {
      this.#borrowing = this.#waiter;
      this.#flow.borrow(this);
    }
    return shown.then(({ value }) => value === true);
  }

  /**
   * Rejects the read that `waiting` stands for, if it is still pending. The next reader gets the values that
   * come later.
   */
  cancel(waiting: unknown, error: UnstickError): void {
    if (waiting === undefined || this.#waiter !== waiting) {
      return;
    }
    const waiter = this.#waiter;
    this.#waiter = undefined;
    waiter?.reject(error);
  }

  /**
   * Called when no more bytes will come, because of `error`. What has come can still be read, unless this
   * side ended the connection.
   */
  fail(error: UnstickError): void {
    this.#clock?.clear();
    const isOurs = error.code === 'ERR_CONNECTION_CLOSED';
    // After an orderly end of both sides ('closed'), what has come can still be read. After destroy or
    // release it cannot.
    const isCut = this.#phase === 'ended' && isOurs && error.reason !== 'closed';
    if (this.#phase !== 'reading' && this.#phase !== 'probing' && !isCut) {
      return;
    }
    this.#failure = error;
    if (isOurs) {
      this.#phase = 'cut';
      this.#takeWaiter()?.reject(error);
      return;
    }
    this.#phase = 'lost';
    if (this.#duplex.destroyed) {
      this.intake.salvage(this.#duplex);
    }
    this.#satisfy();
  }

  /** Ends reading as if the remote had ended, as soon as no value is begun and none waits to be read. */
  stopAtBoundary(): void {
    this.#stopsAtBoundary = true;
    this.#satisfy();
  }

  /** Ends reading. What the remote still sends is read and dropped, so that we see the remote's end. */
  drop(): void {
    this.#clock?.clear();
    if (this.#phase === 'reading' || this.#phase === 'probing') {
      this.#phase = 'dropping';
    }
    this.#satisfy();
    this.#duplex.resume();
  }

  /** Stops reading and returns the unread bytes. Throws ERR_CONCURRENT_READ while a read waits. */
  detach(): Uint8Array[] {
    if (this.#waiter !== undefined) {
      throw concurrentRead();
    }
    const rest = this.intake.takeRest();
    this.leaveDuplex();
    this.#flow.pause();
    this.#clock?.clear();
    return rest;
  }

  /** Removes our listeners from the duplex, because it is closed or released. */
  leaveDuplex(): void {
    this.#flow.leave();
  }

  /**
   * Lets one more chunk in, and calls `done` after it was read. So the caller sees whether a remote that
   * seems idle has ended.
   */
  look(done: () => void): void {
    this.#flow.letIn(false);
    afterInput(done);
  }

  /**
   * Reads for every method that reads. If `collect` returns a result from the values that have come, resolves
   * with that result. Otherwise waits for more values.
   */
  #read<R>(collect: Collect<this, R>): Promise<R> {
    if (this.#waiter !== undefined) {
      return Promise.reject(concurrentRead());
    }
    if (this.#phase === 'cut') {
      return Promise.reject(this.#failure);
    }
    try {
      const result = collect(this);
      if (result !== undefined) {
        return Promise.resolve(result);
      }
    } catch (error) {
      return Promise.reject(this.#reported(error));
    }
    return this.#wait(collect);
  }

  #wait<R>(collect: Collect<this, R>): Promise<R> {
    return new Promise((resolve, reject) => {
      this.#park(new PendingRead<this, R>(this, collect, { resolve, reject }));
    });
  }

  /** Makes `waiter` the pending read. Throws if nothing can come any more. */
  #park(waiter: Waiter): void {
    checkReadable(this.#duplex);
    this.#waiter = waiter;
    // While the socket was paused the remote could not send, so that time does not count against
    // `frameTimeout`.
    if (this.#duplex.isPaused()) {
      this.#clock?.stop();
    }
    this.#watchFrame();
    this.#flow.letIn(true);
  }

  // The same functions for all connections, so that a loop, a scan or a peer that waits has no closures.

  static readonly #collectValue = <V>(from: Inbound<V>): IteratorResult<V, undefined> | undefined =>
    from.#resultOf(from.intake.take());

  static readonly #collectBatch = <V>(
    from: Inbound<V>,
  ): IteratorResult<V[], undefined> | undefined =>
    from.#resultOf(from.intake.takeAll(() => from.#phase === 'cut'));

  static readonly #collectFrames = (from: Inbound<unknown>): typeof OVER | undefined => {
    if (from.#visit !== undefined) {
      from.intake.show(from.#visit);
    }
    return from.#isOver() ? OVER : undefined;
  };

  /** Lets the clock of `frameTimeout` see whether a reader waits inside a frame. */
  #watchFrame(): void {
    this.#clock ??= frameClock(this, this.#owner);
    this.#clock?.watch();
  }

  #resultOf<V>(value: V | undefined): IteratorResult<V, undefined> | undefined {
    // A callback of the decoder may have destroyed the connection in the meantime.
    if (this.#phase === 'cut') {
      throw this.#failure;
    }
    if (value !== undefined) {
      return { done: false, value };
    }
    return this.#isOver() ? OVER : undefined;
  }

  /**
   * Returns whether reading is over. Call this when the decoder has no whole value. Throws the error that
   * ended the connection.
   */
  #isOver(): boolean {
    if (this.#phase === 'ended' || this.#phase === 'dropping') {
      return true;
    }
    if (this.#failure !== undefined) {
      throw this.#failure;
    }
    return this.#stopsAtBoundary && this.intake.isAtBoundary;
  }

  onLent(chunk: Uint8Array): void {
    this.#came(chunk, 'lent');
  }

  /** Called with the chunk of a 'data' event. Such a chunk is never overwritten. */
  onData(chunk: Uint8Array): void {
    this.#came(chunk, 'owned');
  }

  #came(chunk: Uint8Array, tenure: Tenure): void {
    this.intake.came(chunk);
    this.#owner.onBytes();
    if (this.#phase !== 'reading') {
      return;
    }
    // A pending read of `show` may see a chunk that is lent.
    const borrows = this.#borrowing !== undefined && this.#borrowing === this.#waiter;
    if (this.#visit !== undefined) {
      this.#shown(this.#visit, chunk, tenure);
    } else if (tenure === 'owned') {
      this.#pushed(chunk);
    } else if (!borrows || !this.intake.useLent(chunk, () => this.#satisfy())) {
      this.#pushed(copyOf(chunk));
    }
    if (this.#waiter === undefined && this.#phase === 'reading') {
      const error = this.#flow.hold(chunk.length);
      if (error !== undefined) {
        this.#refuse(error);
      }
    }
  }

  #pushed(chunk: Uint8Array): void {
    try {
      this.intake.decoder.push(chunk);
    } catch (error) {
      this.#refuse(error);
      return;
    }
    this.#satisfy();
  }

  #shown(visit: FrameVisitor, chunk: Uint8Array, tenure: Tenure): void {
    this.#isAsking = true;
    try {
      // Run each chunk, and not each frame, in the async context of the `scan` call: changing the context
      // costs time.
      inScopeOf(this.#waiter, () => this.intake.show(visit, chunk, tenure));
    } catch (error) {
      this.#giveError(error);
      return;
    } finally {
      this.#isAsking = false;
    }
    if (this.#phase !== 'reading' || this.#stopsAtBoundary) {
      this.#satisfy();
    }
    this.#watchFrame();
  }

  /**
   * Ends reading, because the decoder threw for a chunk, or because too many bytes came without a reader. If
   * reading went on, the next chunk would be decoded in the place of the missing chunk.
   */
  #refuse(error: unknown): void {
    const refusal = refusalOf(error);
    this.intake.reported(refusal);
    this.fail(refusal);
    this.#flow.pause();
  }

  /**
   * Reads on after the decoder has given up a frame that stalled: the bytes after the first byte of that
   * frame may be frames.
   */
  readOn(): void {
    if (this.#visit === undefined) {
      this.#satisfy();
    } else {
      this.#shown(this.#visit, NO_BYTES, 'owned');
    }
  }

  /** Called when the duplex emits 'end'. */
  onEnd(): void {
    if (this.#phase !== 'reading') {
      return;
    }
    this.#phase = 'probing';
    confirmEnd(this.#duplex, () => this.#ended());
  }

  #ended(): void {
    if (this.#phase !== 'reading' && this.#phase !== 'probing') {
      return;
    }
    this.#phase = 'ended';
    this.intake.decoder.end();
    this.#clock?.clear();
    this.#satisfy();
  }

  /** Resumes the duplex, if other code paused it while a reader waits or while we drop what comes. */
  onPause(): void {
    const wantsMore = this.#waiter !== undefined && this.#phase === 'reading';
    if (wantsMore || this.#phase === 'dropping') {
      this.#duplex.resume();
    }
  }

  /** Lets the waiting reader collect from the decoder. If it now has what it waits for, settles its read. */
  #satisfy(): void {
    const waiter = this.#waiter;
    if (waiter === undefined || this.#isAsking) {
      return;
    }
    this.#isAsking = true;
    try {
      if (!waiter.wants()) {
        this.#watchFrame();
      } else if (this.#waiter === waiter) {
        this.#takeWaiter();
      }
    } catch (error) {
      this.#giveError(error);
    } finally {
      this.#isAsking = false;
    }
  }

  /**
   * Rejects the pending read with `error`. If no read is pending, the decoder throws the error again at the
   * next read.
   */
  #giveError(error: unknown): void {
    const waiter = this.#takeWaiter();
    if (this.#phase === 'reading') {
      this.#flow.pause();
    }
    waiter?.reject(this.#reported(error));
  }

  /**
   * Reports the error of a read, unless it is the error that ended reading, which has been reported. Returns
   * the error.
   */
  #reported(error: unknown): unknown {
    return error === this.#failure ? error : this.intake.reported(error);
  }

  #takeWaiter(): Waiter | undefined {
    const waiter = this.#waiter;
    this.#waiter = undefined;
    if (waiter !== undefined) {
      this.#visit = undefined;
    }
    this.#clock?.stop();
    return waiter;
  }
}
