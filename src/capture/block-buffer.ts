// The bytes of a capture file that have come and are not parsed yet, always in one piece of memory.
//
// Operations: push a chunk, look at the unread bytes, skip the first of them.
// Goal: large chunks are parsed where they lie. Only a block that the end of a chunk cuts is copied.
// Warning: a chunk must not change before the next push. `bytes` and `view` are valid until the next push.

const NOTHING = new Uint8Array(0);

export class BlockBuffer {
  /** The memory in which the unread bytes lie, from `at` to `end`. */
  bytes: Uint8Array = NOTHING;
  view: DataView = new DataView(NOTHING.buffer);
  at = 0;
  end = 0;
  /** Offset in the file of the byte at `at`. */
  offset = 0;
  /** Memory that this buffer owns. It holds blocks that the end of a chunk cuts. */
  #own: Uint8Array = NOTHING;
  /** Number of bytes that will be dropped when they come. */
  #skipping = 0;

  get length(): number {
    return this.end - this.at;
  }

  push(chunk: Uint8Array): void {
    const dropped = Math.min(this.#skipping, chunk.length);
    this.#skipping -= dropped;
    this.offset += dropped;
    const rest = chunk.subarray(dropped);
    if (this.length === 0) {
      this.#show(rest, 0, rest.length);
    } else if (rest.length > 0) {
      this.#append(rest);
    }
  }

  /** Drops the next `length` bytes, even those that have not come yet. */
  skip(length: number): void {
    const present = Math.min(length, this.length);
    this.at += present;
    this.offset += present;
    this.#skipping = length - present;
  }

  /** Whether some of the bytes that `skip` drops have not come yet. */
  get isSkipping(): boolean {
    return this.#skipping > 0;
  }

  #show(bytes: Uint8Array, at: number, end: number): void {
    if (this.bytes !== bytes) {
      this.bytes = bytes;
      this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    }
    this.at = at;
    this.end = end;
  }

  /**
   * Puts the chunk behind the unread bytes, in `#own`. That memory grows by doubling, so that the work is
   * linear.
   */
  #append(chunk: Uint8Array): void {
    const needed = this.length + chunk.length;
    const isOwn = this.bytes === this.#own;
    if (!isOwn || this.end + chunk.length > this.#own.length) {
      const unread = this.bytes.subarray(this.at, this.end);
      // Moving the unread bytes to the front is cheap if they and the chunk fill at most half of the memory.
      if (needed * 2 > this.#own.length) {
        this.#own = new Uint8Array(needed * 2);
      }
      this.#own.set(unread);
      this.#show(this.#own, 0, unread.length);
    }
    this.#own.set(chunk, this.end);
    this.end += chunk.length;
  }
}
