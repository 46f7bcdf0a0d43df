// The places of a window: where the frame ends that would begin there, and how much it looks like a frame.
//
// The work is bounded by the length of the window. Most of it is the errors that decoders throw. So places
// that look like no head at all are not tried at first, and heads that a decoder surely refuses never are.

import type { Spots } from '../framing/codecs.ts';
import { backgroundOf, HEAD_LENGTH, pairBits } from './profile.ts';
import type { Profile } from './profile.ts';

export interface Window {
  readonly bytes: Uint8Array;
  /** Offset of the first byte of the window in the stream. */
  readonly offset: number;
  /** Offsets at which pieces begin; `undefined` if pieces mean nothing, as in a file. */
  readonly pieceStarts: ReadonlySet<number> | undefined;
  /** Whether the stream ends where the window ends. */
  readonly isEnd: boolean;
}

/** What is known of a frame that is judged. */
export type FrameState = 'whole' | 'damaged' | 'in a chain';

/**
 * Values instead of the next place. BROKEN: no frame begins at the place. UNFINISHED: the frame reaches
 * beyond the window.
 */
export const BROKEN = -1;
export const UNFINISHED = -2;

/** Bonus in bits for a chain that ends where the stream ends. */
export const END_BITS = 6;
/** Number of places on either side of a place that `#validBits` looks at. */
const NEIGHBOURS = 64;
/** Maximum worth in bits of the fact that a frame can begin at a place. */
const MAX_VALID_BITS = 8;
/** Maximum worth in bits of a frame whose bytes are all the same: slightly below 0. */
const UNIFORM_BITS = -0.5;
/**
 * Worth in bits of a head in a chain that looks like no head so far. It is not less, because a stream may begin to
 * send frames of another kind.
 */
const UNKNOWN_BITS = -8;
/**
 * Worth in bits below which no frame is tried at a place, once KNOWN_FRAMES frames were seen.
 */
const HOPELESS_BITS = -16;
export const KNOWN_FRAMES = 16;
/**
 * Minimum number of bytes by which a place is judged if the end of the frame is not known. Later bytes may
 * belong to the next frame.
 */
export const SHORT_HEAD = 4;
/**
 * Number of frames from the first byte of the window that make this byte a boundary without a search.
 * STRAIGHT_HITS of them must end where a piece begins, and one of them must look like the first one.
 */
const STRAIGHT_FRAMES = 4;
const STRAIGHT_HITS = 2;
const STRAIGHT_BITS = 4;

export class Places {
  readonly window: Window;
  readonly #spots: Spots;
  readonly #next: Int32Array;
  /** For each place, the number of earlier places where a whole frame begins. */
  readonly #valid: Uint32Array;
  readonly #background: Float64Array;
  #density = 0;

  constructor(spots: Spots, window: Window) {
    this.#spots = spots;
    this.window = window;
    this.#next = new Int32Array(window.bytes.length);
    this.#valid = new Uint32Array(window.bytes.length + 1);
    const { pieceStarts, bytes } = window;
    this.#background = backgroundOf(bytes);
    this.#density = (pieceStarts?.size ?? 0) / Math.max(1, bytes.length);
  }

  /** Whether pieces are long enough for their starts to mean something. */
  get arePiecesTelling(): boolean {
    return this.window.pieceStarts !== undefined && this.#density > 0 && this.#density < 0.5;
  }

  /** Whether a piece begins at a place behind the first one, and that means something. */
  isInPlace(at: number): boolean {
    return at > 0 && this.arePiecesTelling && this.#isPieceStart(at);
  }

  /** Number of bytes that each frame has at least, as far as that is known. */
  shortestFrame({ frames, shortest }: Profile): number {
    const known = frames >= KNOWN_FRAMES ? HEAD_LENGTH : this.#spots.prefixLength;
    return Math.max(1, Math.min(known, shortest));
  }

  /** The end of the frame that begins at a place; BROKEN or UNFINISHED if there is no whole frame. */
  nextOf(at: number): number {
    return this.#next[at] ?? BROKEN;
  }

  /** Says that no frame begins at a place. */
  bar(at: number): void {
    this.#next[at] = BROKEN;
  }

  /** Tries a frame at each place, or at each place that is not hopeless by a profile. */
  tryAll(profile?: Profile): void {
    const { bytes } = this.window;
    const known = profile !== undefined && profile.frames >= KNOWN_FRAMES ? profile : undefined;
    for (let at = 0; at < bytes.length; at++) {
      const isHopeless = known !== undefined && this.#isHopeless(known, at);
      const next = isHopeless ? BROKEN : this.#try(at);
      this.#next[at] = next;
      this.#valid[at + 1] = (this.#valid[at] ?? 0) + (next >= 0 ? 1 : 0);
    }
  }

