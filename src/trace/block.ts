// A block of a trace: some thousand rows, in columns. A row takes 61 bytes, and the kept bytes of its frame
// come on top.
//
// Rules:
// - Rows are appended and never changed.
// - The bytes of frames can be forgotten apart from the rows.
// - Rows of other kinds are rare, so they are objects.

import type { FrameFound, FramePart } from '../inspect/lines.ts';
import type { FrameRow, OtherRow, Row } from './rows.ts';

export const BLOCK_ROWS = 4096;
/** Maximum number of cuts of a frame that are kept. */
const MAX_CUTS = 64;
/** Maximum number of bytes of a frame that a list shows. */
const PREVIEW = 16;
/**
 * Memory that is counted, in bytes: for a number in a list (NUMBER_LENGTH), and for a row that is no whole
 * frame (OTHER_LENGTH).
 */
const NUMBER_LENGTH = 8;
const OTHER_LENGTH = 256;

const FRAME = 0;
const OTHER = 1;
const KIND = 1;
const TO_CLIENT = 2;
const HALF = 4;
const STICKY = 8;

const PARTS: readonly FramePart[] = ['head', 'payload', 'tail'];

/** Facts about a frame that its finding does not have. */
export interface FrameFacts {
  readonly conversation: number;
  readonly isSticky: boolean;
  /** Maximum number of bytes of the frame that may be kept. */
  readonly keptLength: number;
}

export class Block {
  /** Number of the first row. */
  readonly first: number;
  #count = 0;
  readonly #flags: Uint8Array = new Uint8Array(BLOCK_ROWS);
  readonly #conversations: Uint32Array = new Uint32Array(BLOCK_ROWS);
  readonly #frames: Uint32Array = new Uint32Array(BLOCK_ROWS);
  readonly #heads: Uint32Array = new Uint32Array(BLOCK_ROWS);
  readonly #firstPieces: Uint32Array = new Uint32Array(BLOCK_ROWS);
  readonly #lastPieces: Uint32Array = new Uint32Array(BLOCK_ROWS);
  readonly #offsets: Float64Array = new Float64Array(BLOCK_ROWS);
  readonly #lengths: Float64Array = new Float64Array(BLOCK_ROWS);
  readonly #payloads: Float64Array = new Float64Array(BLOCK_ROWS);
  readonly #times: Float64Array = new Float64Array(BLOCK_ROWS);
  /** For each row, the end of its bytes (`#bytesEnds`) and of its cuts (`#cutsEnds`). */
  readonly #bytesEnds: Uint32Array = new Uint32Array(BLOCK_ROWS);
  readonly #cutsEnds: Uint32Array = new Uint32Array(BLOCK_ROWS);
  #bytes: Uint8Array = new Uint8Array(BLOCK_ROWS);
  #bytesLength = 0;
  /** Pairs of two numbers: the offset of a cut in its frame, and the number of the part of the frame. */
  #cuts: number[] = [];
  #areBytesForgotten = false;
  readonly #others = new Map<number, OtherRow>();
  #othersLength = 0;

  constructor(first: number) {
    this.first = first;
  }

  get isFull(): boolean {
    return this.#count === BLOCK_ROWS;
  }

  /** Approximate number of bytes of memory that this block holds besides its columns. */
  get heldLength(): number {
    return this.#bytesLength + this.#cuts.length * NUMBER_LENGTH + this.#othersLength;
  }

  /** Whether the bytes and the cuts of the frames were forgotten. */
  get areBytesForgotten(): boolean {
    return this.#areBytesForgotten;
  }

