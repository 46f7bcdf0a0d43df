// The reading half of a connection: duplex → decoder → one reader at a time.
// Nothing is decoded before somebody asks, also inside a chunk: each question takes one value. When a
// chunk comes while nobody waits, the duplex is paused; so at most two chunks are held here, and the
// rest waits in the kernel and slows the sender down.
// What a reader sees: every good value, then the protocol error or the loss, then that again.

import type { Duplex } from 'node:stream';
import type { Decoder, FrameVisitor } from '../codec/codec.ts';
import { isUnstickError } from '../errors.ts';
import type { UnstickError } from '../errors.ts';
import { deadline } from './deadline.ts';
import type { Deadline } from './deadline.ts';
import { concurrentRead, Intake } from './intake.ts';
import type { Owner } from './owner.ts';
import { stalled } from './transport.ts';

/** What a reader waits for: `undefined` while it has not come. Throws when it never will. */
type Collect<R> = () => R | undefined;

interface Waiter {
  /** Whether the reader has what it wanted. */
  readonly wants: () => boolean;
  readonly reject: (error: unknown) => void;
}

const OVER: { readonly done: true; readonly value: undefined } = { done: true, value: undefined };

export class Inbound<T> {
  readonly #duplex: Duplex;
  readonly intake: Intake<T>;
  readonly #owner: Owner;
  readonly #stall: Deadline;
  #waiter: Waiter | undefined;
  #visit: FrameVisitor | undefined;
  #failure: UnstickError | undefined;
  /** A decoder gives its error again and again; it is reported once. */
  #lastReported: UnstickError | undefined;
  /** Ended on this side: what has come is not read any more either. */
  #isCut = false;
  #ended = false;
  /** No more is read once the decoder rests at a boundary: a server shuts down. */
  #stopping = false;
  /** Nobody reads any more: what comes is dropped, so that the remote's end is seen. */
  #discarding = false;
  #paused = false;

