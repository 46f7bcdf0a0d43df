// The slab into which the small sends of a tick are packed. The more bytes a tick sends, the longer the next
// slab is. When a turn of the event loop packs nothing, the slab is let go, so that an idle connection holds
// no large slab.

/** Minimum and maximum length of a slab in bytes. */
const MIN_SLAB_LENGTH = 1024;
const MAX_SLAB_LENGTH = 64 * 1024;

const NO_SLAB: Buffer = Buffer.alloc(0);

/** Room in a slab. Write at `start` of `slab`, then call `commit`. */
interface Slot {
  readonly slab: Buffer;
  readonly start: number;
}

export class Packing {
  readonly #write: (bytes: Uint8Array) => void;
  #slab: Buffer = NO_SLAB;
  #start = 0;
  #end = 0;
  /** Number of bytes that were packed in this tick, and in the last tick that packed any. */
  #tickLength = 0;
  #lastTickLength = 0;
  #isWatched = false;

  constructor(write: (bytes: Uint8Array) => void) {
    this.#write = write;
  }

  /**
   * Returns room for `length` bytes. If the slab has too little room, writes what is packed and makes a new
   * slab.
   */
  reserve(length: number): Slot {
    if (this.#slab.length - this.#end < length) {
      this.#writePacked();
      const expected = Math.max(this.#tickLength, this.#lastTickLength, MIN_SLAB_LENGTH);
      const wanted = Math.max(length, Math.min(expected, MAX_SLAB_LENGTH));
      this.#setSlab(Buffer.allocUnsafeSlow(wanted));
    }
    return { slab: this.#slab, start: this.#end };
  }

  /** Counts the first `length` bytes of the reserved room as packed. */
  commit(length: number): void {
    this.#end += length;
    this.#tickLength += length;
  }

  /**
   * Called when the tick is over. Writes what is packed, and keeps the slab only if it has room for another
   * such tick.
   */
  flush(): void {
    this.#writePacked();
    // If another tick of this length would not fit, let the slab go: that tick would need two writes.
    if (this.#slab.length - this.#end < this.#tickLength) {
      this.#setSlab(NO_SLAB);
    }
    if (this.#tickLength > 0) {
      this.#lastTickLength = this.#tickLength;
    }
    this.#tickLength = 0;
    if (this.#slab.length > MIN_SLAB_LENGTH) {
      this.#letGoWhenIdle();
    }
  }

  /** Drops what is packed and not yet written. Returns the number of dropped bytes. */
  drop(): number {
    const dropped = this.#end - this.#start;
    this.#setSlab(NO_SLAB);
    return dropped;
  }

  #writePacked(): void {
    if (this.#end === this.#start) {
      return;
    }
    const packed = this.#slab.subarray(this.#start, this.#end);
    this.#start = this.#end;
    this.#write(packed);
  }

  #setSlab(slab: Buffer): void {
    this.#slab = slab;
    this.#start = 0;
    this.#end = 0;
  }

  /** Keeps a large slab for one turn of the event loop, and lets it go if nothing was packed in that turn. */
  #letGoWhenIdle(): void {
    if (this.#isWatched) {
      return;
    }
    this.#isWatched = true;
    const slab = this.#slab;
    const end = this.#end;
    setImmediate(() => {
      this.#isWatched = false;
      const isIdle = this.#slab === slab && this.#end === end;
      if (isIdle) {
        this.#setSlab(NO_SLAB);
      } else if (this.#slab.length > MIN_SLAB_LENGTH) {
        this.#letGoWhenIdle();
      }
    });
  }
}
