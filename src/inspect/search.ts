// Finds where a stream makes sense again, and which frame led away from it.
//
//        r0      r1 (wrong length)   r2: no frame here
//   ─────┼───────┼─────────┼─────────┼──────────┼──────────▶ window
//                          g: good again        g2
//
// Each place of the window leads to the next place: the end of the frame that begins there. The worth of a
// chain of such places is the sum of two things: how much its frames look like frames (profile.ts), and how
// improbable a whole frame of random bytes is. The best chain is the true chain, because chains from wrong
// places break or run into it.
//
// The frames that were read, r0 r1 r2, are judged in the same way. The suspect is the frame after which it is
// worth most to leave for the best chain. It is the last frame, r2, if its own head is wrong.
//
// The work is bounded by the length of the window. Most of it is the errors that decoders throw. So places
// that look like no head at all are not tried, and a start in the middle of a stream is first taken for a
// boundary.

import type { Spots } from '../framing/codecs.ts';
import { backgroundOf, HEAD_LENGTH } from './profile.ts';
import type { Profile } from './profile.ts';

export interface Window {
  readonly bytes: Uint8Array;
  /** Offset of the first byte of the window in the stream. */
  readonly offset: number;
  /** Offsets at which pieces begin. `undefined` if pieces have no meaning, as in a file. */
  readonly pieceStarts: ReadonlySet<number> | undefined;
  /** Whether the stream ends where the window ends. */
  readonly isEnd: boolean;
}

export interface Doubt {
  /**
   * Offsets at which frames were read, with the wrong frame last. It is empty if the stream begins in the
   * middle.
   */
  readonly read: readonly number[];
  /** Place that is probably a boundary, because a frame that reaches across a gap ends there. */
  readonly hint: number | undefined;
  /** Whether no frame is wrong, and the frames that were read only look strange. Default false. */
  readonly isSoft?: boolean;
  /**
   * Whether the fixed bytes of the wrong frame are wrong. A wrong length does not explain that. Default
   * false.
   */
  readonly hasWrongMarker?: boolean;
}

export interface Resumption {
  readonly goodAgainAt: number;
  /**
   * Index in `read` of the last frame that begins at a true boundary; its own length is wrong. It is -1 if
   * there is none.
   */
  readonly departure: number;
  /**
   * Whether even the first frame in `read` does not look like a frame. If so, the wrong frame may lie before
   * `read`, and a second search further back is needed.
   */
  readonly isVague: boolean;
  /** Certainty of the result, in bits. */
  readonly bits: number;
}

/**
 * Values in place of an offset of the next place. BROKEN: no frame begins at the place. UNFINISHED: the frame
 * reaches beyond the window.
 */
const BROKEN = -1;
const UNFINISHED = -2;

/**
 * Worth in bits of a place where a chain breaks. It is not minus infinity, because the true chain may meet
 * further damage.
 */
const BROKEN_BITS = -20;
/**
 * END_BITS: bonus in bits for a chain that ends where the stream ends. HINT_BITS: bonus for a chain that
 * meets the hint.
 */
const END_BITS = 6;
const HINT_BITS = 8;
/** Number of places on each side of a place that `#validBits` looks at. */
const NEIGHBOURS = 64;
/** Cost in bits of a byte that belongs to no frame. */
const NOISE_BITS = 0.02;
/** Bonus in bits for blaming the frame in which the error shows, and not an earlier frame. */
const OWN_BITS = 4;
/** Maximum worth in bits of the fact that a frame can begin at a place. */
const MAX_VALID_BITS = 8;
/** Maximum worth in bits of a frame whose bytes are all equal. It is slightly below 0. */
const UNIFORM_BITS = -0.5;
/**
 * Minimum advantage in bits that another chain needs over the frames that were read, if no frame is wrong.
 */
const SOFT_BITS = 40;
/** Worth in bits below which a frame that was read does not look like a frame. */
const SUSPICIOUS_BITS = -5;
/** Worth in bits from which on a frame inside a piece counts as one, if frames mostly begin with pieces. */
const SURE_BITS = 4;
/** Share of frames that begin with a piece, from which on pieces tell where frames begin. */
const TELLING_SHARE = 0.7;
/** Worth in bits from which on a chain is believed. */
const LEAST_BITS = 12;
/**
 * Worth in bits below which no frame is tried at a place, once KNOWN_FRAMES frames were seen.
 */
const HOPELESS_BITS = -16;
const KNOWN_FRAMES = 16;
/**
 * Minimum number of bytes by which a place is judged if the end of its frame is not known. Bytes behind them
 * may belong to the next frame.
 */
const SHORT_HEAD = 4;
/**
 * STRAIGHT_FRAMES: number of frames from the first byte of the window on which make that byte a boundary
 * without a search. STRAIGHT_HITS: number of those frames that must end where a piece begins.
 */
const STRAIGHT_FRAMES = 4;
const STRAIGHT_HITS = 2;
/** Number of frames of the best chain from which the profile learns. */
const LEARNED_FRAMES = 64;

