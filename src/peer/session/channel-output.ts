// The bytes that wait to be sent on one channel. Small pieces are copied side by side into blocks, so that a
// thousand of them cost their bytes and not an object each. Large pieces stay in the caller's memory until
// they are sent. This file is pure.

import { allocateLike } from '../../codec/allocate.ts';
import { Fifo } from './fifo.ts';

interface Piece {
  readonly memory: Uint8Array;
  at: number;
  end: number;
  /** Whether the memory belongs to the caller. */
  readonly isLent: boolean;
}

/** The bytes of one message. */
export interface TakenOutput {
  readonly body: Uint8Array[];
  /**
   * Function to call when the connection no longer needs the body. `undefined` if no lent piece ends in this
   * body.
   */
  readonly onReusable: (() => void) | undefined;
}

/** Length in bytes from which on a piece is not copied: copying it would cost more than an object. */
const LENT_LENGTH = 4096;
const MIN_BLOCK_LENGTH = 64;
const MAX_BLOCK_LENGTH = 16 * 1024;
/** Number of waiting bytes up to which a write without lent pieces counts as written at once. */
const MAX_WAITING_LENGTH = 64 * 1024;

export class ChannelOutput {
  readonly #pieces = new Fifo<Piece>();
  #last: Piece | undefined;
  #length = 0;
  #lent = 0;
  #onWritten: (() => void) | undefined;

  /** Number of bytes that wait. */
  get length(): number {
    return this.#length;
  }

  /**
   * Adds bytes. `onWritten` is called, often at once, when the caller may change the bytes again and at most
   * MAX_WAITING_LENGTH bytes wait. The caller must not write again before that.
   */
  write(pieces: readonly Uint8Array[], onWritten: () => void): void {
    for (const bytes of pieces) {
      if (bytes.length >= LENT_LENGTH) {
        this.#lend(bytes);
      } else if (bytes.length > 0) {
        this.#pack(bytes);
      }
      this.#length += bytes.length;
    }
    this.#onWritten = onWritten;
    this.settle();
  }

  /** Takes out the first bytes, at most `limit`. */
  take(limit: number): TakenOutput {
    const body: Uint8Array[] = [];
    let returned = 0;
    let room = limit;
    for (let piece = this.#pieces.peek(); piece !== undefined && room > 0;) {
      const count = Math.min(room, piece.end - piece.at);
      body.push(piece.memory.subarray(piece.at, piece.at + count));
      piece.at += count;
      room -= count;
      if (piece.at < piece.end) {
        break;
      }
      if (piece.isLent) {
        returned++;
      }
      this.#drop(piece);
      piece = this.#pieces.peek();
    }
    this.#length -= limit - room;
    return { body, onReusable: returned === 0 ? undefined : () => this.#giveBack(returned) };
  }

  /**
   * Calls `onWritten` if the write is done. Call this method after `take`. Inside `onWritten` the caller may
   * write again.
   */
  settle(): void {
    if (this.#lent > 0 || this.#length > MAX_WAITING_LENGTH) {
      return;
    }
    const onWritten = this.#onWritten;
    this.#onWritten = undefined;
    onWritten?.();
  }

  /** Called when the channel is over. Drops everything. An `onWritten` that waits is never called. */
  clear(): void {
    this.#pieces.clear();
    this.#last = undefined;
    this.#length = 0;
    this.#onWritten = undefined;
  }

  #lend(bytes: Uint8Array): void {
    this.#last = { memory: bytes, at: 0, end: bytes.length, isLent: true };
    this.#pieces.push(this.#last);
    this.#lent++;
  }

  #pack(bytes: Uint8Array): void {
    const last = this.#last;
    const hasRoom =
      last !== undefined && !last.isLent && last.memory.length - last.end >= bytes.length;
    if (hasRoom) {
      last.memory.set(bytes, last.end);
      last.end += bytes.length;
      return;
    }
    const block = Math.min(Math.max(this.#length, MIN_BLOCK_LENGTH), MAX_BLOCK_LENGTH);
    const memory = allocateLike(bytes, Math.max(bytes.length, block));
    memory.set(bytes);
    this.#last = { memory, at: 0, end: bytes.length, isLent: false };
    this.#pieces.push(this.#last);
  }

  #drop(piece: Piece): void {
    this.#pieces.shift();
    if (this.#last === piece) {
      this.#last = undefined;
    }
  }

  #giveBack(count: number): void {
    this.#lent -= count;
    this.settle();
  }
}