  addFrame(found: FrameFound, { conversation, isSticky, keptLength }: FrameFacts): void {
    const { direction, frame, offset, length, payloadOffset, payloadLength, pieces, cuts } = found;
    const at = this.#next(conversation, offset);
    this.#flags[at] =
      FRAME |
      (direction === 'b>a' ? TO_CLIENT : 0) |
      (cuts.length > 0 ? HALF : 0) |
      (isSticky ? STICKY : 0);
    this.#frames[at] = frame;
    this.#heads[at] = payloadOffset - offset;
    this.#lengths[at] = length;
    this.#payloads[at] = payloadLength;
    [this.#firstPieces[at], this.#lastPieces[at]] = pieces;
    this.#times[at] = found.time ?? NaN;
    for (const cut of cuts.slice(0, MAX_CUTS)) {
      this.#cuts.push(cut.offset - offset, PARTS.indexOf(cut.part));
    }
    this.#keep(found.bytes.subarray(0, keptLength));
    this.#close(at);
  }

  addOther(row: OtherRow): void {
    const at = this.#next(row.conversation, row.offset);
    this.#flags[at] = OTHER | (row.direction === 'b>a' ? TO_CLIENT : 0);
    this.#others.set(at, row);
    this.#othersLength += OTHER_LENGTH + (row.kind === 'error' ? row.message.length : 0);
    this.#close(at);
  }

  isFrame(at: number): boolean {
    return ((this.#flags[at] ?? 0) & KIND) === FRAME;
  }

  isToClient(at: number): boolean {
    return ((this.#flags[at] ?? 0) & TO_CLIENT) !== 0;
  }

  conversationOf(at: number): number {
    return this.#conversations[at] ?? 0;
  }

  frameOf(at: number): number {
    return this.#frames[at] ?? 0;
  }

  offsetOf(at: number): number {
    return this.#offsets[at] ?? 0;
  }

  /** Returns the length of the frame at `at`. It is 0 for a row that is no whole frame. */
  lengthOf(at: number): number {
    return this.#lengths[at] ?? 0;
  }

  otherAt(at: number): OtherRow | undefined {
    return this.#others.get(at);
  }

  rowAt(at: number): Row {
    return this.#others.get(at) ?? this.frameRowAt(at);
  }

  frameRowAt(at: number): FrameRow {
    const flags = this.#flags[at] ?? 0;
    const time = this.#times[at] ?? NaN;
    return {
      kind: 'frame',
      id: this.first + at,
      conversation: this.conversationOf(at),
      direction: this.isToClient(at) ? 'b>a' : 'a>b',
      frame: this.frameOf(at),
      ...(Number.isNaN(time) ? {} : { time }),
      offset: this.offsetOf(at),
      length: this.lengthOf(at),
      head: this.#heads[at] ?? 0,
      payload: this.#payloads[at] ?? 0,
      pieces: [this.#firstPieces[at] ?? 0, this.#lastPieces[at] ?? 0],
      isHalf: (flags & HALF) !== 0,
      isSticky: (flags & STICKY) !== 0,
      preview: hexOf(this.bytesAt(at).subarray(0, PREVIEW)),
    };
  }

  /** Returns the kept bytes of a frame, as a view. */
  bytesAt(at: number): Uint8Array {
    if (this.#areBytesForgotten) {
      return this.#bytes;
    }
    return this.#bytes.subarray(at === 0 ? 0 : this.#bytesEnds[at - 1], this.#bytesEnds[at]);
  }

  cutsAt(at: number): readonly { readonly offset: number; readonly part: FramePart }[] {
    const cuts: { readonly offset: number; readonly part: FramePart }[] = [];
    const end = this.#areBytesForgotten ? 0 : (this.#cutsEnds[at] ?? 0);
    for (let i = at === 0 ? 0 : (this.#cutsEnds[at - 1] ?? 0); i < end; i += 2) {
      cuts.push({ offset: this.#cuts[i] ?? 0, part: PARTS[this.#cuts[i + 1] ?? 0] ?? 'head' });
    }
    return cuts;
  }

  /** Forgets the bytes and the cuts of all frames. After this call nothing may be added. */
  forgetBytes(): void {
    this.#bytes = new Uint8Array(0);
    this.#cuts = [];
    this.#bytesLength = 0;
    this.#areBytesForgotten = true;
  }

  #next(conversation: number, offset: number): number {
    const at = this.#count;
    this.#count++;
    this.#conversations[at] = conversation;
    this.#offsets[at] = offset;
    return at;
  }

  #keep(bytes: Uint8Array): void {
    const end = this.#bytesLength + bytes.length;
    if (end > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(end, this.#bytes.length * 2));
      larger.set(this.#bytes.subarray(0, this.#bytesLength));
      this.#bytes = larger;
    }
    this.#bytes.set(bytes, this.#bytesLength);
    this.#bytesLength = end;
  }

  #close(at: number): void {
    this.#bytesEnds[at] = this.#bytesLength;
    this.#cutsEnds[at] = this.#cuts.length;
  }
}

const DIGITS: readonly string[] = Array.from({ length: 256 }, (_, byte) =>
  byte.toString(16).padStart(2, '0'),
);

/** Writes bytes as hex: two digits for each byte, without blanks. */
export function hexOf(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) {
    text += DIGITS[byte] ?? '';
  }
  return text;
}
