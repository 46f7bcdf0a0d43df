// The one fault that changes bytes, and only when it is asked for.
// Which bytes, and into what, follows from the seed and the offset alone, however the stream is cut.

import { random } from '../../schedule/random.ts';
import type { Random } from '../../schedule/random.ts';

export class Corrupter {
  readonly #oneIn: number;
  readonly #source: Random;
  /** Offset of the next byte to be changed. */
  #next: number;

  constructor(oneIn: number, seed: number) {
    this.#oneIn = oneIn;
    this.#source = random(seed);
    this.#next = this.#gap() - 1;
  }

  /** The bytes that begin at `offset` of the stream, changed. Offsets must rise without gaps. */
  apply(bytes: Uint8Array, offset: number): Uint8Array {
    if (this.#next >= offset + bytes.length) {
      return bytes;
    }
    const changed = Uint8Array.from(bytes);
    for (; this.#next < offset + bytes.length; this.#next += this.#gap()) {
      const place = this.#next - offset;
      changed[place] = (changed[place] ?? 0) ^ this.#source.between(1, 255);
    }
    return changed;
  }

  #gap(): number {
    return this.#source.between(1, 2 * this.#oneIn - 1);
  }
}
