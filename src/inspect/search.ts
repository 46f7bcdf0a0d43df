// Finds where a stream makes sense again, and which frame led away from it.
//
//        r0      r1 (wrong length)   r2: no frame here
//   ─────┼───────┼─────────┼─────────┼──────────┼──────────▶ window
//                          g: good again        g2
//
// Each place of the window leads to the next one: behind the frame that begins there. A chain of such places
// is worth the sum of what its frames look like (profile.ts), and how improbable it is that bytes at random
// are a whole frame. The best chain is the true one: chains from wrong places break, or run into it.
//
// The frames that were read, r0 r1 r2, are judged alike. The suspect is the one after which leaving for the
// best chain is worth most. It is the last one, r2, when its own head is wrong.
//
// The work is bounded by the length of the window. What it costs is the errors of decoders, so places that look
// like no head at all are not tried, and a start in the middle is first believed to be a boundary.

import type { Spots } from '../framing/codecs.ts';
import type { Profile } from './profile.ts';

export interface Window {
  readonly bytes: Uint8Array;
  /** Offset of its first byte in the stream. */
  readonly offset: number;
  /** Offsets at which pieces begin; `undefined` if pieces mean nothing, as in a file. */
  readonly pieceStarts: ReadonlySet<number> | undefined;
  /** Whether the stream ends behind the window. */
  readonly isEnd: boolean;
}

export interface Doubt {
  /** Offsets at which frames were read, the wrong one last. Empty where the stream begins in the middle. */
  readonly read: readonly number[];
  /** Place that is probably a boundary: where a frame ends that reaches across a gap. */
  readonly hint: number | undefined;
}

export interface Resumption {
  readonly goodAgainAt: number;
  /** Index in `read` of the frame after which the stream left the true boundaries; -1 for none. */
  readonly departure: number;
  /** How sure the result is, in bits. */
  readonly bits: number;
}

/**
 * Values instead of the next place. BROKEN: no frame begins here. UNFINISHED: the frame is longer than the
 * window.
 */
const BROKEN = -1;
const UNFINISHED = -2;

/**
 * Worth in bits of a place where a chain breaks. It is not minus infinity, since a true chain may meet a
 * second damage.
 */
const BROKEN_BITS = -20;
/**
 * Bonus in bits for a chain that ends where the stream ends. HINT_BITS is the bonus for one that meets the
 * hint.
 */
const END_BITS = 6;
const HINT_BITS = 8;
/** Maximum worth in bits of the fact that a frame can begin at a place. */
const MAX_VALID_BITS = 8;
/** Worth in bits of a frame whose bytes are all the same: slightly below nothing. */
const UNIFORM_BITS = -0.5;
/** Minimum worth in bits of a chain that is believed. */
const LEAST_BITS = 12;
/**
 * Worth in bits below which a place is not tried as the head of a frame, once KNOWN_FRAMES frames were seen.
 */
const HOPELESS_BITS = -16;
const KNOWN_FRAMES = 16;
/**
 * Number of frames with which a chain from the first byte is believed. STRAIGHT_HITS of them must end where a
 * piece begins.
 */
const STRAIGHT_FRAMES = 4;
const STRAIGHT_HITS = 2;
/** Number of frames of the best chain from which the profile learns. */
const LEARNED_FRAMES = 64;

export class Search {
  readonly #spots: Spots;
  readonly #window: Window;
  readonly #next: Int32Array;
  #validBits = 0;
  #density = 0;

  constructor(spots: Spots, window: Window) {
    this.#spots = spots;
    this.#window = window;
    this.#next = new Int32Array(window.bytes.length);
    const { pieceStarts, bytes } = window;
    this.#density = (pieceStarts?.size ?? 0) / Math.max(1, bytes.length);
  }

  /** Searches for the place at which to go on. Returns `undefined` when no chain is convincing. */
  run(given: Profile, doubt: Doubt): Resumption | undefined {
    return withoutTraces(() => {
      if (doubt.read.length === 0 && doubt.hint === undefined && this.#isStraight()) {
        return { goodAgainAt: this.#window.offset, departure: -1, bits: LEAST_BITS };
      }
      this.#probeAll(given);
      const first = this.#best(given, doubt);
      if (first === undefined) {
        return undefined;
      }
      // The chain that was found shows what the frames of this stream look like: judge again by that.
      const profile = given.copy();
      this.#learn(profile, first.goodAgainAt);
      const best = this.#best(profile, doubt) ?? first;
      return best.bits >= LEAST_BITS ? best : undefined;
    });
  }

  /** Whether the window begins with a frame, judged by the frames behind it. */
  #isStraight(): boolean {
    const { bytes, offset, pieceStarts } = this.#window;
    let frames = 0;
    let hits = 0;
    let at = 0;
    while (at < bytes.length && frames < STRAIGHT_FRAMES) {
      const next = this.#probe(at);
      if (next < 0 || this.#isUniform(at, next)) {
        return false;
      }
      frames++;
      at = next;
      hits += pieceStarts?.has(offset + at) === true || at === bytes.length ? 1 : 0;
    }
    return frames >= STRAIGHT_FRAMES && (pieceStarts === undefined || hits >= STRAIGHT_HITS);
  }

