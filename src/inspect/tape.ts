// The tape holds the last bytes of one direction, with the pieces in which they came.
//
// Operations: append a piece, read bytes by their offset, find the pieces in which they lie, forget old pieces.
// Warning: the tape keeps the pieces that it is given, so the caller must not change them.

export interface Piece {
  /** Number of the piece in its direction. */
  readonly index: number;
  readonly offset: number;
  readonly bytes: Uint8Array;
  readonly time: number | undefined;
}

const NOTHING = new Uint8Array(0);

export class Tape {
  readonly #pieces: Piece[] = [];
  #first = 0;
  #count = 0;
  /** Offset behind the last byte. */
  end = 0;

  get pieceCount(): number {
    return this.#count;
  }

  /** Offset of the first byte that the tape still holds. */
  get start(): number {
    return this.#pieces[this.#first]?.offset ?? this.end;
  }

  append(bytes: Uint8Array, time: number | undefined): Piece {
    const piece = { index: this.#count, offset: this.end, bytes, time };
    this.#pieces.push(piece);
    this.#count++;
    this.end += bytes.length;
    return piece;
  }

  /**
   * Skips bytes that the capture does not have. Forgets all pieces, because the next bytes do not continue
   * them.
   */
  skip(length: number): void {
    this.#pieces.length = 0;
    this.#first = 0;
    this.end += length;
  }

  /** Forgets pieces that end at `offset` or earlier. */
  forget(offset: number): void {
    for (let piece = this.#pieces[this.#first]; piece !== undefined;) {
      if (piece.offset + piece.bytes.length > offset) {
        break;
      }
      this.#first++;
      piece = this.#pieces[this.#first];
    }
    // Moving the remaining pieces costs no more than the forgotten pieces did.
    if (this.#first > 32 && this.#first * 2 > this.#pieces.length) {
      this.#pieces.splice(0, this.#first);
      this.#first = 0;
    }
  }

  /** Returns the pieces that hold bytes of `[from, to)`, in their order. */
  piecesIn(from: number, to: number): readonly Piece[] {
    const found: Piece[] = [];
    for (let i = this.#pieces.length - 1; i >= this.#first; i--) {
      const piece = this.#pieces[i];
      if (piece === undefined || piece.offset + piece.bytes.length <= from) {
        break;
      }
      if (piece.offset < to) {
        found.push(piece);
      }
    }
    return found.length > 1 ? found.toReversed() : found;
  }

  /**
   * Returns the bytes of `[from, to)`, as far as the tape still holds them. If all lie in one piece, the
   * result is a view.
   */
  read(from: number, to: number): Uint8Array {
    if (to <= from) {
      return NOTHING;
    }
    const last = this.#pieces.at(-1);
    if (last !== undefined && from >= last.offset) {
      return last.bytes.subarray(from - last.offset, to - last.offset);
    }
    const pieces = this.piecesIn(from, to);
    const [only] = pieces;
    if (only === undefined) {
      return NOTHING;
    }
    if (pieces.length === 1) {
      return only.bytes.subarray(Math.max(0, from - only.offset), to - only.offset);
    }
    const start = Math.max(from, only.offset);
    const whole = new Uint8Array(Math.min(to, this.end) - start);
    for (const { offset, bytes } of pieces) {
      const skipped = Math.max(0, start - offset);
      whole.set(bytes.subarray(skipped, to - offset), offset + skipped - start);
    }
    return whole;
  }
}
