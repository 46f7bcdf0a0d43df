// Consistent Overhead Byte Stuffing (Cheshire and Baker, 1999) writes contents without a zero. A content is a
// row of blocks. A block is a code byte and then `code - 1` bytes that are not zero. A block stands for its
// bytes and a zero behind them. Two kinds of block stand for their bytes alone: the last block, and a block
// with code 255.

import { indexInRun } from '../chunk-queue.ts';
import type { Run } from '../chunk-queue.ts';
import type { Content, Stuffing, Wrong } from './content.ts';

const FULL_CODE = 255;
const FULL_LENGTH = FULL_CODE - 1;

export const cobsStuffing: Stuffing = Object.freeze({
  reader: () => new CobsContent(),
  encodedLength(plain: Uint8Array): number {
    let length = plain.length + 1;
    let run = 0;
    for (let i = 0; i < plain.length; i++) {
      run = plain[i] === 0 ? 0 : run + 1;
      if (run === FULL_LENGTH && i + 1 < plain.length) {
        length++;
        run = 0;
      }
    }
    return length;
  },
  encodeInto(plain: Uint8Array, target: Uint8Array, offset: number): number {
    let codeAt = offset;
    let at = offset + 1;
    for (let i = 0; i < plain.length; i++) {
      const byte = plain[i] ?? 0;
      if (byte !== 0) {
        target[at++] = byte;
      }
      const isFull = at - codeAt === FULL_CODE;
      if (byte === 0 || (isFull && i + 1 < plain.length)) {
        target[codeAt] = at - codeAt;
        codeAt = at++;
      }
    }
    target[codeAt] = at - codeAt;
    return at;
  },
  isSafe: true,
});

class CobsContent implements Content {
  readonly isEscaped = true;
  found = false;
  wrong: Wrong | undefined;
  length = 0;
  /** Code of the current block. In front of the first block it is 255, because no zero stands there. */
  #code = FULL_CODE;
  /** Number of bytes of the current block that are still to come. */
  #missing = 0;

  reset(): void {
    this.found = false;
    this.wrong = undefined;
    this.length = 0;
    this.#code = FULL_CODE;
    this.#missing = 0;
  }

  read(run: Run): number {
    const { bytes, at, end } = run;
    const zero = indexInRun(run, 0, at);
    const stop = zero === -1 ? end : zero;
    let i = at;
    while (i < stop) {
      if (this.#missing > 0) {
        const length = Math.min(this.#missing, stop - i);
        this.#missing -= length;
        this.length += length;
        i += length;
      } else {
        this.length += this.#code === FULL_CODE ? 0 : 1;
        this.#code = bytes[i++] ?? 0;
        this.#missing = this.#code - 1;
      }
    }
    if (zero === -1) {
      return i - at;
    }
    if (this.#missing > 0 && this.wrong === undefined) {
      this.wrong = 'unfinished';
      return i - at;
    }
    this.found = true;
    return i + 1 - at;
  }

  unescape({ bytes, at, end }: Run, target: Uint8Array, offset: number): void {
    let to = offset;
    for (let i = at; i < end;) {
      const code = bytes[i++] ?? 0;
      for (const next = i + code - 1; i < next; i++) {
        target[to++] = bytes[i] ?? 0;
      }
      if (code !== FULL_CODE && i < end) {
        target[to++] = 0;
      }
    }
  }
}
