// Contents with escape sequences. A content is read token by token: a plain byte, an escape sequence of two
// bytes, or the end marker. When the codec is made, escapes.ts refuses maps with which the three kinds of
// token could be confused.

import type { Run } from '../chunk-queue.ts';
import type { Content, Stuffing, Wrong } from './content.ts';
import type { EscapeTables } from './escapes.ts';
import { overlapsOf } from './plain-content.ts';

export function escapedStuffing(tables: EscapeTables, end: Uint8Array): Stuffing {
  const { sequenceOf } = tables;
  const [first = 0] = end;
  const overlaps = overlapsOf(end);
  return {
    reader: () => new EscapedContent(tables, { end, overlaps }),
    encodedLength: (plain) => {
      let { length } = plain;
      for (const byte of plain) {
        length += sequenceOf[byte] === -1 ? 0 : 1;
      }
      return length;
    },
    encodeInto: (plain, target, offset) => {
      let at = offset;
      for (const byte of plain) {
        const sequence = sequenceOf[byte] ?? -1;
        if (sequence === -1) {
          target[at++] = byte;
        } else {
          target[at++] = sequence >> 8;
          target[at++] = sequence & 255;
        }
      }
      return at;
    },
    isSafe: sequenceOf[first] !== -1,
  };
}

interface End {
  readonly end: Uint8Array;
  readonly overlaps: readonly number[];
}

class EscapedContent implements Content {
  found = false;
  wrong: Wrong | undefined;
  readonly #tables: EscapeTables;
  readonly #end: End;
  /** Number of plain bytes read so far. The last `#matched` bytes are included. */
  #plain = 0;
  /** Number of bytes, up to the last byte read, that match the beginning of the end marker. */
  #matched = 0;
  /** If the last byte read was an escape byte: the kind of its map, as in EscapeTables. Otherwise 0. */
  #pending = 0;
  /** Number of escape sequences read. */
  #sequences = 0;

  constructor(tables: EscapeTables, end: End) {
    this.#tables = tables;
    this.#end = end;
  }

  get length(): number {
    return this.#plain - this.#matched;
  }

  get isEscaped(): boolean {
    return this.#sequences > 0;
  }

  reset(): void {
    this.found = false;
    this.wrong = undefined;
    this.#plain = 0;
    this.#matched = 0;
    this.#pending = 0;
    this.#sequences = 0;
  }

  read(run: Run): number {
    const { bytes, at, end } = run;
    const [first = 0] = this.#end.end;
    const isOnly = this.#tables.only !== -1;
    let i = at;
    while (i < end && !this.found) {
      if (this.#pending !== 0) {
        const isRight = this.#readCode(bytes[i] ?? 0);
        if (isRight) {
          i++;
        } else if (this.wrong === undefined) {
          this.wrong = bytes[i] === first ? 'unfinished' : 'unknown';
          break;
        }
      } else if (this.#matched > 0) {
        this.#match(bytes[i] ?? 0);
        i++;
      } else {
        i = isOnly ? this.#readPlain(run, i) : this.#readUpToEscape(run, i);
        if (i < end) {
          this.#match(bytes[i] ?? 0);
          i++;
        }
      }
    }
    return i - at;
  }

  /**
   * For maps with one escape byte: reads plain bytes, and correct escape sequences that lie whole in the run.
   * Stops at the first byte of the end marker and at any other sequence. Returns the index of that byte.
   */
  #readPlain({ bytes, end }: Run, at: number): number {
    const { onlyPlainOf, only } = this.#tables;
    const [first = 0] = this.#end.end;
    let sequences = 0;
    let i = at;
    for (; i < end; i++) {
      const byte = bytes[i];
      if (byte === only) {
        if (i + 1 === end || onlyPlainOf[bytes[i + 1] ?? 0] === -1) {
          break;
        }
        sequences++;
        i++;
      } else if (byte === first) {
        break;
      }
    }
    this.#plain += i - at - sequences;
    this.#sequences += sequences;
    return i;
  }

  /**
   * For several escape bytes: reads plain bytes, and stops at an escape byte or at the first byte of the end
   * marker. It looks each byte up in a table, which takes twice as long as `#readPlain`.
   */
  #readUpToEscape({ bytes, end }: Run, at: number): number {
    const { kindOf } = this.#tables;
    const [first = 0] = this.#end.end;
    let i = at;
    while (i < end && bytes[i] !== first && kindOf[bytes[i] ?? 0] === 0) {
      i++;
    }
    this.#plain += i - at;
    return i;
  }

  /** Reads a byte that is an escape byte, or a byte that may begin or continue the end marker. */
  #match(byte: number): void {
    const { end, overlaps } = this.#end;
    const kind = this.#tables.kindOf[byte] ?? 0;
    if (kind !== 0) {
      this.#matched = 0;
      this.#pending = kind;
      return;
    }
    let matched = this.#matched;
    while (matched > 0 && byte !== end[matched]) {
      matched = overlaps[matched] ?? 0;
    }
    this.#matched = byte === end[matched] ? matched + 1 : 0;
    this.#plain++;
    this.found = this.#matched === end.length;
  }

  /**
   * Reads the byte behind an escape byte. Returns false for a byte that is no code, which `read` then reads
   * again.
   */
  #readCode(byte: number): boolean {
    const { end } = this.#end;
    const { escapes, plainOf } = this.#tables;
    const kind = this.#pending;
    this.#pending = 0;
    if (plainOf[kind * 256 + byte] !== -1) {
      this.#plain++;
      this.#sequences++;
      return true;
    }
    // An end marker that begins with the escape byte has two bytes, because escapes.ts refuses any other.
    if (end[0] === escapes[kind] && end[1] === byte) {
      this.#plain += 2;
      this.#matched = 2;
      this.found = true;
      return true;
    }
    return false;
  }

  unescape(run: Run, target: Uint8Array, offset: number): void {
    const { onlyPlainOf, only } = this.#tables;
    if (only === -1) {
      this.#unescapeSeveral(run, target, offset);
      return;
    }
    const { bytes, at, end } = run;
    let to = offset;
    for (let i = at; i < end; i++) {
      const byte = bytes[i] ?? 0;
      target[to++] = byte === only ? (onlyPlainOf[bytes[++i] ?? 0] ?? 0) : byte;
    }
  }

  #unescapeSeveral({ bytes, at, end }: Run, target: Uint8Array, offset: number): void {
    const { kindOf, plainOf } = this.#tables;
    let to = offset;
    for (let i = at; i < end; i++) {
      const byte = bytes[i] ?? 0;
      const kind = kindOf[byte] ?? 0;
      target[to++] = kind === 0 ? byte : (plainOf[kind * 256 + (bytes[++i] ?? 0)] ?? 0);
    }
  }
}