  /** Whether the window begins with a frame, judged by the frames that follow. */
  get isStraight(): boolean {
    const { bytes, offset, pieceStarts } = this.window;
    let frames = 0;
    let hits = 0;
    let similar = 0;
    let at = 0;
    while (at < bytes.length && frames < STRAIGHT_FRAMES) {
      const next = this.#try(at);
      if (next < 0 || this.#isUniform(at, next)) {
        return false;
      }
      similar = Math.max(similar, at === 0 ? 0 : this.pairBits(0, at));
      frames++;
      at = next;
      hits += pieceStarts?.has(offset + at) === true || at === bytes.length ? 1 : 0;
    }
    const areHit = pieceStarts === undefined || hits >= STRAIGHT_HITS;
    return frames >= STRAIGHT_FRAMES && areHit && similar >= STRAIGHT_BITS;
  }

  /**
   * The worth in bits of a whole frame: how much it looks like one, and how improbable it is by chance. `more` is
   * what else speaks for it. The worth is at most UNIFORM_BITS if all its bytes are equal, because in many
   * formats a run of zeros is a chain of empty frames.
   */
  // oxlint-disable-next-line max-params -- hot path: called for every byte of a window
  frameBits(profile: Profile, at: number, next: number, more: number = 0): number {
    const bits = this.looks(profile, at, next, 'in a chain') + this.validBits(at) + more;
    return this.#isUniform(at, next) ? Math.min(bits, UNIFORM_BITS) : bits;
  }

  /**
   * Worth in bits of the fact that a frame can begin at a place. It is little if frames can also begin at the
   * bytes around, as among zeros in many formats.
   */
  validBits(at: number): number {
    const from = Math.max(0, at - NEIGHBOURS);
    const to = Math.min(this.#next.length, at + NEIGHBOURS);
    const valid = (this.#valid[to] ?? 0) - (this.#valid[from] ?? 0);
    return Math.min(MAX_VALID_BITS, -Math.log2((valid + 1) / (to - from + 2)));
  }

  /** How much the heads at two places look like those of frames of one stream, in bits. */
  pairBits(one: number, other: number): number {
    const { bytes } = this.window;
    const heads = [one, other].map((at) => bytes.subarray(at, at + HEAD_LENGTH));
    return pairBits(heads[0] ?? bytes, heads[1] ?? bytes, this.#background);
  }

  /**
   * How much `[at, end)` looks like a frame, in bits. A damaged frame may have one wrong byte in its head. In a
   * chain, the other frames speak for a frame that looks like none before.
   */
  // oxlint-disable-next-line max-params -- hot path: called for every byte of a window
  looks(profile: Profile, at: number, end: number, state: FrameState = 'whole'): number {
    const { bytes, offset, pieceStarts } = this.window;
    const first = bytes.subarray(at, Math.min(end, at + HEAD_LENGTH));
    const known =
      state === 'damaged'
        ? profile.damagedBits(first, this.#background)
        : profile.headBits(first, this.#background);
    const head = state === 'in a chain' ? Math.max(known, UNKNOWN_BITS) : known;
    if (pieceStarts === undefined || !this.arePiecesTelling) {
      return head;
    }
    return head + profile.pieceBits(pieceStarts.has(offset + at), this.#density);
  }

  /**
   * Worth of a frame that is longer than the rest of the window. The longer the rest is, the less probable is
   * such a frame.
   */
  unfinishedBits(profile: Profile, at: number): number {
    const { bytes, isEnd } = this.window;
    const usual = Math.max(64, 4 * profile.meanLength);
    const against = 2 * Math.log2(1 + (bytes.length - at) / usual) + (isEnd ? END_BITS : 0);
    return this.looks(profile, at, bytes.length) - against;
  }

  /** Makes a profile learn the frame `[at, next)`. */
  learn(profile: Profile, at: number, next: number): void {
    profile.learn(this.window.bytes.subarray(at, next), next - at, this.#isPieceStart(at));
  }

  /** Makes a profile forget the frame `[at, next)`, which it has learned. */
  unlearn(profile: Profile, at: number, next: number): void {
    profile.unlearn(this.window.bytes.subarray(at, next), next - at, this.#isPieceStart(at));
  }

  #isPieceStart(at: number): boolean {
    return this.window.pieceStarts?.has(this.window.offset + at) === true;
  }

  #try(at: number): number {
    const { bytes } = this.window;
    if (this.#spots.refuses?.(bytes, at) === true) {
      return BROKEN;
    }
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

  #isUniform(at: number, next: number): boolean {
    const { bytes } = this.window;
    const first = bytes[at];
    let i = at + 1;
    while (i < next && bytes[i] === first) {
      i++;
    }
    return i === next;
  }

  /**
   * Whether the first SHORT_HEAD bytes at a place look so little like a head that no frame is tried there.
   */
  #isHopeless(profile: Profile, at: number): boolean {
    const head = this.window.bytes.subarray(at, at + SHORT_HEAD);
    return profile.headBits(head, this.#background) < HOPELESS_BITS;
  }
}
