// The writing half of a connection: values → bytes, packed.
//
// Many small sends of one tick become one write: they are encoded side by side into a slab, and the
// slab is written when the tick is over (measured at ten times the rate of one write for each). A large
// payload is never copied: it goes out by reference, behind what was packed before it.

import type { Duplex } from 'node:stream';
import type { Codec } from '../codec/codec.ts';
import { lengthOf } from '../codec/frame-encoder.ts';
import { ConnectionError, UsageError } from '../errors.ts';
import type { UnstickError } from '../errors.ts';
import type { Owner } from './owner.ts';
import { lost } from './transport.ts';

/** Values up to here are packed; above, copying costs more than a write of their own. */
const PACK_LENGTH = 8 * 1024;
/** Slabs grow with what a tick sends, between these, so that an idle connection holds no large one. */
const MIN_SLAB_LENGTH = 1024;
const MAX_SLAB_LENGTH = 64 * 1024;

const NO_SLAB: Buffer = Buffer.alloc(0);
const SENT: Promise<void> = Promise.resolve();

interface Waiter {
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

export class Outbound<T> {
  readonly #duplex: Duplex;
  readonly #codec: Codec<T, unknown>;
  readonly #owner: Owner;
  #slab: Buffer = NO_SLAB;
  #slabStart = 0;
  #slabEnd = 0;
  /** Bytes packed in this tick, and in the last one that sent. */
  #tickLength = 0;
  #lastTickLength = 0;
  #flushScheduled = false;
  #waiters: Waiter[] = [];
  #failure: UnstickError | undefined;
  #queued = 0;
  /** Counted since the connection was framed; `largest` is in bytes on the wire. */
  bytes = 0;
  frames = 0;
  largest = 0;

  constructor(duplex: Duplex, codec: Codec<T, unknown>, owner: Owner) {
    this.#duplex = duplex;
    this.#codec = codec;
    this.#owner = owner;
  }

  /** Bytes accepted and not yet taken over by the operating system. */
  get queued(): number {
    return this.#queued;
  }

  /** Resolves when few enough bytes are queued. */
  send(value: T, onReusable?: () => void): Promise<void> {
    if (this.#failure !== undefined) return this.#rejected(this.#failure);
    try {
      const length =
        this.#codec.measuresByEncoding === true
          ? this.#sendEncoded(value, onReusable)
          : this.#sendMeasured(value, onReusable);
      this.frames++;
      if (length > this.largest) this.largest = length;
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#drained();
  }

  /** Into the slab, without an object for each. Returns the length. */
  #sendMeasured(value: T, onReusable: (() => void) | undefined): number {
    const length = this.#codec.encodedLength(value);
    this.#checkRoom(length);
    if (length > PACK_LENGTH) this.#writeThrough(this.#codec.encode(value), length, onReusable);
    else {
      this.#makeRoom(length);
      this.#slabEnd = this.#codec.encodeInto(value, this.#slab, this.#slabEnd);
      this.#packed(length);
      onReusable?.();
    }
    return length;
  }

  /** For codecs that would do all the work twice: small messages are sent 1.6 times as fast. */
  #sendEncoded(value: T, onReusable: (() => void) | undefined): number {
    const pieces = this.#codec.encode(value);
    const length = lengthOf(pieces);
    this.#checkRoom(length);
    if (length > PACK_LENGTH) this.#writeThrough(pieces, length, onReusable);
    else {
      this.#makeRoom(length);
      let end = this.#slabEnd;
      for (const piece of pieces) {
        this.#slab.set(piece, end);
        end += piece.length;
      }
      this.#slabEnd = end;
      this.#packed(length);
      onReusable?.();
    }
    return length;
  }

  /** Resolves when no more bytes are queued than the high-water mark. */
  #drained(): Promise<void> {
    if (this.#queued <= this.#owner.options.highWaterMark) return SENT;
    const promise = new Promise<void>((resolve, reject) => {
      this.#waiters.push({ resolve, reject });
    });
    // A loss is reported by whoever awaits or reads; a send that nobody awaits must not end the process.
    promise.catch(() => undefined);
    return promise;
  }

