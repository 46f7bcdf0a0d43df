// Finds where a stream makes sense again, and which frame led away from it.
//
//        r0      r1 (wrong length)   r2: no frame here
//   ─────┼───────┼─────────┼─────────┼──────────┼──────────▶ window
//                          g: good again        g2
//
// Each place of the window leads to the next place: the end of the frame that begins there. The worth of a
// chain of such places is the sum of two things: how much its frames look like frames (profile.ts), and how
// improbable a whole frame of random bytes is (places.ts). The best chain is the true chain, because chains
// from wrong places break or run into it.
//
// The frames that were read, r0 r1 r2, are judged in the same way. The suspect is the frame after which it is
// worth most to leave for the best chain. It is the last frame, r2, if its own head is wrong.
//
// The profile may have learned from frames that a wrong length made. So the search also tries what it knew
// before, and believes the explanation whose frames look most like each other.

import type { Spots } from '../framing/codecs.ts';
import { BROKEN, END_BITS, KNOWN_FRAMES, Places, SHORT_HEAD, UNFINISHED } from './places.ts';
import type { Window } from './places.ts';
import { LEARNING_DELAY } from './profile.ts';
import type { Profile } from './profile.ts';

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
 * Worth in bits of a place where a chain breaks. It is not minus infinity, because the true chain may meet
 * further damage.
 */
const BROKEN_BITS = -20;
/** Bonus in bits for a chain that meets the hint. */
const HINT_BITS = 8;
/** Cost in bits of a byte that belongs to no frame, while there are few of them. */
const NOISE_BITS = 0.02;
/** Bonus in bits for blaming the frame in which the error shows, and not an earlier frame. */
const OWN_BITS = 4;
/** Minimum advantage in bits of another chain over the frames that were read, if no frame is wrong. */
const SOFT_BITS = 40;
/** Worth in bits below which a frame that was read does not look like a frame. */
const SUSPICIOUS_BITS = -5;
/** Worth in bits from which on a frame inside a piece counts as one, if frames mostly begin with pieces. */
const SURE_BITS = 4;
/** Share of frames that begin with a piece, from which on pieces tell where frames begin. */
const TELLING_SHARE = 0.7;
/** Worth in bits from which on a chain is believed. */
const LEAST_BITS = 12;
/** Number of frames below which a profile says so little that the frames of a chain are compared with each other. */
const FEW_FRAMES = 8;
/** Length in bytes of a window in which each place can be tried though more bytes will come. */
const MAX_CHEAP = 16 * 1024;
/** Number of frames of the best chain from which the profile learns. */
const LEARNED_FRAMES = 64;
/** Maximum number of frames of a chain by which two explanations are compared. */
const MAX_WEIGHED = 256;
/**
 * Minimum worth in bits of the looks of the first frame of a chain, at a start in the middle and behind an
 * error. A part of a frame that has a length of its own may lead into the true chain.
 */
const FIRST_BITS = { start: 4, error: -2 } as const;
/**
 * MAX_FALSE: maximum number of false frames that are skipped at the front of a chain. TELLING_FRAMES: number of
 * frames from which on a profile can tell a false frame.
 */
const MAX_FALSE = 3;
const TELLING_FRAMES = 3;

export class Search {
  readonly #places: Places;

  constructor(spots: Spots, window: Window) {
    this.#places = new Places(spots, window);
  }

  /** Searches for the place at which frames go on. Returns `undefined` if no chain is convincing. */
  run(given: Profile, doubt: Doubt): Resumption | undefined {
    return withoutTraces(() => {
      const places = this.#places;
      if (doubt.read.length === 0 && doubt.hint === undefined && places.isStraight) {
        const { offset } = places.window;
        return { goodAgainAt: offset, departure: -1, isVague: false, bits: LEAST_BITS };
      }
      places.tryAll(given);
      const found = this.#explain(given, doubt);
      const { bytes, isEnd } = places.window;
      const isCheap = isEnd || bytes.length <= MAX_CHEAP;
      if (found !== undefined || given.frames < KNOWN_FRAMES || !isCheap) {
        return found;
      }
      // Frames of another kind may follow, which look hopeless.
      places.tryAll();
      return this.#explain(given, doubt);
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
    const { offset, pieceStarts } = this.#places.window;
    const beginsPieces = this.#places.arePiecesTelling && (profile.hitShare ?? 0) >= TELLING_SHARE;
    const least = beginsPieces ? SURE_BITS : SUSPICIOUS_BITS;
    let back = 0;
    while (back < read.length - 1) {
      const place = read[read.length - 1 - back] ?? 0;
      const start = place - offset;
      const end = start + Math.max(SHORT_HEAD, profile.shortest);
      const isInPlace = beginsPieces && pieceStarts?.has(place) === true;
      if (isInPlace || this.#places.looks(profile, start, end, 'damaged') >= least) {
        break;
      }
      back++;
    }
    return back;
  }

  /** The best explanation by what the profile knows, or by what it knew before the frames that were read. */
  #explain(given: Profile, doubt: Doubt): Resumption | undefined {
    const { read, isSoft = false } = doubt;
    // The frames that were read lead to the wrong frame, so no chain may use them again.
    for (const start of isSoft ? read.slice(0, -1) : read) {
      this.#places.bar(start - this.#places.window.offset);
    }
    const before = given.copy();
    const learned = Math.max(0, read.length - 1 - LEARNING_DELAY);
    this.#eachRead(read, learned, (at, next) => this.#places.unlearn(before, at, next));
    const one = this.#judge(given, doubt, 0);
    const isOther = learned > 0 || given.frames < FEW_FRAMES;
    const other = isOther ? this.#judge(before, doubt, learned) : undefined;
    const best = this.#better(before, doubt, [one, other]);
    return best !== undefined && best.bits >= LEAST_BITS ? best : undefined;
  }

  /** Calls a function with the first `count` frames that were read, as places. */
  #eachRead(
    read: readonly number[],
    count: number,
    call: (at: number, next: number) => void,
  ): void {
    const { offset } = this.#places.window;
    for (let k = 0; k < count; k++) {
      call((read[k] ?? 0) - offset, (read[k + 1] ?? 0) - offset);
    }
  }

