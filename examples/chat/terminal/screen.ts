// A terminal's screen, for the tests. It obeys only the few commands that readline and the prompt write.

import { Writable } from 'node:stream';
import { columnsOf } from '../../support/ink.ts';

const ESCAPE = String.fromCodePoint(0x1b);
/** A command to the terminal, or a character. */
const pieces = new RegExp(String.raw`${ESCAPE}\[(\d*)([A-Z])|[^]`, 'gu');

export class Screen extends Writable {
  readonly columns: number;
  /** The columns of each row. The second column of a wide character is an empty text. */
  readonly #rows: string[][] = [[]];
  #row = 0;
  #column = 0;

  constructor(columns: number) {
    super({ decodeStrings: false });
    this.columns = columns;
  }

  /** The rows from the first to the last with something in it. */
  get rows(): string[] {
    const rows = this.#rows.map((row) =>
      Array.from(row, (cell) => cell ?? ' ')
        .join('')
        .trimEnd(),
    );
    while (rows.length > 1 && rows.at(-1) === '') {
      rows.pop();
    }
    return rows;
  }

  get cursor(): { readonly row: number; readonly column: number } {
    return { row: this.#row, column: this.#column };
  }

  override _write(text: unknown, _encoding: unknown, done: () => void): void {
    for (const [piece, count = '', verb] of String(text).matchAll(pieces)) {
      if (verb === undefined) {
        this.#put(piece);
      } else {
        this.#obey(verb, count === '' ? undefined : Number(count));
      }
    }
    done();
  }

  #put(character: string): void {
    if (character === '\r') {
      this.#column = 0;
    } else if (character === '\n') {
      this.#down();
    } else {
      const width = columnsOf(character);
      if (this.#column + width > this.columns) {
        this.#down();
      }
      const row = this.#rows[this.#row] ?? [];
      row[this.#column] = character;
      if (width === 2) {
        row[this.#column + 1] = '';
      }
      this.#column += width;
    }
  }

  /** Starts a new line in the first column, as terminals do for the line ends of a program. */
  #down(): void {
    this.#column = 0;
    this.#row++;
    this.#rows[this.#row] ??= [];
  }

  #obey(verb: string, count: number | undefined): void {
    const steps = count ?? 1;
    if (verb === 'A') {
      this.#row = Math.max(0, this.#row - steps);
    } else if (verb === 'B') {
      this.#row += steps;
    } else if (verb === 'C') {
      this.#column += steps;
    } else if (verb === 'D') {
      this.#column = Math.max(0, this.#column - steps);
    } else if (verb === 'G') {
      this.#column = steps - 1;
    } else if (verb === 'J' && (count ?? 0) === 0) {
      this.#rows.length = this.#row + 1;
      this.#rows[this.#row]?.splice(this.#column);
    } else if (verb === 'K') {
      this.#rows[this.#row]?.splice(this.#column);
    } else {
      throw new Error(`The screen does not know ${verb}`);
    }
  }
}
