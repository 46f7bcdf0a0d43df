// resync(): a decoder goes on behind bytes that are no frame, for lines that lose bytes or add some. It is a
// value that lengthPrefixed() is given, so that a codec without it does not hold this code.
//
//   noise        candidate that fails        frame
//   ┌───────────┬───────────────────────────┬─────────────┐
//   │ 7f 00 e1  │ 23 23 01 ff …             │ 23 23 02 …  │
//   └───────────┴───────────────────────────┴─────────────┘
//   ◀── gap: reported once, when the frame behind it is whole ──▶
//
// Rules:
// - A frame can begin only where its leading fixed bytes, the marker, stand. Such a place is a candidate,
//   and the frame machine judges it as it judges every frame.
// - A candidate fails by wrong fixed bytes, an impossible length, a wrong checksum, or a stall. The search
//   goes on one byte behind where it began, because a true frame may begin inside a false one.
// - At the end of the input an unfinished candidate fails as well if the frames have a checksum: no false
//   frame then hides a true one. Without one it is a truncated frame.
// - Noise is dropped as it is found. What is held is one candidate.
// - Work is linear. A candidate that ends within FREE_LENGTH costs little. Of longer ones at most `maxTries`
//   may cover a byte. Where they do, the search goes on behind the one that ends first.

import { errorCodes, ProtocolError } from '../errors.ts';
import type { ErrorCode, StreamPlace } from '../errors.ts';
import { checkNames, whole } from '../options.ts';
import type { OptionNames } from '../options.ts';
import { recognise } from './diagnose.ts';
import type { Section } from './sections.ts';

export interface ResyncOptions {
  /** Maximum number of bytes without a frame; more are fatal: ERR_NOISE. Default 64 KiB. */
  readonly maxGap?: number | undefined;
  /**
   * Maximum number of false frames longer than 64 bytes in which a byte is tried. It keeps the work linear
   * when noise is full of markers. Default 16.
   */
  readonly maxTries?: number | undefined;
}

/** Made by resync(). */
export interface Resync {
  readonly maxGap: number;
  readonly maxTries: number;
  /** Makes the search of one decoder, for frames that begin with this section. */
  search(before: Section): Search;
}

const NAMES = { maxGap: true, maxTries: true } satisfies OptionNames<ResyncOptions>;
const DEFAULT_MAX_GAP = 64 * 1024;
const DEFAULT_MAX_TRIES = 16;
/** Failed candidates up to this length do not count as tries: they cost as much as a head. */
const FREE_LENGTH = 64;
/** Number of first bytes by which `recognise` knows another protocol. */
const START_LENGTH = 4;

/**
 * Lets a decoder search for the next frame behind bytes that are none, for formats that begin with fixed
 * bytes: `lengthPrefixed({ before: ['23 23', 2], resync: resync() })`. Each gap is reported once, as
 * ProtocolError ERR_NOISE, to `onSkip`, in order with the values. Throws UsageError ERR_OPTION.
 */
export function resync(options: ResyncOptions = {}): Resync {
  checkNames('resync', options, NAMES);
  const { maxGap = DEFAULT_MAX_GAP, maxTries = DEFAULT_MAX_TRIES } = options;
  const limits = {
    maxGap: whole('maxGap', maxGap, { min: 1 }),
    maxTries: whole('maxTries', maxTries, { min: 1 }),
  };
  return Object.freeze({ ...limits, search: (before: Section) => new Search(before, limits) });
}

/** A place where a frame could have begun, and how many bytes it would have taken. */
interface Candidate {
  readonly place: StreamPlace;
  readonly length: number;
}

/** What the search needs of a ChunkQueue. */
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

/** The search of one decoder. The machine asks it while a gap is open. */
export class Search {
  readonly #marker: Uint8Array;
  readonly #maxGap: number;
  readonly #maxTries: number;
  /** Where the gap began, and why; `undefined` while there is none. */
  #gap: { readonly place: StreamPlace; readonly reason: ErrorCode } | undefined;
  /** Offset in the stream from which a candidate may begin. */
  #from = 0;
  /** Ends of failed candidates that reach behind #from. */
  #ends: number[] = [];
  /** First bytes of the stream, as long as they are noise. */
  readonly #start: number[] = [];
  /** The first candidate of this gap that the end of the input cut off. */
  #cut: ProtocolError | undefined;

  constructor(before: Section, { maxGap, maxTries }: Pick<Resync, 'maxGap' | 'maxTries'>) {
    const { magic = new Uint8Array(0), mask } = before;
    const length = mask === undefined ? magic.length : mask.indexOf(0);
    this.#marker = magic.subarray(0, length);
    this.#maxGap = maxGap;
    this.#maxTries = maxTries;
  }

  get isOpen(): boolean {
    return this.#gap !== undefined;
  }

  /** A candidate was no frame. */
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

  /** A candidate was cut off by the end of the input; `error` says so if nothing behind it is a frame. */
  cut(candidate: Candidate, error: ProtocolError): void {
    this.#cut ??= error;
    this.lose(candidate, error.code);
  }

  /**
   * Drops noise up to the next candidate. Returns false when all bytes are noise. Throws ProtocolError when
   * there is too much of it, or when it is another protocol.
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

  /** Closes the gap and returns its error. It ends at `end`, or where a frame was cut off. */
  close(end: number): ProtocolError | undefined {
    const gap = this.#gap;
    this.#gap = undefined;
    if (gap === undefined) {
      return undefined;
    }
    const length = (this.#cut?.byteOffset ?? end) - gap.place.byteOffset;
    return length === 0 ? undefined : noiseError(gap.place, length, gap.reason);
  }

  /** A frame was found behind the gap, so that no candidate in it was one. */
  found(end: number): ProtocolError | undefined {
    this.#cut = undefined;
    return this.close(end);
  }

  /** The error of the frame that the end of the input cut off. */
  get cutOff(): ProtocolError | undefined {
    return this.#cut;
  }

  #forgetEnds(): void {
    this.#ends = this.#ends.filter((end) => end > this.#from);
  }

  /** Number of bytes at the front of the first segment that no frame can begin with. */
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

  /** Whether the queue begins with the marker, as far as that has come. */
  #isMarker(queue: NoisyQueue): boolean {
    const present = Math.min(this.#marker.length, queue.length);
    for (let i = 1; i < present; i++) {
      if (queue.byteAt(i) !== this.#marker[i]) {
        return false;
      }
    }
    return true;
  }

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
  const facts = `${length} bytes are no frame: ${errorCodes[reason]}`;
  return new ProtocolError('ERR_NOISE', facts, { ...place, length, reason });
}

function tooMuch(place: StreamPlace, limit: number, reason: ErrorCode): ProtocolError {
  const length = limit + 1;
  const facts = `${length} bytes are no frame, and maxGap is ${limit}: ${errorCodes[reason]}`;
  const hint = 'Another protocol, or other options than the remote has.';
  return new ProtocolError('ERR_NOISE', facts, { ...place, length, limit, reason, hint });
}

function otherProtocol(place: StreamPlace, reason: ErrorCode, hint: string): ProtocolError {
  const facts = `The stream begins with another protocol: ${errorCodes[reason]}`;
  const length = START_LENGTH;
  return new ProtocolError('ERR_NOISE', facts, { ...place, length, reason, hint });
}