  /** Writes what is packed. */
  #flush(): void {
    this.#writePacked();
    // A rest that the next tick would outgrow at once costs it a second write.
    if (this.#slab.length - this.#slabEnd < this.#tickLength) this.#setSlab(NO_SLAB);
    this.#lastTickLength = this.#tickLength;
    this.#tickLength = 0;
  }

  /** No more is accepted, because of `error`; what was goes out, and who waits for that goes on. */
  refuse(error: UnstickError): void {
    this.#flush();
    this.#failure ??= error;
  }

  /** Nothing more goes out, because of `error`; everyone who waits is told. */
  fail(error: UnstickError): void {
    this.#failure = error;
    this.#queued -= this.#slabEnd - this.#slabStart;
    this.#setSlab(NO_SLAB);
    for (const waiter of this.#waiters.splice(0)) waiter.reject(error);
  }

  #rejected(error: UnstickError): Promise<never> {
    const promise = Promise.reject(error);
    if (error instanceof ConnectionError) promise.catch(() => undefined);
    return promise;
  }

  #checkRoom(length: number): void {
    const { maxQueuedLength } = this.#owner.options;
    if (this.#queued === 0 || this.#queued + length <= maxQueuedLength) return;
    throw new UsageError(
      'ERR_QUEUE_FULL',
      `${length} bytes more would make ${this.#queued + length} wait, above maxQueuedLength ${maxQueuedLength}.`,
      {
        length: this.#queued + length,
        limit: maxQueuedLength,
        hint: 'Await each send: it resolves when the other side has caught up.',
      },
    );
  }

  #makeRoom(length: number): void {
    if (this.#slab.length - this.#slabEnd >= length) return;
    this.#writePacked();
    const expected = Math.max(this.#tickLength, this.#lastTickLength);
    this.#setSlab(Buffer.allocUnsafeSlow(Math.max(length, slabLength(expected))));
  }

  /** Counts what was packed, and sees to it that it goes out when the tick is over. */
  #packed(length: number): void {
    this.#tickLength += length;
    this.#queued += length;
    if (this.#flushScheduled) return;
    this.#flushScheduled = true;
    process.nextTick(() => {
      this.#flushScheduled = false;
      this.#flush();
    });
  }

  #setSlab(slab: Buffer): void {
    this.#slab = slab;
    this.#slabStart = 0;
    this.#slabEnd = 0;
  }

  #writePacked(): void {
    if (this.#slabEnd === this.#slabStart) return;
    const packed = this.#slab.subarray(this.#slabStart, this.#slabEnd);
    this.#slabStart = this.#slabEnd;
    this.#write(packed);
  }

  #writeThrough(pieces: Uint8Array[], length: number, onReusable: (() => void) | undefined): void {
    this.#duplex.cork();
    this.#flush();
    const last = pieces.length - 1;
    pieces.forEach((piece, at) => this.#write(piece, at === last ? onReusable : undefined));
    this.#queued += length;
    this.#duplex.uncork();
  }

  #write(bytes: Uint8Array, onWritten?: () => void): void {
    if (this.#failure !== undefined) return;
    const { length } = bytes;
    this.#duplex.write(bytes, (error) => {
      this.#queued -= length;
      // A socket that was destroyed calls back without an error.
      if (error || this.#duplex.destroyed) {
        // The duplex reports it, too, and then everyone is told; once released, only here.
        if (this.#failure?.reason === 'released') this.fail(lost(error, undefined));
        return;
      }
      this.bytes += length;
      this.#owner.onBytes();
      onWritten?.();
      if (this.#waiters.length === 0 || this.#queued > this.#owner.options.highWaterMark) return;
      for (const waiter of this.#waiters.splice(0)) waiter.resolve();
    });
  }
}

function slabLength(wanted: number): number {
  return Math.min(Math.max(wanted, MIN_SLAB_LENGTH), MAX_SLAB_LENGTH);
}