  #probeAll(profile: Profile): void {
    const { bytes } = this.#window;
    const isKnown = profile.frames >= KNOWN_FRAMES;
    let valid = 0;
    for (let at = 0; at < bytes.length; at++) {
      const isHopeless = isKnown && profile.headBits(bytes, at, bytes.length) < HOPELESS_BITS;
      const next = isHopeless ? BROKEN : this.#probe(at);
      this.#next[at] = next;
      valid += next >= 0 ? 1 : 0;
    }
    const share = (valid + 1) / (bytes.length + 1);
    this.#validBits = Math.min(MAX_VALID_BITS, -Math.log2(share));
  }

  /** The place behind the frame that begins here; BROKEN or UNFINISHED if there is none. */
  #probe(at: number): number {
    const { bytes } = this.#window;
    const decoder = this.#spots.codec.decoder();
    try {
      decoder.push(bytes.subarray(at));
      if (decoder.take() === undefined) {
        return UNFINISHED;
      }
      const next = bytes.length - decoder.bufferedLength;
      return next > at ? next : BROKEN;
    } catch {
      return BROKEN;
    }
  }

  #best(profile: Profile, { read, hint }: Doubt): Resumption | undefined {
    const scores = this.#scores(profile, hint);
    const { offset } = this.#window;
    if (read.length === 0) {
      const { at, bits } = bestFrom(scores, 0);
      return at === -1 ? undefined : { goodAgainAt: offset + at, departure: -1, bits };
    }
    const own = read.map((start) => this.#looks(profile, start - offset));
    let best: Resumption | undefined;
    let bestTotal = -Infinity;
    let kept = own.reduce((sum, bits) => sum + bits, 0);
    for (let k = read.length - 1; k >= 0; k--) {
      const { at, bits } = bestFrom(scores, (read[k] ?? 0) - offset + 1);
      if (at !== -1 && kept + bits > bestTotal) {
        bestTotal = kept + bits;
        best = { goodAgainAt: offset + at, departure: k, bits };
      }
      kept -= own[k] ?? 0;
    }
    return best;
  }

  /** The worth in bits of the chain from each place. */
  #scores(profile: Profile, hint: number | undefined): Float64Array {
    const { bytes, offset, isEnd } = this.#window;
    const scores = new Float64Array(bytes.length + 1);
    scores[bytes.length] = isEnd ? END_BITS : 0;
    for (let at = bytes.length - 1; at >= 0; at--) {
      const next = this.#next[at] ?? BROKEN;
      if (next === BROKEN) {
        scores[at] = BROKEN_BITS;
        continue;
      }
      const looks = this.#looks(profile, at) + (offset + at === hint ? HINT_BITS : 0);
      scores[at] =
        next === UNFINISHED
          ? looks - this.#unfinishedBits(profile, at)
          : this.#cap(at, next, looks + this.#validBits) + (scores[next] ?? 0);
    }
    return scores;
  }

  /**
   * The worth of a frame, at most UNIFORM_BITS if all its bytes are equal: in many formats a run of zeros is a
   * chain of empty frames.
   */
  #cap(at: number, next: number, bits: number): number {
    return this.#isUniform(at, next) ? Math.min(bits, UNIFORM_BITS) : bits;
  }

  #isUniform(at: number, next: number): boolean {
    const { bytes } = this.#window;
    const first = bytes[at];
    let i = at + 1;
    while (i < next && bytes[i] === first) {
      i++;
    }
    return i === next;
  }

  #looks(profile: Profile, at: number): number {
    const { bytes, offset, pieceStarts } = this.#window;
    const head = profile.headBits(bytes, at, bytes.length);
    if (pieceStarts === undefined || this.#density === 0 || this.#density >= 0.5) {
      return head;
    }
    return head + profile.pieceBits(pieceStarts.has(offset + at), this.#density);
  }

  /**
   * Bits against a frame that is longer than the rest of the window: the longer the rest, the less probable it
   * is.
   */
  #unfinishedBits(profile: Profile, at: number): number {
    const { bytes, isEnd } = this.#window;
    const usual = Math.max(64, 4 * profile.meanLength);
    return 2 * Math.log2(1 + (bytes.length - at) / usual) + (isEnd ? END_BITS : 0);
  }

  #learn(profile: Profile, from: number): void {
    const { bytes, offset, pieceStarts } = this.#window;
    let at = from - offset;
    for (let i = 0; i < LEARNED_FRAMES; i++) {
      const next = this.#next[at] ?? BROKEN;
      if (next < 0) {
        return;
      }
      // The first one may be a false frame that runs into the chain.
      if (i > 0) {
        const isStart = pieceStarts?.has(offset + at) ?? false;
        profile.learn(bytes.subarray(at, next), next - at, isStart);
      }
      at = next;
    }
  }
}

/** The best score from a place on, the first of equals. */
function bestFrom(scores: Float64Array, from: number): { at: number; bits: number } {
  let at = -1;
  let bits = -Infinity;
  for (let i = Math.max(0, from); i < scores.length - 1; i++) {
    const score = scores[i] ?? -Infinity;
    if (score > bits) {
      bits = score;
      at = i;
    }
  }
  return { at, bits };
}

/** Errors that nobody reads need no stack trace, which takes most of the time of a search. */
function withoutTraces<T>(work: () => T): T {
  const limit: unknown = Reflect.get(Error, 'stackTraceLimit');
  Reflect.set(Error, 'stackTraceLimit', 0);
  try {
    return work();
  } finally {
    Reflect.set(Error, 'stackTraceLimit', limit);
  }
}
