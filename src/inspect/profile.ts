// A profile of the frames of a stream: the bytes in their first positions, their lengths, and whether they
// begin where pieces begin. From the profile follows how much a place looks like the start of a frame, in
// bits. That figure is the binary logarithm of a ratio: how often a frame looks like the place, divided by how
// often any place looks like it.
//
// A position that always has the same byte says much. A position whose byte is always new says nothing: the
// share of new values so far counts as the chance of another new value (Witten and Bell, 1991).

/** Number of first bytes of a frame that the profile counts. */
export const HEAD_LENGTH = 12;
/** Number of frames that must follow a frame before a profile learns from it. */
export const LEARNING_DELAY = 3;
const VALUES = 256;
/** Chance that a byte of a head is the byte of the head before in the same place, besides by accident. */
const SAME = 0.3;
/** Number of frames at which all counts are halved, so that the profile follows a stream that changes. */
const MAX_COUNT = 4096;
/**
 * STRANGE_LENGTH: number of first bytes that can make a frame strange. SETTLED: number of frames after which
 * the values of a position count as known.
 */
const STRANGE_LENGTH = 4;
const SETTLED = 32;
/**
 * Assumption before any frame was seen: the profile starts as if PRIOR_FRAMES frames had been seen.
 * PRIOR_HITS is added to the number of frames that begin where a piece begins, and PRIOR_STUCK to the number
 * of frames that do not, because frames may be stuck together. (The two sums need not add up.)
 */
const PRIOR_FRAMES = 10;
const PRIOR_HITS = 7;
const PRIOR_STUCK = 4;

/** Number of frames from which on `hitShare` is meaningful. */
const SURE_FRAMES = 3;

export class Profile {
  readonly #counts: Uint16Array = new Uint16Array(HEAD_LENGTH * VALUES);
  /**
   * For each position: the number of bytes that were seen (`#seen`), and the number of different values among
   * them (`#distinct`).
   */
  readonly #seen: Uint32Array = new Uint32Array(HEAD_LENGTH);
  readonly #distinct: Uint32Array = new Uint32Array(HEAD_LENGTH);
  #frames = 0;
  #lengths = 0;
  #hits = 0;
  /** Number of times that frames were doubted in vain: strange ones, and frames inside pieces. */
  readonly vain: Record<'strange' | 'astray', number> = { strange: 0, astray: 0 };
  /** Length of the shortest frame. */
  shortest: number = Infinity;

  /** Number of frames that were learned from. */
  get frames(): number {
    return this.#frames;
  }

  /** Share of the frames that begin where a piece begins. It is undefined before SURE_FRAMES frames. */
  get hitShare(): number | undefined {
    return this.#frames < SURE_FRAMES ? undefined : this.#hits / this.#frames;
  }

  get meanLength(): number {
    return this.#frames === 0 ? 0 : this.#lengths / this.#frames;
  }

  /** Learns from a good frame: its first bytes, its length, and whether a piece begins with it. */
  learn(head: Uint8Array, length: number, isPieceStart: boolean): void {
    const known = Math.min(HEAD_LENGTH, head.length, length);
    for (let i = 0; i < known; i++) {
      const at = i * VALUES + (head[i] ?? 0);
      const before = this.#counts[at] ?? 0;
      this.#counts[at] = before + 1;
      this.#seen[i] = (this.#seen[i] ?? 0) + 1;
      if (before === 0) {
        this.#distinct[i] = (this.#distinct[i] ?? 0) + 1;
      }
    }
    this.#frames++;
    this.shortest = Math.min(this.shortest, length);
    this.#lengths += length;
    this.#hits += isPieceStart ? 1 : 0;
    if (this.#frames >= MAX_COUNT) {
      this.#halve();
    }
  }

  /** Forgets a frame that was learned, except that its length may stay the shortest. */
  unlearn(head: Uint8Array, length: number, isPieceStart: boolean): void {
    const known = Math.min(HEAD_LENGTH, head.length, length);
    for (let i = 0; i < known; i++) {
      const at = i * VALUES + (head[i] ?? 0);
      const before = this.#counts[at] ?? 0;
      if (before > 0) {
        this.#counts[at] = before - 1;
        this.#seen[i] = (this.#seen[i] ?? 0) - 1;
        this.#distinct[i] = (this.#distinct[i] ?? 0) - (before === 1 ? 1 : 0);
      }
    }
    this.#frames = Math.max(0, this.#frames - 1);
    this.#lengths = Math.max(0, this.#lengths - length);
    this.#hits = Math.max(0, this.#hits - (isPieceStart ? 1 : 0));
  }

