// resync(): lets a decoder go on behind bytes that are no frame, for links that lose bytes or add bytes. A
// program passes the value of resync() to lengthPrefixed() or delimited(). A program without resync does not
// load this code.
//
//   noise        candidate that fails        frame
//   ┌───────────┬───────────────────────────┬─────────────┐
//   │ 7f 00 e1  │ 23 23 01 ff …             │ 23 23 02 …  │
//   └───────────┴───────────────────────────┴─────────────┘
//   ◀──────────────── gap ────────────────▶
//
// The decoder reports the gap once, when the frame behind the gap is whole.
//
// Rules:
// - A frame can begin only at its marker, which is the fixed bytes at its front. A place with the marker is a
//   candidate, and the decoder judges it as it judges every frame.
// - A candidate fails by wrong fixed bytes, an impossible length, a wrong escape sequence, a wrong checksum,
//   or a stall. The search goes on one byte behind the start of that candidate, because a true frame may
//   begin inside a false frame.
// - At the end of the input an unfinished candidate also fails if the frames have a checksum, so that no
//   false frame hides a true one. Without a checksum the candidate is a truncated frame.
// - Noise is dropped as it is found. The decoder holds at most one candidate.
// - Work is linear. A failed candidate of up to FREE_LENGTH bytes costs little. A byte may lie in at most
//   `maxTries` longer failed candidates. Where so many overlap, the search goes on behind the candidate that
//   ends first.

import { errorCodes, ProtocolError } from '../errors.ts';
import type { ErrorCode, StreamPlace } from '../errors.ts';
import { checkNames, whole } from '../options.ts';
import type { OptionNames } from '../options.ts';
import { recognise } from './diagnose.ts';
import type { Section } from './sections.ts';

/** Options of `resync`. */
export interface ResyncOptions {
  /**
   * Maximum number of bytes in a row that are no frame. A longer run ends decoding with ERR_NOISE. Default 64
   * KiB.
   */
  readonly maxGap?: number | undefined;
  /**
   * Maximum number of false frames of more than 64 bytes that may overlap at one byte. A false frame is a
   * place that looked like the start of a frame, with as many bytes as its length said. When so many overlap,
   * the search goes on behind the false frame that ends first. The limit keeps the work linear when noise is
   * full of markers. Default 16.
   */
  readonly maxTries?: number | undefined;
}

/** The value that resync() returns. */
export interface Resync {
  readonly maxGap: number;
  readonly maxTries: number;
  /** Makes the search of one decoder, for frames that begin with these bytes. */
  search(before: Beginning): Search;
}

/** The fixed bytes at the front of a frame. */
type Beginning = Pick<Section, 'magic' | 'mask'>;

const NAMES = { maxGap: true, maxTries: true } satisfies OptionNames<ResyncOptions>;
const DEFAULT_MAX_GAP = 64 * 1024;
const DEFAULT_MAX_TRIES = 16;
/**
 * Length up to which failed candidates do not count for `maxTries`, because they cost no more than a head.
 */
const FREE_LENGTH = 64;
/** Number of first bytes by which `recognise` knows another protocol. */
const START_LENGTH = 4;

/**
 * Lets a decoder search for the next frame behind bytes that are no frame, for formats that begin with fixed
 * bytes: `lengthPrefixed({ before: ['23 23', 2], resync: resync() })`, or with a marker: `delimited({ start:
 * '02', end: '03', checksum: xor8, resync: resync() })`. The decoder reports each gap once, in order with the
 * values: it calls `onNoise`, or by default `onSkip`, with ProtocolError ERR_NOISE. Throws UsageError
 * ERR_OPTION for limits that are not whole numbers from 1 on.
 */
export function resync(options: ResyncOptions = {}): Resync {
  checkNames('resync', options, NAMES);
  const { maxGap = DEFAULT_MAX_GAP, maxTries = DEFAULT_MAX_TRIES } = options;
  const limits = {
    maxGap: whole('maxGap', maxGap, { min: 1 }),
    maxTries: whole('maxTries', maxTries, { min: 1 }),
  };
  return Object.freeze({ ...limits, search: (before: Beginning) => new Search(before, limits) });
}

/** A place where a frame could have begun, and the number of bytes that this frame would have had. */
interface Candidate {
  readonly place: StreamPlace;
  readonly length: number;
}

/** The members of ChunkQueue that the search uses. */
interface NoisyQueue {
  readonly head: Uint8Array;
  readonly at: number;
  readonly end: number;
  readonly length: number;
  readonly offset: number;
  gather(count: number): void;
  byteAt(index: number): number;
  skip(count: number): void;
}

/**
 * The search of one decoder. The decoder reports failed candidates to the search, and asks it for the next
 * candidate.
 */
export class Search {
  readonly #marker: Uint8Array;
  readonly #maxGap: number;
  readonly #maxTries: number;
  /**
   * Place where the gap began, and reason why its first candidate failed. `undefined` while no gap is open.
   */
  #gap: { readonly place: StreamPlace; readonly reason: ErrorCode } | undefined;
  /** Offset in the stream from which a candidate may begin. */
  #from = 0;
  /** Stream offsets of the ends of long failed candidates, as far as these ends lie behind #from. */
  #ends: number[] = [];
  /** First bytes of the stream, if they are noise: up to START_LENGTH of them. */
  readonly #start: number[] = [];
  /** Error of the first candidate of this gap that the end of the input cut off. */
  #cut: ProtocolError | undefined;

