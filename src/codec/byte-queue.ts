// ByteQueue, the public face of the queue from which every decoder of this package reads: chunks go in, and
// runs of exactly as many bytes as the decoder wants come out.
//
// Operations:
// - `push` puts a chunk behind the others.
// - `length`, `has`, `byteAt`, `indexOf` and `peek` look, and change nothing.
// - `take`, `takeAll` and `skip` remove bytes from the front. `offset` says where in the stream the queue
//   begins.
// - `settle` lets go of memory. Call it before waiting for the next chunk.
//
// Goals:
// - A run of bytes inside one large chunk is a view of the chunk. Small chunks behind other bytes are packed
//   together, which copies them once. A run across chunks is copied as well.
// - `indexOf` remembers where it has looked. Asking again after each chunk looks at each byte only once.
// - Thousands of 1-byte chunks share a few blocks of memory, so they do not cost an object each.
// - A rest of 3 bytes is copied, so that it does not keep its chunk of 64 KiB alive.
//
// Warnings:
// - A pushed chunk must not change until its bytes were taken. What `peek` and `take` return is a view of the
//   chunk where possible: copy what you keep for long.
// - The queue has no limit. In `defineCodec` the decoder limits the queue. Elsewhere compare `length` with
//   your own limit.
// - Asking for bytes that have not come is a bug, not a wait: UsageError ERR_OPTION. Ask `has` first.

import { refuse, whole } from '../options.ts';
import { ChunkQueue } from './chunk-queue.ts';
import type { Bytes } from './byte-types.ts';
import { isBytes } from './bytes.ts';
import { notBytes } from './frame-errors.ts';

/**
 * Queue of bytes that have come and are not read yet, as the `next` function of `defineCodec` gets it. Chunks
 * go in, and runs of exactly as many bytes as the reader wants come out.
 */
export class ByteQueue {
  readonly #chunks = new ChunkQueue();
  /**
   * For each byte value that `indexOf` did not find: a range of stream offsets that holds no byte of that
   * value.
   */
  readonly #searches = new Map<number, { from: number; to: number }>();

  /** Number of bytes in the queue. */
  get length(): number {
    return this.#chunks.length;
  }

  /** Offset in the whole stream of the first byte of the queue. */
  get offset(): number {
    return this.#chunks.offset;
  }

  /** Puts a chunk behind the bytes in the queue. */
  push(chunk: Uint8Array): void {
    if (!isBytes(chunk)) {
      throw notBytes(chunk);
    }
    this.#chunks.push(chunk);
  }

  /** Whether the first `count` bytes have come. */
  has(count: number): boolean {
    return whole('count', count) <= this.length;
  }

  /** Returns the byte at `index`, counted from the front, or `undefined` if it has not come. */
  byteAt(index: number): number | undefined {
    if (whole('index', index) >= this.length) {
      return undefined;
    }
    const run = this.#chunks.look(index);
    return run?.bytes[run.at];
  }

  /**
   * Returns the index of the first byte with this value from index `from` on, or -1 if no such byte has come.
   * The queue remembers how far it has looked for each value, so asking again after each chunk stays linear.
   */
  indexOf(byte: number, from = 0): number {
    whole('byte', byte, { max: 255 });
    const { offset, length } = this;
    let start = offset + whole('from', from);
    let index = from;
    const before = this.#searches.get(byte);
    if (before !== undefined && before.from <= start && start <= before.to) {
      start = before.from;
      index = before.to - offset;
    }
    while (index < length) {
      const run = this.#chunks.look(index);
      if (run === undefined) {
        break;
      }
      const end = Math.min(run.end, run.at + length - index);
      const found = run.bytes.indexOf(byte, run.at);
      if (found >= 0 && found < end) {
        return index + found - run.at;
      }
      index += end - run.at;
    }
    this.#searches.set(byte, { from: start, to: Math.max(start, offset + length) });
    return -1;
  }

  /** Shows `count` bytes from index `from` on as one array, and leaves them in the queue. */
  peek(count: number, from = 0): Bytes {
    this.#demand(whole('count', count) + whole('from', from));
    const chunks = this.#chunks;
    // Leave room behind the run: a caller that looks at the head of a frame will soon ask for more bytes.
    chunks.gather(from + count, true);
    return chunks.view(chunks.at + from, chunks.at + from + count);
  }

  /** Takes the first `count` bytes as one array. */
  take(count: number): Bytes {
    this.#demand(whole('count', count));
    this.#chunks.gather(count);
    return this.#chunks.shift(count);
  }

  /** Drops the first `count` bytes. */
  skip(count: number): void {
    this.#demand(whole('count', count));
    this.#chunks.skip(count);
  }

  /** Empties the queue and returns all its bytes, in pieces. */
  takeAll(): Uint8Array[] {
    return this.#chunks.takeAll();
  }

  /**
   * Lets go of memory that the queue does not need. Call it before waiting for the next chunk. `awaited` is the
   * number of bytes for which you wait, counted from the front; default 0, not known. With more than 1 MiB,
   * these bytes are put together while they come, and not once more when all have come.
   */
  settle(awaited = 0): void {
    this.#chunks.settle(whole('awaited', awaited));
  }

  #demand(count: number): void {
    if (count > this.length) {
      refuse(
        `${count} bytes were asked for, but ${this.length} have come.`,
        'Ask has(count) first.',
      );
    }
  }
}
