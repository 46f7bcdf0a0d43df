// A chain: where the frames of one hypothesis lie in one stream. Each frame says where the next begins.

/** Frames from the start of a stream on, each behind the one before. */
export interface Chain {
  /** Where frames end, in ascending order. */
  readonly ends: readonly number[];
  /** Whether the bytes behind the last end cannot be the beginning of a frame. */
  readonly isBroken: boolean;
}

/**
 * Maximum number of frames of a stream that are looked at. More short frames would cost more time than they
 * tell.
 */
export const MAX_FRAMES = 4096;

/** A number that two chains share only if their frames are the same, but for a chance of 1 in 2^48. */
export function hashOf({ ends, isBroken }: Chain): number {
  let high = isBroken ? 1 : 0;
  let low = ends.length;
  for (const end of ends) {
    high = (Math.imul(high, 0x01000193) ^ end) & 0xffffff;
    low = (Math.imul(low, 0x5bd1e995) + end) & 0xffffff;
  }
  return high * 0x1000000 + low;
}

/**
 * Number of bytes about which the chain says something: all, unless the chain broke or has MAX_FRAMES frames.
 */
export function judgedBy({ ends, isBroken }: Chain, streamLength: number): number {
  return isBroken || ends.length >= MAX_FRAMES ? (ends.at(-1) ?? 0) : streamLength;
}

/** Lengths of the frames. */
export function lengthsOf({ ends }: Chain): number[] {
  return ends.map((end, i) => end - (ends[i - 1] ?? 0));
}

/** One frame: from its first byte to behind its last. */
export interface Frame {
  readonly start: number;
  readonly end: number;
}

/** Maximum number of different frames whose content is looked at. More frames would only say the same again. */
const MAX_DISTINCT = 64;
/** Maximum number of frames among which different ones are looked for. */
const MAX_COMPARED = 128;

/**
 * The first frames of a chain, each content once: a heartbeat or a filler that comes again says nothing more.
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

/** Number of bytes at the front of a frame that the hash of its content covers. */
const HASHED = 32;

function contentHash(bytes: Uint8Array, start: number, end: number): number {
  let hash = end - start;
  for (let at = start; at < Math.min(end, start + HASHED); at++) {
    hash = Math.imul(hash, 0x01000193) ^ (bytes[at] ?? 0);
  }
  return hash;
}