  constructor(before: Beginning, { maxGap, maxTries }: Pick<Resync, 'maxGap' | 'maxTries'>) {
    const { magic = new Uint8Array(0), mask } = before;
    const length = mask === undefined ? magic.length : mask.indexOf(0);
    this.#marker = magic.subarray(0, length);
    this.#maxGap = maxGap;
    this.#maxTries = maxTries;
  }

  get isOpen(): boolean {
    return this.#gap !== undefined;
  }

  /**
   * Call this when a candidate was no frame. Opens a gap if none is open, and sets where the search goes on.
   */
  lose({ place, length }: Candidate, reason: ErrorCode): void {
    const { byteOffset } = place;
    this.#gap ??= { place, reason };
    if (length > FREE_LENGTH) {
      this.#ends.push(byteOffset + length);
    }
    this.#from = byteOffset + 1;
    this.#forgetEnds();
    while (this.#ends.length >= this.#maxTries) {
      this.#from = Math.min(...this.#ends);
      this.#forgetEnds();
    }
  }

  /**
   * Call this when the end of the input cut a candidate off. If no frame follows, `cutOff` returns `error`.
   */
  cut(candidate: Candidate, error: ProtocolError): void {
    this.#cut ??= error;
    this.lose(candidate, error.code);
  }

  /**
   * Drops noise up to the next candidate. Returns false when all bytes are noise. Throws ProtocolError when
   * the gap exceeds `maxGap`, or when the stream begins with another protocol.
   */
  find(queue: NoisyQueue): boolean {
    while (queue.length > 0) {
      queue.gather(1);
      const noise = this.#noiseIn(queue);
      if (noise === 0) {
        return true;
      }
      this.#drop(queue, noise);
    }
    return false;
  }

  /**
   * Closes the gap and returns its error, or `undefined` if there is no gap or no byte in it. The gap ends at
   * `end`, or where a cut-off candidate begins.
   */
  close(end: number): ProtocolError | undefined {
    const gap = this.#gap;
    this.#gap = undefined;
    if (gap === undefined) {
      return undefined;
    }
    const length = (this.#cut?.byteOffset ?? end) - gap.place.byteOffset;
    return length === 0 ? undefined : noiseError(gap.place, length, gap.reason);
  }

  /**
   * Call this when a frame was found. Closes the gap in front of the frame and returns its error, if there is
   * a gap. Forgets the cut-off candidates in the gap, because they were no frames.
   */
  found(end: number): ProtocolError | undefined {
    this.#cut = undefined;
    return this.close(end);
  }

  /** Error of the candidate that the end of the input cut off, if there is one. */
  get cutOff(): ProtocolError | undefined {
    return this.#cut;
  }

  #forgetEnds(): void {
    this.#ends = this.#ends.filter((end) => end > this.#from);
  }

  /**
   * Returns the number of bytes at the front of the queue, within its first segment, at which no frame can
   * begin.
   */
  #noiseIn(queue: NoisyQueue): number {
    const { head, at, end, offset } = queue;
    const [first] = this.#marker;
    const start = at + Math.max(0, this.#from - offset);
    let next = Math.min(start, end);
    while (next < end && head[next] !== first) {
      next++;
    }
    if (next > at || this.#isMarker(queue)) {
      return next - at;
    }
    return 1;
  }

  /**
   * Returns whether the queue begins with the marker, or with the beginning of the marker if not all of it
   * has come.
   */
  #isMarker(queue: NoisyQueue): boolean {
    const present = Math.min(this.#marker.length, queue.length);
    for (let i = 1; i < present; i++) {
      if (queue.byteAt(i) !== this.#marker[i]) {
        return false;
      }
    }
    return true;
  }

  /** Drops noise. Throws when the gap gets too long, or when the stream begins with another protocol. */
  #drop(queue: NoisyQueue, count: number): void {
    const gap = this.#gap;
    if (gap === undefined) {
      return;
    }
    const { place, reason } = gap;
    const isStart = place.byteOffset === 0 && queue.offset < START_LENGTH;
    const wanted = isStart ? Math.min(count, START_LENGTH - queue.offset) : count;
    const left = this.#maxGap - (queue.offset - place.byteOffset);
    if (isStart) {
      this.#start.push(...queue.head.subarray(queue.at, queue.at + wanted));
    }
    queue.skip(Math.min(wanted, left));
    if (wanted > left) {
      throw tooMuch(place, this.#maxGap, reason);
    }
    const known = this.#start.length === START_LENGTH && isStart ? this.#start : undefined;
    const hint = known && recognise(Uint8Array.from(known));
    if (hint !== undefined) {
      throw otherProtocol(place, reason, hint);
    }
  }
}

function noiseError(place: StreamPlace, length: number, reason: ErrorCode): ProtocolError {
  const bytes = length === 1 ? '1 byte is' : `${length} bytes are`;
  const facts = `${bytes} no frame: ${errorCodes[reason]}`;
  return new ProtocolError('ERR_NOISE', facts, { ...place, length, reason });
}

function tooMuch(place: StreamPlace, limit: number, reason: ErrorCode): ProtocolError {
  const length = limit + 1;
  const facts = `${length} bytes are no frame, but maxGap is ${limit}: ${errorCodes[reason]}`;
  const hint = 'The remote may speak another protocol, or have other options.';
  return new ProtocolError('ERR_NOISE', facts, { ...place, length, limit, reason, hint });
}

function otherProtocol(place: StreamPlace, reason: ErrorCode, hint: string): ProtocolError {
  const facts = `The stream begins with another protocol: ${errorCodes[reason]}`;
  const length = START_LENGTH;
  return new ProtocolError('ERR_NOISE', facts, { ...place, length, reason, hint });
}
