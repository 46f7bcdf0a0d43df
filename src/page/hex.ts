// Reads and prints bytes in hex as a person writes them: two digits for a byte, and a bar where a piece ends.
// This file is pure.

/** Characters that may stand between two bytes. */
const BLANK = /[\s_,:]/;

const NONE = -1;
const BAR = 0x7c;

/** Returns the value of a digit, or -1 for another character. */
function digitOf(code: number): number {
  if (code >= 0x30 && code <= 0x39) {
    return code - 0x30;
  }
  const letter = code | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : NONE;
}

/** Reads hex whose text comes in parts, which may be cut anywhere. */
export class HexReader {
  readonly #pieces: Uint8Array[] = [];
  #parts: Uint8Array[] = [];
  #high = NONE;
  #isHex = true;

  /** Takes the next part of the text. */
  push(text: string): void {
    const bytes = new Uint8Array((text.length >> 1) + 1);
    let length = 0;
    for (let i = 0; i < text.length && this.#isHex; i++) {
      const code = text.charCodeAt(i);
      const digit = digitOf(code);
      if (code === BAR) {
        this.#endPiece(bytes.slice(0, length));
        length = 0;
      } else if (digit === NONE) {
        this.#between(text[i] ?? '');
      } else if (this.#high === NONE) {
        this.#high = digit;
      } else {
        bytes[length] = this.#high * 16 + digit;
        length++;
        this.#high = NONE;
      }
    }
    this.#parts.push(bytes.subarray(0, length));
  }

  /** Returns the pieces, or `undefined` if the text is no hex. */
  end(): readonly Uint8Array[] | undefined {
    this.#endPiece(new Uint8Array());
    return this.#isHex ? this.#pieces : undefined;
  }

  #between(character: string): void {
    if (/x/i.test(character) && this.#high === 0) {
      // The text `0x` in front of a byte is no byte.
      this.#high = NONE;
    } else if (!BLANK.test(character)) {
      this.#isHex = false;
    }
  }

  #endPiece(last: Uint8Array): void {
    if (this.#high !== NONE) {
      this.#isHex = false;
      return;
    }
    const piece = joined([...this.#parts, last]);
    this.#parts = [];
    if (piece.length > 0) {
      this.#pieces.push(piece);
    }
  }
}

/** Joins parts into one run of bytes. */
export function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

/** Returns the pieces of a text in hex, or `undefined` if the text is no hex. */
export function readHex(text: string): readonly Uint8Array[] | undefined {
  const reader = new HexReader();
  reader.push(text);
  return reader.end();
}

const DIGITS: readonly string[] = Array.from({ length: 256 }, (_, byte) =>
  byte.toString(16).padStart(2, '0'),
);

/** Returns a byte as two digits. */
export function digitsOf(byte: number): string {
  return DIGITS[byte] ?? '';
}

/** Returns pieces as text that `readHex` reads. */
export function printHex(pieces: readonly Uint8Array[]): string {
  return pieces.map((piece) => Array.from(piece, digitsOf).join(' ')).join(' | ');
}