  /**
   * Returns how much these bytes look like the head of a frame, in bits. `background` gives the share of each
   * byte in the stream, because a zero says little where zeros are common.
   */
  headBits(head: Uint8Array, background: Float64Array): number {
    return this.#headBits(head, background).bits;
  }

  /**
   * Returns the same bits for a head in which one byte may be damaged: the byte that looks worst does not
   * count.
   */
  damagedBits(head: Uint8Array, background: Float64Array): number {
    const { bits, worst } = this.#headBits(head, background);
    return bits - worst;
  }

  #headBits(
    head: Uint8Array,
    background: Float64Array,
  ): { readonly bits: number; readonly worst: number } {
    let bits = 0;
    let worst = 0;
    const known = Math.min(HEAD_LENGTH, head.length);
    for (let i = 0; i < known; i++) {
      const seen = this.#seen[i] ?? 0;
      if (seen > 0) {
        const distinct = this.#distinct[i] ?? 0;
        const byte = head[i] ?? 0;
        const count = this.#counts[i * VALUES + byte] ?? 0;
        const usual = background[byte] ?? 1;
        const one = Math.log2((count / usual + distinct) / (seen + distinct));
        bits += one;
        worst = Math.min(worst, one);
      }
    }
    return { bits, worst };
  }

  /** Returns whether a byte of the head is new at a position that has had few values so far. */
  isStrange(head: Uint8Array): boolean {
    const known = Math.min(STRANGE_LENGTH, head.length);
    for (let i = 0; i < known; i++) {
      const seen = this.#seen[i] ?? 0;
      const isSettled = seen >= SETTLED && (this.#distinct[i] ?? 0) * SETTLED <= seen * 4;
      if (isSettled && this.#counts[i * VALUES + (head[i] ?? 0)] === 0) {
        return true;
      }
    }
    return false;
  }

  /**
   * Returns the bits that speak for the start of a frame because a piece begins here or, if `isPieceStart` is
   * false, because none begins here. `density` is the share of all places at which a piece begins.
   */
  pieceBits(isPieceStart: boolean, density: number): number {
    const all = this.#frames + PRIOR_FRAMES;
    return isPieceStart
      ? Math.log2((this.#hits + PRIOR_HITS) / all / density)
      : Math.log2((this.#frames - this.#hits + PRIOR_STUCK) / all / (1 - density));
  }

  copy(): Profile {
    const copy = new Profile();
    copy.#counts.set(this.#counts);
    copy.#seen.set(this.#seen);
    copy.#distinct.set(this.#distinct);
    copy.#frames = this.#frames;
    copy.#lengths = this.#lengths;
    copy.#hits = this.#hits;
    copy.shortest = this.shortest;
    Object.assign(copy.vain, this.vain);
    return copy;
  }

  #halve(): void {
    for (let i = 0; i < this.#counts.length; i++) {
      // Round up, so that a value that was seen once still counts as seen.
      this.#counts[i] = Math.ceil((this.#counts[i] ?? 0) / 2);
    }
    for (let i = 0; i < HEAD_LENGTH; i++) {
      const row = this.#counts.subarray(i * VALUES, (i + 1) * VALUES);
      this.#seen[i] = row.reduce((sum, count) => sum + count, 0);
    }
    this.#frames /= 2;
    this.#lengths /= 2;
    this.#hits /= 2;
  }
}

/** Returns the share of each byte value in these bytes. No share is 0. */
export function backgroundOf(bytes: Uint8Array): Float64Array {
  const shares = new Float64Array(VALUES).fill(1);
  for (const byte of bytes) {
    shares[byte] = (shares[byte] ?? 0) + 1;
  }
  const all = bytes.length + VALUES;
  return shares.map((count) => count / all);
}

/** How much two heads look like those of frames of one stream, in bits: equal bytes in the same places. */
export function pairBits(one: Uint8Array, other: Uint8Array, background: Float64Array): number {
  const known = Math.min(HEAD_LENGTH, one.length, other.length);
  let bits = 0;
  for (let i = 0; i < known; i++) {
    const byte = one[i] ?? 0;
    const byChance = 1 - SAME;
    const same = SAME / (background[byte] ?? 1);
    bits += Math.log2(byte === other[i] ? same + byChance : byChance);
  }
  return bits;
}
