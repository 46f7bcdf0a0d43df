// Bytes that come in chunks and are looked at as a whole after each chunk. Joining all chunks each time would
// take time quadratic in their number. Here all copies together take time linear in the bytes.

export class Gathered {
  /**
   * Memory of the bytes. When it is full, new memory of at least twice the length replaces it. Bytes that
   * were written are never overwritten.
   */
  #store = Buffer.alloc(0);
  #length = 0;

  append(chunk: Uint8Array): void {
    const length = this.#length + chunk.length;
    if (length > this.#store.length) {
      const store = Buffer.allocUnsafeSlow(Math.max(length, 2 * this.#store.length));
      store.set(this.bytes);
      this.#store = store;
    }
    this.#store.set(chunk, this.#length);
    this.#length = length;
  }

  /** All bytes so far. The returned bytes do not change when more bytes come. */
  get bytes(): Buffer {
    return this.#store.subarray(0, this.#length);
  }
}
