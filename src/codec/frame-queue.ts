// The queue that `next` of defineCodec() reads: the bytes of one frame and of what may follow, up to a limit.
//
// The queue shows no more than `maxLength` bytes. If it showed more, `next` could accept a frame that is too
// long just because all of it came in one chunk. The queue also notes for how many bytes `next` waits, so
// that the decoder need not call `next` again for each byte.

import type { ErrorInit } from '../errors.ts';
import { whole } from '../options.ts';
import type { Bytes } from './byte-types.ts';
import { ByteQueue } from './byte-queue.ts';

/** Codes with which `next` can refuse a frame. ERR_FRAME_TOO_LARGE comes only from `has` and `hasFrame`. */
export type RefusalCode =
  'ERR_FRAME_MALFORMED' | 'ERR_FRAME_CHECKSUM' | 'ERR_FRAME_LENGTH_INVALID' | 'ERR_FRAME_TOO_LARGE';

/** Options of `refuse`. */
export interface RefusalOptions {
  /** Code of the error. Default ERR_FRAME_MALFORMED. */
  readonly code?: Exclude<RefusalCode, 'ERR_FRAME_TOO_LARGE'> | undefined;
  /** Advice on what to try, which ends the message of the error. Default none. */
  readonly hint?: string | undefined;
  /**
   * Length of the frame in bytes, if its end is known. A decoder with `onSkip` then skips the frame. Default
   * not known: the refusal is fatal.
   */
  readonly frameLength?: number | undefined;
}

/** The bytes that `next` of `defineCodec` reads: the bytes that have come, at most `maxLength` of them. */
export interface FrameQueue {
  /** Number of bytes that have come, at most `maxLength`. */
  readonly length: number;
  /** Offset in the whole stream of the first byte of the queue. */
  readonly offset: number;
  /**
   * Returns whether the first `count` bytes have come. If they have not, return `undefined` from `next`: the
   * decoder calls `next` again when more bytes have come. A `count` above `maxLength` makes the decoder fail
   * with ERR_FRAME_TOO_LARGE.
   */
  has(count: number): boolean;
  /**
   * Returns whether the whole frame, which has `length` bytes, has come. Call it instead of `has` when `next`
   * knows the length of the whole frame. The decoder can then skip a frame that is too large, and the error
   * of a truncated frame says how many bytes are missing.
   */
  hasFrame(length: number): boolean;
  /** Returns the byte at `index`, counted from the front, or `undefined` if it has not come. */
  byteAt(index: number): number | undefined;
  /**
   * Returns the index of the first byte with this value from index `from` on, or -1 if no such byte has come.
   * Repeated calls look at each byte once.
   */
  indexOf(byte: number, from?: number): number;
  /** Shows `count` bytes from index `from` on as one array, and leaves them in the queue. */
  peek(count: number, from?: number): Bytes;
  /** Takes the first `count` bytes as one array: a view of a chunk where possible. */
  take(count: number): Bytes;
  /** Drops the first `count` bytes. */
  skip(count: number): void;
  /**
   * Refuses the bytes of the frame. `take` then throws a ProtocolError with the place, after the last good
   * value. `facts` says what is wrong, and must not quote bytes of the remote.
   */
  refuse(facts: string, options?: RefusalOptions): never;
}

/** Carries a refusal from `next` to the decoder, which adds the place in the stream. */
export class Refusal extends Error {
  readonly code: RefusalCode;
  readonly init: ErrorInit & { readonly frameLength: number | undefined };

  constructor(code: RefusalCode, facts: string, init: Refusal['init']) {
    super(facts);
    this.code = code;
    this.init = init;
  }
}

export class LimitedQueue extends ByteQueue implements FrameQueue {
  readonly #maxLength: number;
  /** Number of bytes that must have come before the decoder calls `next` again. */
  wanted = 1;
  /** Length of the frame, if `next` has called `hasFrame`. */
  frameLength: number | undefined;

  constructor(maxLength: number) {
    super();
    this.#maxLength = maxLength;
  }

  override get length(): number {
    return Math.min(super.length, this.#maxLength);
  }

  /** Number of bytes that have come. Bytes beyond the limit count as well. */
  get received(): number {
    return super.length;
  }

  override has(count: number): boolean {
    if (count > this.#maxLength) {
      throw this.#tooLarge(count, undefined);
    }
    if (super.has(count)) {
      return true;
    }
    this.wanted = Math.max(this.wanted, count);
    return false;
  }

  hasFrame(length: number): boolean {
    if (length > this.#maxLength) {
      throw this.#tooLarge(length, length);
    }
    this.frameLength = length;
    return this.has(length);
  }

  refuse(facts: string, options: RefusalOptions = {}): never {
    const { code = 'ERR_FRAME_MALFORMED', hint, frameLength } = options;
    const length = frameLength === undefined ? {} : { length: whole('frameLength', frameLength) };
    throw new Refusal(code, facts, { hint, ...length, frameLength });
  }

  /** Forgets for how many bytes `next` waited, because a new frame begins. */
  restart(): void {
    this.wanted = 1;
    this.frameLength = undefined;
  }

  #tooLarge(length: number, frameLength: number | undefined): Refusal {
    const limit = this.#maxLength;
    const facts = `Frame length ${length} exceeds maxLength ${limit}`;
    const hint = 'If that length is right, raise the limit on both sides.';
    return new Refusal('ERR_FRAME_TOO_LARGE', facts, { length, limit, hint, frameLength });
  }
}