export class Search {
  readonly #spots: Spots;
  readonly #window: Window;
  readonly #next: Int32Array;
  /** For each place, the number of earlier places at which a whole frame begins. */
  readonly #valid: Uint32Array;
  readonly #background: Float64Array;
  #density = 0;

  constructor(spots: Spots, window: Window) {
    this.#spots = spots;
    this.#window = window;
    this.#next = new Int32Array(window.bytes.length);
    this.#valid = new Uint32Array(window.bytes.length + 1);
    const { pieceStarts, bytes } = window;
    this.#background = backgroundOf(bytes);
    this.#density = (pieceStarts?.size ?? 0) / Math.max(1, bytes.length);
  }

  /** Searches for the place at which frames go on. Returns `undefined` if no chain is convincing. */
  run(given: Profile, doubt: Doubt): Resumption | undefined {
    return withoutTraces(() => {
      if (doubt.read.length === 0 && doubt.hint === undefined && this.#isStraight()) {
        return {
          goodAgainAt: this.#window.offset,
          departure: -1,
          isVague: false,
          bits: LEAST_BITS,
        };
      }
      this.#probeAll(given);
      // The frames that were read led to the wrong frame, so no chain may use them again.
      const barred = doubt.isSoft === true ? doubt.read.slice(0, -1) : doubt.read;
      for (const start of barred) {
        this.#next[start - this.#window.offset] = BROKEN;
      }
      const first = this.#best(given, doubt);
      if (first === undefined) {
        return undefined;
      }
      // The chain that was found shows how the frames of this stream look. So judge again, with a profile of
      // its frames.
      const profile = given.copy();
      this.#learn(profile, first.goodAgainAt);
      const best = this.#best(profile, doubt) ?? first;
      return best.bits >= LEAST_BITS ? best : undefined;
    });
  }

  /**
   * Returns how many frames the suspect lies before the last frame that was read, for the case that no later
   * bytes help. The count passes over all frames that do not look like frames, because the wrong length lies
   * in front of them. If frames mostly begin with pieces, the count ends at a frame that begins with a piece:
   * such a frame is in its place, so its own length is wrong. A frame inside a piece must then look very much
   * like a frame to end the count.
   */
  suspectOf(profile: Profile, read: readonly number[]): number {
    const { offset, pieceStarts } = this.#window;
    const beginsPieces = this.#arePiecesTelling && (profile.hitShare ?? 0) >= TELLING_SHARE;
    const least = beginsPieces ? SURE_BITS : SUSPICIOUS_BITS;
    let back = 0;
    while (back < read.length - 1) {
      const place = read[read.length - 1 - back] ?? 0;
      const start = place - offset;
      const end = start + Math.max(SHORT_HEAD, profile.shortest);
      const isInPlace = beginsPieces && pieceStarts?.has(place) === true;
      if (isInPlace || this.#looks(profile, start, end, 'damaged') >= least) {
        break;
      }
      back++;
    }
    return back;
  }

