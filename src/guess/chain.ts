// A chain says where the frames of one hypothesis lie in one stream. The length of each frame gives the start
// of the next.

/** Frames of a stream from its start on, each directly behind the frame before it. */
export interface Chain {
  /** Offsets at which frames end, in ascending order. */
  readonly ends: readonly number[];
  /** Whether the bytes behind the last end cannot be the beginning of a frame. */
  readonly isBroken: boolean;
  /**
   * A number that two chains share if their frames are the same and both are broken or none is. Other chains
   * share it with a chance of 1 in 2^48.
   */
  readonly hash: number;
}

/**
 * Maximum number of frames of a stream that are looked at. More frames would cost time and tell little more.
 */
export const MAX_FRAMES = 512;

/**
 * A chain while it is walked. Every walk uses the same memory again: thousands of layouts are walked, and
 * nearly all of them break at once or give frames that are known already.
 */
export class Trail {
  readonly #ends = new Float64Array(MAX_FRAMES);
  #high = 0;
  #low = 0;
  count = 0;
  isBroken = false;
  /** Length of the longest frame. */
  longest = 0;

  start(): void {
    this.count = 0;
    this.longest = 0;
    this.#high = 0;
    this.#low = 0;
    this.isBroken = false;
  }

  /** Notes where the next frame ends. After MAX_FRAMES frames it notes nothing more. */
  add(end: number): void {
    if (this.count < MAX_FRAMES) {
      this.longest = Math.max(this.longest, end - this.end);
      this.#ends[this.count++] = end;
      this.#high = (Math.imul(this.#high, 0x01000193) ^ end) & 0xffffff;
      this.#low = (Math.imul(this.#low, 0x5bd1e995) + end + 1) & 0xffffff;
    }
  }

  /** Offset at which the last frame ends. It is 0 if there is no frame. */
  get end(): number {
    return this.#ends[this.count - 1] ?? 0;
  }

  /** Where the frame with this index ends. */
  endAt(index: number): number {
    return this.#ends[index] ?? 0;
  }

  get hash(): number {
    return (this.#high ^ (this.isBroken ? 1 : 0)) * 0x1000000 + this.#low;
  }

  toChain(): Chain {
    const { hash, isBroken } = this;
    const ends: number[] = [];
    for (let i = 0; i < this.count; i++) {
      ends.push(this.#ends[i] ?? 0);
    }
    return { ends, isBroken, hash };
  }
}

/**
 * Returns the number of bytes about which the chain says something. It is all bytes of the stream, unless the
 * chain broke or has MAX_FRAMES frames.
 */
export function judgedBy(
  { ends, isBroken }: Pick<Chain, 'ends' | 'isBroken'>,
  streamLength: number,
): number {
  return isBroken || ends.length >= MAX_FRAMES ? (ends.at(-1) ?? 0) : streamLength;
}

/** Returns the lengths of the frames. */
export function lengthsOf({ ends }: Chain): number[] {
  return ends.map((end, i) => end - (ends[i - 1] ?? 0));
}

/** One frame: `start` is the offset of its first byte, and `end` is the offset behind its last byte. */
export interface Frame {
  readonly start: number;
  readonly end: number;
}

/** Maximum number of different frames whose content is looked at. More frames would tell nothing new. */
const MAX_DISTINCT = 64;
/** Maximum number of frames among which different frames are looked for. */
const MAX_COMPARED = 128;

/**
 * Returns the first frames of a chain, each content once: a heartbeat or a filler that comes again tells
 * nothing new.
 */
export function distinctFrames({ ends }: Chain, bytes: Uint8Array): Frame[] {
  const seen = new Set<number>();
  const frames: Frame[] = [];
  let start = 0;
  for (const end of ends.slice(0, MAX_COMPARED)) {
    const content = contentHash(bytes, start, end);
    if (!seen.has(content) && frames.length < MAX_DISTINCT) {
      seen.add(content);
      frames.push({ start, end });
    }
    start = end;
  }
  return frames;
}

/** Maximum number of bytes at the front of a frame that the hash of its content covers. */
const HASHED = 32;

function contentHash(bytes: Uint8Array, start: number, end: number): number {
  let hash = end - start;
  for (let at = start; at < Math.min(end, start + HASHED); at++) {
    hash = Math.imul(hash, 0x01000193) ^ (bytes[at] ?? 0);
  }
  return hash;
}