  constructor(duplex: Duplex, decoder: Decoder<T>, owner: Owner) {
    this.#duplex = duplex;
    this.intake = new Intake(decoder, owner);
    this.#owner = owner;
    this.#stall = deadline(owner.options.frameTimeout, () => this.#stalled());
    duplex.on('data', this.#onChunk);
    duplex.on('end', this.#onEnd);
    if (duplex.readableEnded) this.#onEnd();
    else duplex.resume();
  }

  get isWaiting(): boolean {
    return this.#waiter !== undefined;
  }

  /** Whether bytes are held back because nobody takes them. */
  get isHolding(): boolean {
    return this.#paused || (this.#waiter === undefined && this.intake.buffered > 0);
  }

  get hasEnded(): boolean {
    return this.#ended;
  }

  /** The next value, as an iterator gives it. */
  next(): Promise<IteratorResult<T, undefined>> {
    // What has come is given here: with a result that is made where the promise is, and without the
    // waiter's closures, iterating is a tenth faster.
    if (this.#waiter === undefined && !this.#isCut) {
      try {
        const value = this.intake.take();
        if (value !== undefined) return Promise.resolve({ done: false, value });
        if (this.#isOver()) return Promise.resolve(OVER);
      } catch (error) {
        return Promise.reject(this.#reported(error));
      }
      return this.#wait(() => this.#collectValue());
    }
    return this.#read(() => this.#collectValue());
  }

  /** All values of what has come, at least one. */
  nextBatch(): Promise<IteratorResult<T[], undefined>> {
    return this.#read(() => this.#collectBatch());
  }

  /** Shows every frame to `visit`, to the end of the stream. */
  async scan(visit: FrameVisitor): Promise<void> {
    if (this.#waiter !== undefined || this.#visit !== undefined) throw concurrentRead();
    const { intake } = this;
    // One function around the caller's, made once: a second one costs 64-byte frames a sixth.
    this.#visit = (bytes, start, end) => {
      if (this.#isCut) throw this.#failure;
      intake.saw(bytes, start, end);
      visit(bytes, start, end);
    };
    try {
      await this.#read(() => {
        if (this.#visit !== undefined) intake.show(this.#visit);
        return this.#isOver() ? OVER : undefined;
      });
    } finally {
      this.#visit = undefined;
    }
  }

  /** Takes back a pending read: what comes goes to the next one. */
  cancel(error: UnstickError): void {
    // The clock of a begun frame runs on: else a reader that asks again and again would hold it.
    const waiter = this.#waiter;
    this.#waiter = undefined;
    waiter?.reject(error);
  }

  /** Nothing more will come, because of `error`; what has come can still be read, unless we ended it. */
  fail(error: UnstickError): void {
    if (this.#failure !== undefined || this.#ended) return;
    this.#failure = error;
    this.#isCut = error.code === 'ERR_CONNECTION_CLOSED';
    this.#stall.clear();
    if (this.#isCut) this.#takeWaiter()?.reject(error);
    else if (this.#duplex.destroyed && !this.#discarding) this.intake.salvage(this.#duplex);
    this.#satisfy();
  }

  /** Ends reading as if the remote had ended, as soon as no value is begun. */
  stopAtBoundary(): void {
    this.#stopping = true;
    this.#satisfy();
  }

  discard(): void {
    this.#discarding = true;
    this.#resume();
  }

  /** Stops reading and gives back what nobody has taken. */
  detach(): Uint8Array[] {
    if (this.#waiter !== undefined) throw concurrentRead();
    const rest = this.intake.takeRest();
    this.#duplex.off('data', this.#onChunk);
    this.#duplex.off('end', this.#onEnd);
    this.#duplex.pause();
    this.#stall.clear();
    return rest;
  }

  /** Every way of reading: what has come if that is enough, else wait. */
  #read<R>(collect: Collect<R>): Promise<R> {
    if (this.#waiter !== undefined) return Promise.reject(concurrentRead());
    if (this.#isCut) return Promise.reject(this.#failure);
    try {
      const result = collect();
      if (result !== undefined) return Promise.resolve(result);
    } catch (error) {
      return Promise.reject(this.#reported(error));
    }
    return this.#wait(collect);
  }

  #wait<R>(collect: Collect<R>): Promise<R> {
    return new Promise((resolve, reject) => {
      const wants = (): boolean => {
        const result = collect();
        if (result === undefined) return false;
        resolve(result);
        return true;
      };
      this.#waiter = { wants, reject };
      // Time in which we held the duplex is not the remote's.
      if (this.#paused) this.#stall.stop();
      this.#watchForStall();
      this.#resume();
    });
  }

  #collectValue(): IteratorResult<T, undefined> | undefined {
    const value = this.intake.take();
    if (value !== undefined) return { done: false, value };
    return this.#isOver() ? OVER : undefined;
  }

  #collectBatch(): IteratorResult<T[], undefined> | undefined {
    const value = this.intake.takeAll();
    if (value.length > 0) return { done: false, value };
    return this.#isOver() ? OVER : undefined;
  }

  /** To be asked when the decoder is dry. Throws what ended the connection. */
  #isOver(): boolean {
    if (this.#ended) return true;
    if (this.#failure !== undefined) throw this.#failure;
    return this.#stopping && this.intake.isAtBoundary;
  }

  readonly #onChunk = (chunk: Uint8Array): void => {
    this.intake.bytes += chunk.length;
    this.#owner.onBytes();
    if (this.#discarding) return;
    try {
      if (this.#visit === undefined) this.intake.push(chunk);
      else this.#show(this.#visit, chunk);
    } catch (error) {
      this.#stopReading(error);
      return;
    }
    if (this.#waiter === undefined) this.#pause();
    else if (this.#visit === undefined) this.#satisfy();
  };

  #show(visit: FrameVisitor, chunk: Uint8Array): void {
    const { frames } = this.intake;
    this.intake.show(visit, chunk);
    if (this.intake.frames > frames) this.#stall.stop();
    this.#watchForStall();
  }

  readonly #onEnd = (): void => {
    this.#ended = true;
    this.intake.end();
    this.#stall.clear();
    this.#satisfy();
  };

  /** Asks the waiting reader whether it has enough now. */
  #satisfy(): void {
    const waiter = this.#waiter;
    if (waiter === undefined) return;
    try {
      if (waiter.wants()) this.#takeWaiter();
      else this.#watchForStall();
    } catch (error) {
      this.#stopReading(error);
    }
  }

  /** The reader that waits gets the error; where none waits, the next one does. */
  #stopReading(error: unknown): void {
    const waiter = this.#takeWaiter();
    this.#pause();
    if (waiter !== undefined) waiter.reject(this.#reported(error));
    else if (isUnstickError(error)) this.#failure ??= error;
  }

  #reported(error: unknown): unknown {
    const isOld = error === this.#failure || error === this.#lastReported;
    if (isOld || !isUnstickError(error)) return error;
    this.#lastReported = error;
    this.#owner.onError(error);
    return error;
  }

  #takeWaiter(): Waiter | undefined {
    const waiter = this.#waiter;
    this.#waiter = undefined;
    this.#stall.stop();
    return waiter;
  }

  #watchForStall(): void {
    if (this.#waiter === undefined || this.intake.isAtBoundary) this.#stall.stop();
    else this.#stall.start();
  }

  #stalled(): void {
    if (this.#waiter === undefined) return;
    const { options, remoteAddress } = this.#owner;
    this.#owner.onStall(stalled(options.frameTimeout, remoteAddress, this.intake.buffered));
  }

  #pause(): void {
    if (this.#paused || this.#discarding) return;
    this.#paused = true;
    this.#duplex.pause();
  }

  #resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#duplex.resume();
  }
}
