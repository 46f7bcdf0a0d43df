// Contents with escape sequences. They are read token by token: a plain byte, an escape sequence of two
// bytes, or the end marker. A map in which these could be confused is refused when the codec is made.

import type { Run } from '../byte-queue.ts';
import type { Content, Stuffing, Wrong } from './content.ts';
import { FIRST_OF_END, PLAIN } from './escapes.ts';
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
  /** Number of plain bytes, those of the marker that were seen last included. */
  #plain = 0;
  #matched = 0;
  /** Kind of the escape byte, if the byte before was one, or PLAIN. */
  #pending = PLAIN;
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
    this.#pending = PLAIN;
    this.#sequences = 0;
  }

  read(run: Run): number {
    const { bytes, at, end } = run;
    const [first = 0] = this.#end.end;
    let i = at;
    while (i < end && !this.found) {
      if (this.#pending !== PLAIN) {
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
    const { kindOf, plainOf } = this.#tables;
    let sequences = 0;
    let i = at;
    for (; i < end; i++) {
      const kind = kindOf[bytes[i] ?? 0] ?? PLAIN;
      if (kind === PLAIN) {
        continue;
      }
      const isWhole = kind !== FIRST_OF_END && i + 1 < end;
      if (!isWhole || plainOf[kind * 256 + (bytes[i + 1] ?? 0)] === -1) {
        break;
      }
      sequences++;
      i++;
    }
    this.#plain += i - at - sequences;
    this.#sequences += sequences;
    return i;
  }

  /** Reads a byte that is an escape byte, or may belong to the end marker. */
  #match(byte: number): void {
    const { end, overlaps } = this.#end;
    const kind = this.#tables.kindOf[byte] ?? PLAIN;
    if (kind !== PLAIN && kind !== FIRST_OF_END) {
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

  /** Reads the byte behind an escape byte. Returns false when it is no code; the byte is then read again. */
  #readCode(byte: number): boolean {
    const { end } = this.#end;
    const { escapes, plainOf } = this.#tables;
    const kind = this.#pending;
    this.#pending = PLAIN;
    if (plainOf[kind * 256 + byte] !== -1) {
      this.#plain++;
      this.#sequences++;
      return true;
    }
    // An end marker that begins with the escape byte has two bytes.
    if (end[0] === escapes[kind] && end[1] === byte) {
      this.#plain += 2;
      this.#matched = 2;
      this.found = true;
      return true;
    }
    return false;
  }

  unescape({ bytes, at, end }: Run, target: Uint8Array, offset: number): void {
    const { kindOf, plainOf } = this.#tables;
    let to = offset;
    for (let i = at; i < end; i++) {
      const byte = bytes[i] ?? 0;
      const kind = kindOf[byte] ?? PLAIN;
      const isPlain = kind === PLAIN || kind === FIRST_OF_END;
      target[to++] = isPlain ? byte : (plainOf[kind * 256 + (bytes[++i] ?? 0)] ?? 0);
    }
  }
}
