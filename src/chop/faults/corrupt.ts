// The fault `corrupt:1000` is the only fault that changes bytes. The seed and the offset alone decide which
// bytes change and into which values, however the stream is cut.

import { refuse } from '../../options.ts';
import { random } from '../../schedule/random.ts';
import type { Random } from '../../schedule/random.ts';
import { faultRow } from './row.ts';
import type { FaultRow } from './row.ts';

/** Maximum of N in `corrupt:N`. The gaps that are drawn from the seed are up to twice N long. */
const MAX_ONE_IN = 2 ** 31;

export const CORRUPT: FaultRow<'oneIn'> = faultRow({
  words: ['corrupt:N'],
  example: 'corrupt:1000',
  does: 'changes about one byte in N; the only fault that changes bytes',
  numbers: ['oneIn'],
  read: (behind) => {
    const digits = /^:(\d{1,12})$/.exec(behind)?.[1];
    return digits === undefined ? undefined : { oneIn: Number(digits) };
  },
  check: ({ oneIn }) => {
    if (oneIn < 1 || oneIn > MAX_ONE_IN) {
      const hint = 'corrupt:1000 changes about one byte in 1000.';
      refuse(`corrupt:${oneIn}: the number must be 1 to ${MAX_ONE_IN}.`, hint);
    }
  },
  effect: ({ oneIn }) => ({ kind: 'change', oneIn }),
});

export class Corrupter {
  readonly #oneIn: number;
  readonly #source: Random;
  /** Offset of the next byte to be changed. */
  #next: number;

  /** `from` is the offset of the first byte that `apply` will get. */
  constructor(oneIn: number, seed: number, from = 0) {
    this.#oneIn = oneIn;
    this.#source = random(seed);
    this.#next = from + this.#gap() - 1;
  }

  /**
   * Returns the bytes at `offset` of the stream, with or without a change. From call to call the offsets must
   * rise without gaps.
   */
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
