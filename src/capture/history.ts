// The last bytes of all streams together. They show whether a retransmission has the same bytes as before.
// All streams share one ring, so that its memory does not grow with the number of conversations.

/** Length of the ring in bytes. A retransmission usually comes within a few MB of its first transmission. */
const RING_LENGTH = 2 * 1024 * 1024;

export class History {
  readonly #ring: Uint8Array = new Uint8Array(RING_LENGTH);
  #end = 0;

  /** Keeps the bytes. Returns their position, which `firstDifference` takes. */
  record(bytes: Uint8Array): number {
    const position = this.#end;
    this.#end += bytes.length;
    const kept = bytes.subarray(Math.max(0, bytes.length - RING_LENGTH));
    const at = (this.#end - kept.length) % RING_LENGTH;
    const front = kept.subarray(0, RING_LENGTH - at);
    this.#ring.set(front, at);
    this.#ring.set(kept.subarray(front.length), 0);
    return position;
  }

  /**
   * Returns the index of the first byte that differs from the bytes kept at `position`. Returns -1 if none
   * differs, or if the kept bytes were overwritten.
   */
  firstDifference(bytes: Uint8Array, position: number): number {
    if (position < this.#end - RING_LENGTH) {
      return -1;
    }
    return bytes.findIndex((byte, i) => byte !== this.#ring[(position + i) % RING_LENGTH]);
  }
}
