// The reading half of a connection: duplex → decoder → one reader at a time.
//
// Nothing is decoded before somebody asks, also inside a chunk: the decoder holds the chunk, and each
// question takes one value. When a chunk comes while nobody waits, the duplex is paused; so at most
// two chunks are held here, and the rest waits in the kernel and slows the sender down.
// What a reader sees: every good value, then the protocol error or the loss, then that again.

import type { Duplex } from 'node:stream';
import type { Decoder, FrameDecoder, FrameVisitor } from '../codec/codec.ts';
import { ConnectionError, isUnstickError, UsageError } from '../errors.ts';
import type { UnstickError } from '../errors.ts';
import { Deadline } from './deadline.ts';
import { frameChannel } from './diagnostics.ts';
import { ownBytes } from './own-bytes.ts';

export interface InboundOptions {
  readonly copy: boolean;
  /** Longest time from the first byte of a value to its last, while a reader waits; 0: no limit. */
  readonly frameTimeout: number;
  readonly remoteAddress: () => string | undefined;
  /** Something came in. */
  readonly onBytes: () => void;
  /** Sees every value that is handed over, when somebody subscribes to that. */
  readonly onValue: (value: unknown) => void;
  /** Sees every error of the bytes that came, as a reader gets it. */
  readonly onError: (error: UnstickError) => void;
  /** The remote stalled: the connection has to end. */
  readonly onStall: (error: ConnectionError) => void;
}

/** What a reader waits for: `undefined` while it has not come. Throws when it never will. */
type Collect<R> = () => R | undefined;

interface Waiter {
  /** True when the reader has what it wanted. */
  readonly wants: () => boolean;
  readonly reject: (error: unknown) => void;
}

const NO_BYTES = new Uint8Array(0);
const OVER: { readonly done: true; readonly value: undefined } = { done: true, value: undefined };

export class Inbound<T> {
  readonly #duplex: Duplex;
  readonly #decoder: Decoder<T>;
  readonly #options: InboundOptions;
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
  /** Counted since the connection was framed. `largest` is in bytes on the wire. */
  bytes = 0;
  frames = 0;
  largest = 0;

