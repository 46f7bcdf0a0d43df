// The last bytes of all streams together, to see whether a retransmission says the same as before. One ring
// for all, so that its memory does not grow with the number of conversations.

/**
 * Length of the ring in bytes. A retransmission stands within a few MB of the first transmission, if the
 * capture has it at all.
 */
const RING_LENGTH = 2 * 1024 * 1024;

export class History {
  readonly #ring: Uint8Array = new Uint8Array(RING_LENGTH);
  #end = 0;

  /** Keeps the bytes, and returns the position by which `firstDifference` finds them. */
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

  /** Index of the first byte that is not the one kept at `position`; -1 when none is, or when they are gone. */
  firstDifference(bytes: Uint8Array, position: number): number {
    if (position < this.#end - RING_LENGTH) {
      return -1;
    }
    return bytes.findIndex((byte, i) => byte !== this.#ring[(position + i) % RING_LENGTH]);
  }
}