  /**
   * The best chain. It shows what the frames of this stream look like, so it is judged again by its own frames,
   * and by the first `unlearned` frames that were read as far as they are kept.
   */
  #judge(given: Profile, doubt: Doubt, unlearned: number): Resumption | undefined {
    const first = this.#best(given, doubt, given.frames < FEW_FRAMES);
    if (first === undefined) {
      return undefined;
    }
    const profile = given.copy();
    const kept = Math.min(first.departure, unlearned);
    this.#eachRead(doubt.read, kept, (at, next) => this.#places.learn(profile, at, next));
    this.#learn(profile, first.goodAgainAt);
    return this.#best(profile, doubt, false) ?? first;
  }

  #better(
    before: Profile,
    doubt: Doubt,
    [one, other]: readonly (Resumption | undefined)[],
  ): Resumption | undefined {
    if (one === undefined || other === undefined) {
      return one ?? other;
    }
    const isSame = one.goodAgainAt === other.goodAgainAt && one.departure === other.departure;
    return isSame || this.#weigh(before, doubt, one) >= this.#weigh(before, doubt, other)
      ? one
      : other;
  }

  /**
   * The worth in bits of a whole explanation: of the frames that it keeps, of the one that it blames, and of the
   * chain behind. Each frame is judged by the frames in front of it.
   */
  #weigh(before: Profile, doubt: Doubt, { departure, goodAgainAt }: Resumption): number {
    const places = this.#places;
    const { bytes, offset, isEnd } = places.window;
    const profile = before.copy();
    let total = 0;
    this.#eachRead(doubt.read, departure, (start, next) => {
      total += places.frameBits(profile, start, next);
      places.learn(profile, start, next);
    });
    let at = goodAgainAt - offset;
    total += departure < 0 ? -noiseBits(at) : this.#blame(profile, doubt, { departure, at });
    for (let frames = 0; frames < MAX_WEIGHED && at < bytes.length; frames++) {
      const next = places.nextOf(at);
      if (next < 0) {
        return total + (next === BROKEN ? BROKEN_BITS : places.unfinishedBits(profile, at));
      }
      total += places.frameBits(profile, at, next);
      places.learn(profile, at, next);
      at = next;
    }
    return total + (at >= bytes.length && isEnd ? END_BITS : 0);
  }

  /**
   * The worth in bits of leaving a frame that was read for a chain at `at`. Its length is wrong, so the byte of
   * its head that looks worst is forgiven.
   */
  #blame(
    profile: Profile,
    { read, hasWrongMarker = false }: Doubt,
    { departure, at }: { readonly departure: number; readonly at: number },
  ): number {
    const { offset } = this.#places.window;
    const start = (read[departure] ?? 0) - offset;
    const isLast = departure === read.length - 1;
    const end = Math.min(at, this.#endOf(profile, read, departure));
    const state = isLast && hasWrongMarker ? 'whole' : 'damaged';
    const own = isLast ? OWN_BITS : 0;
    return this.#places.looks(profile, start, end, state) + own - noiseBits(at - start);
  }

  /** Where a frame that was read ends. The end of the last one is not known, and later bytes must not count. */
  #endOf(profile: Profile, read: readonly number[], k: number): number {
    const least = Math.max(SHORT_HEAD, profile.shortest);
    return (read[k + 1] ?? (read[k] ?? 0) + least) - this.#places.window.offset;
  }

  #best(profile: Profile, doubt: Doubt, areAlike: boolean): Resumption | undefined {
    const scores = this.#scores(profile, doubt.hint, areAlike);
    if (doubt.read.length > 0) {
      return this.#bestBehind(profile, doubt, scores);
    }
    const at = this.#trimmed(profile, bestFrom(scores, 0, 0), FIRST_BITS.start);
    const bits = scores[at] ?? -Infinity;
    const goodAgainAt = this.#places.window.offset + at;
    return at === -1 ? undefined : { goodAgainAt, departure: -1, isVague: false, bits };
  }

  /** The best chain behind frames that were read, and the frame after which to leave for it. */
  #bestBehind(profile: Profile, doubt: Doubt, scores: Float64Array): Resumption | undefined {
    const { read, isSoft = false } = doubt;
    const places = this.#places;
    const { offset } = places.window;
    const looks = read.map((place, k) =>
      places.looks(profile, place - offset, this.#endOf(profile, read, k), 'in a chain'),
    );
    // The frames that were read are whole, even if they are wrong. That counts for all but the last frame.
    const whole = read.map((place, k) =>
      k === read.length - 1 ? 0 : places.validBits(place - offset),
    );
    let kept = looks.reduce((sum, bits, k) => sum + bits + (whole[k] ?? 0), 0);
    // If no frame is wrong, one of the alternatives is to keep the frames that were read.
    const stay = kept - (looks.at(-1) ?? 0) + (scores[(read.at(-1) ?? 0) - offset] ?? 0);
    let best: Resumption | undefined;
    let bestTotal = -Infinity;
    for (let k = read.length - 1; k >= 0; k--) {
      const start = (read[k] ?? 0) - offset;
      const entry = bestFrom(scores, start, start + places.shortestFrame(profile));
      const at = this.#trimmed(profile, entry, FIRST_BITS.error);
      const bits = scores[at] ?? -Infinity;
      kept -= looks[k] ?? 0;
      const total = kept + this.#blame(profile, doubt, { departure: k, at }) + bits;
      if (total > bestTotal) {
        bestTotal = total;
        best = { goodAgainAt: offset + at, departure: k, isVague: isVague(looks, k), bits };
      }
      kept -= whole[k] ?? 0;
    }
    return isSoft && bestTotal < stay + SOFT_BITS ? undefined : best;
  }

  /**
   * The place of a chain behind false frames at its front. They do not look like frames, and what follows does.
   */
  #trimmed(profile: Profile, given: number, least: number): number {
    const places = this.#places;
    let at = given;
    for (let i = 0; i < MAX_FALSE && at >= 0 && profile.frames >= TELLING_FRAMES; i++) {
      const next = places.nextOf(at);
      const after = next < 0 ? BROKEN : places.nextOf(next);
      const isFalse =
        after >= 0 &&
        !places.isInPlace(at) &&
        places.looks(profile, at, next) < least &&
        places.looks(profile, next, after) >= FIRST_BITS.start;
      if (!isFalse) {
        return at;
      }
      at = next;
    }
    return given;
  }

  /** The worth in bits of the chain from each place. `areAlike`: each frame must look like the next one. */
  #scores(profile: Profile, hint: number | undefined, areAlike: boolean): Float64Array {
    const places = this.#places;
    const { bytes, offset, isEnd } = places.window;
    const scores = new Float64Array(bytes.length + 1);
    scores[bytes.length] = isEnd ? END_BITS : 0;
    for (let at = bytes.length - 1; at >= 0; at--) {
      const next = places.nextOf(at);
      const bonus = offset + at === hint ? HINT_BITS : 0;
      if (next === BROKEN) {
        scores[at] = BROKEN_BITS;
      } else if (next === UNFINISHED) {
        scores[at] = places.unfinishedBits(profile, at) + bonus;
      } else {
        const alike = areAlike && next < bytes.length ? places.pairBits(at, next) : 0;
        const bits = places.frameBits(profile, at, next, alike + bonus);
        scores[at] = bits + (scores[next] ?? 0);
      }
    }
    return scores;
  }

  #learn(profile: Profile, from: number): void {
    const places = this.#places;
    let at = from - places.window.offset;
    for (let i = 0; i < LEARNED_FRAMES; i++) {
      const next = places.nextOf(at);
      if (next < 0) {
        return;
      }
      // Skip the first frame: it may be a false frame that runs into the true chain.
      if (i > 0) {
        places.learn(profile, at, next);
      }
      at = next;
    }
  }
}

/**
 * Whether even the frames in front of the one to blame do not look like frames, so that the wrong one may lie
 * further back.
 */
function isVague(looks: readonly number[], departure: number): boolean {
  const kept = looks.slice(0, departure).reduce((sum, bits) => sum + bits, 0);
  return (looks[0] ?? 0) < 0 || kept < 0;
}

/** Cost in bits of bytes that belong to no frame. It grows slowly: a long frame that is wrong is long noise. */
function noiseBits(length: number): number {
  return Math.min(NOISE_BITS * length, Math.log2(1 + length));
}

/** The best place to go on, at `least` or behind it, or -1. Bytes from `start` to the place are noise. */
function bestFrom(scores: Float64Array, start: number, least: number): number {
  let best = -1;
  let most = -Infinity;
  // Noise never gets cheaper from place to place, so what the last one cost tells of most that they are worth less.
  let noise = 0;
  for (let at = least; at < scores.length - 1; at++) {
    const score = scores[at] ?? -Infinity;
    if (score - noise > most) {
      noise = noiseBits(at - start);
      if (score - noise > most) {
        most = score - noise;
        best = at;
      }
    }
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