  constructor(duplex: Duplex, decoder: Decoder<T>, options: InboundOptions) {
    this.#duplex = duplex;
    this.#decoder = decoder;
    this.#options = options;
    this.#stall = new Deadline(options.frameTimeout, () => this.#stalled());
    duplex.on('data', this.#onChunk);
    duplex.on('end', this.#onEnd);
    if (duplex.readableEnded) this.#onEnd();
    else duplex.resume();
  }

  get buffered(): number {
    return this.#decoder.bufferedLength;
  }

  get isWaiting(): boolean {
    return this.#waiter !== undefined;
  }

  /** Whether bytes are held back because nobody takes them. */
  get isHolding(): boolean {
    return this.#paused || (this.#waiter === undefined && this.#decoder.bufferedLength > 0);
  }

  get hasEnded(): boolean {
    return this.#ended;
  }

  /** The next value, as an iterator gives it. */
  next(): Promise<IteratorResult<T, undefined>> {
    return this.#read(this.#collectValue);
  }

  /** All values of what has come, at least one. */
  nextBatch(): Promise<IteratorResult<T[], undefined>> {
    return this.#read(this.#collectBatch);
  }

  /** Shows every frame to `visit`, to the end of the stream. */
  async scan(visit: FrameVisitor): Promise<void> {
    const decoder = this.#decoder;
    if (!isFrameDecoder(decoder)) {
      throw new UsageError(
        'ERR_OPTION',
        'The values of this codec are not byte frames: it cannot scan.',
        {
          hint: 'Read with for await, receive or batches.',
        },
      );
    }
    if (this.#waiter !== undefined || this.#visit !== undefined) throw concurrentRead();
    this.#visit = (bytes, start, end) => {
      if (this.#isCut) throw this.#failure;
      this.#count(end - start);
      if (frameChannel.hasSubscribers) this.#options.onValue(bytes.subarray(start, end));
      visit(bytes, start, end);
    };
    try {
      await this.#read(() => {
        if (this.#visit !== undefined) decoder.scan(NO_BYTES, this.#visit);
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
    else this.#salvage();
    this.#satisfy();
  }

  /** A duplex that breaks while it is paused still has what it read before. */
  #salvage(): void {
    if (!this.#duplex.destroyed || this.#discarding) return;
    for (;;) {
      const chunk: unknown = this.#duplex.read();
      if (!(chunk instanceof Uint8Array)) return;
      this.bytes += chunk.length;
      this.#decoder.push(chunk);
    }
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
    if (this.#decoder.takeRest === undefined) {
      throw new UsageError(
        'ERR_OPTION',
        'The decoder of this codec has no takeRest: it cannot be released.',
      );
    }
    this.#duplex.off('data', this.#onChunk);
    this.#duplex.off('end', this.#onEnd);
    this.#duplex.pause();
    this.#stall.clear();
    return this.#decoder.takeRest();
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

  readonly #collectValue = (): IteratorResult<T, undefined> | undefined => {
    const value = this.#take();
    if (value !== undefined) return { done: false, value };
    return this.#isOver() ? OVER : undefined;
  };

  /** A batch comes before its error: the decoder keeps that for the next question. */
  readonly #collectBatch = (): IteratorResult<T[], undefined> | undefined => {
    const batch: T[] = [];
    try {
      for (let value = this.#take(); value !== undefined; value = this.#take()) batch.push(value);
    } catch (error) {
      if (batch.length === 0) throw error;
    }
    if (batch.length > 0) return { done: false, value: batch };
    return this.#isOver() ? OVER : undefined;
  };

  #take(): T | undefined {
    const before = this.#decoder.bufferedLength;
    const value = this.#decoder.take();
    if (value === undefined) return undefined;
    this.#count(before - this.#decoder.bufferedLength);
    if (frameChannel.hasSubscribers) this.#options.onValue(value);
    return this.#options.copy ? ownBytes(value) : value;
  }

  #count(length: number): void {
    this.frames++;
    if (length > this.largest) this.largest = length;
  }

  /** To be asked when the decoder is dry. Throws what ended the connection. */
  #isOver(): boolean {
    if (this.#ended) return true;
    if (this.#failure !== undefined) throw this.#failure;
    return this.#stopping && this.#isAtBoundary();
  }

  #isAtBoundary(): boolean {
    return this.#decoder.atBoundary ?? this.#decoder.bufferedLength === 0;
  }

  readonly #onChunk = (chunk: Uint8Array): void => {
    this.bytes += chunk.length;
    this.#options.onBytes();
    if (this.#discarding) return;
    try {
      if (this.#visit !== undefined && isFrameDecoder(this.#decoder))
        this.#show(this.#decoder, chunk);
      else this.#decoder.push(chunk);
    } catch (error) {
      this.#stopReading(error);
      return;
    }
    if (this.#waiter === undefined) this.#pause();
    else if (this.#visit === undefined) this.#satisfy();
  };

  #show(decoder: FrameDecoder, chunk: Uint8Array): void {
    if (this.#visit === undefined) return;
    const { frames } = this;
    decoder.scan(chunk, this.#visit);
    if (this.frames > frames) this.#stall.stop();
    this.#watchForStall();
  }

  readonly #onEnd = (): void => {
    this.#ended = true;
    this.#decoder.end();
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
    if (!isUnstickError(error) || error === this.#failure || error === this.#lastReported)
      return error;
    this.#lastReported = error;
    this.#options.onError(error);
    return error;
  }

  #takeWaiter(): Waiter | undefined {
    const waiter = this.#waiter;
    this.#waiter = undefined;
    this.#stall.stop();
    return waiter;
  }

  #watchForStall(): void {
    if (this.#waiter === undefined || this.#isAtBoundary()) this.#stall.stop();
    else this.#stall.start();
  }

  #stalled(): void {
    if (this.#waiter === undefined) return;
    const { frameTimeout: limit } = this.#options;
    const remoteAddress = this.#options.remoteAddress();
    const received = this.#decoder.bufferedLength;
    const facts = `A frame was begun and not finished within ${limit} ms`;
    this.#options.onStall(
      new ConnectionError('ERR_FRAME_STALLED', facts, { remoteAddress, limit, received }),
    );
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

function isFrameDecoder<T>(decoder: Decoder<T>): decoder is Decoder<T> & FrameDecoder {
  return 'scan' in decoder && typeof decoder.scan === 'function';
}

function concurrentRead(): UsageError {
  return new UsageError('ERR_CONCURRENT_READ', 'A read is pending on this connection already.', {
    hint: 'One reader at a time: await the read before, or let one loop read and hand values on.',
  });
}