  /** Whether pieces are long enough for their starts to mean something. */
  get #arePiecesTelling(): boolean {
    return this.#window.pieceStarts !== undefined && this.#density > 0 && this.#density < 0.5;
  }

  /** Returns whether the window begins with a frame, judged by the frames that follow. */
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
    for (let at = 0; at < bytes.length; at++) {
      const next = isKnown && this.#isHopeless(profile, at) ? BROKEN : this.#probe(at);
      this.#next[at] = next;
      this.#valid[at + 1] = (this.#valid[at] ?? 0) + (next >= 0 ? 1 : 0);
    }
  }

  /**
   * Returns the worth in bits of the fact that a frame can begin at a place. The worth is low if frames can
   * also begin at many places around, as they can among zeros in many formats.
   */
  #validBits(at: number): number {
    const from = Math.max(0, at - NEIGHBOURS);
    const to = Math.min(this.#next.length, at + NEIGHBOURS);
    const valid = (this.#valid[to] ?? 0) - (this.#valid[from] ?? 0);
    return Math.min(MAX_VALID_BITS, -Math.log2((valid + 1) / (to - from + 2)));
  }

  /**
   * Returns the end of the frame that begins at a place, or BROKEN or UNFINISHED if there is no whole frame.
   */
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

  #best(profile: Profile, doubt: Doubt): Resumption | undefined {
    const { read, hint, isSoft = false, hasWrongMarker = false } = doubt;
    const scores = this.#scores(profile, hint);
    const bests = bestFromEach(scores);
    const { offset } = this.#window;
    if (read.length === 0) {
      const at = bests[0] ?? -1;
      const bits = scores[at] ?? -Infinity;
      return at === -1
        ? undefined
        : { goodAgainAt: offset + at, departure: -1, isVague: false, bits };
    }
    // The end of the wrong frame is not known, and the bytes behind it must not count.
    const least = Math.max(SHORT_HEAD, profile.shortest);
    const looks = read.map((start, k) =>
      this.#looks(profile, start - offset, (read[k + 1] ?? start + least) - offset),
    );
    const damaged = read.map((start, k) => {
      const end = (read[k + 1] ?? start + least) - offset;
      return this.#looks(profile, start - offset, end, 'damaged');
    });
    let best: Resumption | undefined;
    let bestTotal = -Infinity;
    // The frames that were read are whole, even if they are wrong. This counts for all of them but the last
    // one.
    const whole = read.map((start, k) =>
      k === read.length - 1 ? 0 : this.#validBits(start - offset),
    );
    let kept = looks.reduce((sum, bits, k) => sum + bits + (whole[k] ?? 0), 0);
    // If no frame is wrong, one of the alternatives is to keep the frames that were read.
    const stay = kept - (looks.at(-1) ?? 0) + (scores[(read.at(-1) ?? 0) - offset] ?? 0);
    for (let k = read.length - 1; k >= 0; k--) {
      const start = (read[k] ?? 0) - offset;
      const at = bests[start + 1] ?? -1;
      const bits = scores[at] ?? -Infinity;
      const isLast = k === read.length - 1;
      // The frame to blame has a wrong length in its head. So do not count the byte of its head that looks
      // worst.
      const forgiven = isLast && hasWrongMarker ? 0 : (damaged[k] ?? 0) - (looks[k] ?? 0);
      const total = kept + forgiven + (isLast ? OWN_BITS : 0) + bits;
      if (at !== -1 && total > bestTotal) {
        bestTotal = total;
        const isVague = (looks[0] ?? 0) < 0;
        best = { goodAgainAt: offset + at, departure: k, isVague, bits };
      }
      kept -= (looks[k] ?? 0) + (whole[k] ?? 0);
    }
    return isSoft && bestTotal < stay + SOFT_BITS ? undefined : best;
  }

  /** Returns, for each place, the worth in bits of the chain that begins there. */
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
      const end = next === UNFINISHED ? bytes.length : next;
      const looks = this.#looks(profile, at, end) + (offset + at === hint ? HINT_BITS : 0);
      scores[at] =
        next === UNFINISHED
          ? looks - this.#unfinishedBits(profile, at)
          : this.#cap(at, next, looks + this.#validBits(at)) + (scores[next] ?? 0);
    }
    return scores;
  }

  /**
   * Returns the worth of a frame. If all its bytes are equal, the worth is at most UNIFORM_BITS: in many
   * formats a run of zeros is a chain of empty frames.
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

  /**
   * Returns whether the first SHORT_HEAD bytes at a place look so little like a head that no frame is tried
   * there.
   */
  #isHopeless(profile: Profile, at: number): boolean {
    const head = this.#window.bytes.subarray(at, at + SHORT_HEAD);
    return profile.headBits(head, this.#background) < HOPELESS_BITS;
  }

  /**
   * Returns how much `[at, end)` looks like a frame, in bits. A damaged frame may have one wrong byte in its
   * head.
   */
  // oxlint-disable-next-line max-params -- hot path: called for every byte of a window
  #looks(profile: Profile, at: number, end: number, state: 'whole' | 'damaged' = 'whole'): number {
    const { bytes, offset, pieceStarts } = this.#window;
    const first = bytes.subarray(at, Math.min(end, at + HEAD_LENGTH));
    const head =
      state === 'damaged'
        ? profile.damagedBits(first, this.#background)
        : profile.headBits(first, this.#background);
    if (pieceStarts === undefined || !this.#arePiecesTelling) {
      return head;
    }
    return head + profile.pieceBits(pieceStarts.has(offset + at), this.#density);
  }

  /**
   * Returns the bits against a frame that is longer than the rest of the window. The longer that rest is, the
   * less probable such a frame is.
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
      // Skip the first frame: it may be a false frame that runs into the true chain.
      if (i > 0) {
        const isStart = pieceStarts?.has(offset + at) ?? false;
        profile.learn(bytes.subarray(at, next), next - at, isStart);
      }
      at = next;
    }
  }
}

/** Returns, for each place, the best place from there on. Each skipped byte costs NOISE_BITS. */
function bestFromEach(scores: Float64Array): Int32Array {
  const best = new Int32Array(scores.length).fill(-1);
  let at = -1;
  let most = -Infinity;
  for (let i = scores.length - 2; i >= 0; i--) {
    const worth = (scores[i] ?? -Infinity) - NOISE_BITS * i;
    if (worth >= most) {
      most = worth;
      at = i;
    }
    best[i] = at;
  }
  return best;
}

/**
 * Does work with stack traces for errors turned off. Nothing reads the traces here, and making them takes
 * most of the time of a search.
 */
function withoutTraces<T>(work: () => T): T {
  const limit: unknown = Reflect.get(Error, 'stackTraceLimit');
  Reflect.set(Error, 'stackTraceLimit', 0);
  try {
    return work();
  } finally {
    Reflect.set(Error, 'stackTraceLimit', limit);
  }
}
