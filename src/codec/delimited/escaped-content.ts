// Contents with escape sequences. They are read token by token: a plain byte, an escape sequence of two
// bytes, or the end marker. A map in which these could be confused is refused when the codec is made.

import type { Run } from '../byte-queue.ts';
import type { Content, Stuffing, Wrong } from './content.ts';
import type { EscapeTables } from './escapes.ts';
import { overlapsOf } from './plain-content.ts';

export function escapedStuffing(tables: EscapeTables, end: Uint8Array): Stuffing {
  const { escape, codeOf } = tables;
  const [first = 0] = end;
  const overlaps = overlapsOf(end);
  return {
    reader: () => new EscapedContent(tables, { end, overlaps }),
    encodedLength: (plain) => {
      let { length } = plain;
      for (const byte of plain) {
        length += codeOf[byte] === -1 ? 0 : 1;
      }
      return length;
    },
    encodeInto: (plain, target, offset) => {
      let at = offset;
      for (const byte of plain) {
        const code = codeOf[byte] ?? -1;
        if (code === -1) {
          target[at++] = byte;
        } else {
          target[at++] = escape;
          target[at++] = code;
        }
      }
      return at;
    },
    isSafe: codeOf[first] !== -1,
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
  /** Number of plain bytes, those of the marker that were seen last included. */
  #plain = 0;
  #matched = 0;
  /** Whether the byte before was an escape byte. */
  #isPending = false;
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
    this.#isPending = false;
    this.#sequences = 0;
  }

  read(run: Run): number {
    const { bytes, at, end } = run;
    const [first = 0] = this.#end.end;
    let i = at;
    while (i < end && !this.found) {
      if (this.#isPending) {
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
        i = this.#readPlain(run, i);
        if (i < end) {
          this.#match(bytes[i] ?? 0);
          i++;
        }
      }
    }
    return i - at;
  }

  /** Reads plain bytes and right sequences that lie whole in the run, from `at` on. Returns where it stopped. */
  #readPlain({ bytes, end }: Run, at: number): number {
    const { escape, plainOf } = this.#tables;
    const [first = 0] = this.#end.end;
    let sequences = 0;
    let i = at;
    for (; i < end; i++) {
      const byte = bytes[i];
      if (byte === escape) {
        if (i + 1 === end || plainOf[bytes[i + 1] ?? 0] === -1) {
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

  /** Reads a byte that is an escape byte, or may belong to the end marker. */
  #match(byte: number): void {
    const { end, overlaps } = this.#end;
    if (byte === this.#tables.escape) {
      this.#matched = 0;
      this.#isPending = true;
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

  /** Reads the byte behind an escape byte. Returns false when it is no code; the byte is then read again. */
  #readCode(byte: number): boolean {
    const { end } = this.#end;
    const { escape, plainOf } = this.#tables;
    this.#isPending = false;
    if (plainOf[byte] !== -1) {
      this.#plain++;
      this.#sequences++;
      return true;
    }
    // An end marker that begins with the escape byte has two bytes.
    if (end[0] === escape && end[1] === byte) {
      this.#plain += 2;
      this.#matched = 2;
      this.found = true;
      return true;
    }
    return false;
  }

  unescape({ bytes, at, end }: Run, target: Uint8Array, offset: number): void {
    const { escape, plainOf } = this.#tables;
    let to = offset;
    for (let i = at; i < end; i++) {
      const byte = bytes[i] ?? 0;
      target[to++] = byte === escape ? (plainOf[bytes[++i] ?? 0] ?? 0) : byte;
    }
  }
}
