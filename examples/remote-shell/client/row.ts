// The terminal that a prompt and the outputs of commands share.
//
// Rules:
// - A prompt begins at the start of a row and clears it. So an output that ends in the middle of a row gets
//   a mark, ⏎, and a new line first: else the prompt would hide its last line.
// - A command that runs behind writes above the prompt, in whole lines: the prompt is taken away before, and
//   drawn again behind them.

import { Writable } from 'node:stream';
import type { WritableOptions } from 'node:stream';

const NEW_LINE = 10;
/** Reverse video, as shells show it. The mark is no character of the output. */
const MARK = '\u001b[7m⏎\u001b[0m';
const PLAIN_MARK = '⏎';
/** Maximum length of an unfinished line, in bytes, that waits for its end. */
const MAX_WAITING = 4096;
const CLEAR_ROW = '\r\u001b[J';

export interface RowOptions {
  readonly isColoured: boolean;
  /** Draws the prompt again with what is typed; a prompt that is not shown draws nothing. */
  readonly redraw: () => void;
  /** Whether the prompt stands on the terminal now. */
  readonly isPrompting: () => boolean;
}

export class Row {
  readonly #options: RowOptions;
  readonly #mark: string;
  #isAtStart = true;

  constructor(options: RowOptions) {
    this.#options = options;
    this.#mark = options.isColoured ? MARK : PLAIN_MARK;
  }

  /** An output of the command that the prompt waits for. */
  output(to: Writable): Writable {
    return quiet({
      write: (piece: Buffer, _encoding, done) => {
        this.#isAtStart = piece.at(-1) === NEW_LINE;
        to.write(piece, done);
      },
    });
  }

  /** An output of a command that runs behind. */
  outputBehind(to: Writable): Writable {
    let waiting = Buffer.alloc(0);
    return quiet({
      write: (piece: Buffer, _encoding, done) => {
        const all = Buffer.concat([waiting, piece]);
        const end = all.length > MAX_WAITING ? all.length : all.lastIndexOf(NEW_LINE) + 1;
        waiting = Buffer.from(all.subarray(end));
        this.#above(to, all.subarray(0, end), done);
      },
      final: (done) => {
        this.#above(to, waiting, done);
      },
    });
  }

  /** The text in front of the next prompt, so that it begins at the start of a row. */
  toStart(): string {
    const text = this.#isAtStart ? '' : `${this.#mark}\n`;
    this.#isAtStart = true;
    return text;
  }

  #above(to: Writable, bytes: Uint8Array, done: (error?: Error | null) => void): void {
    if (bytes.length === 0) {
      done();
      return;
    }
    if (!this.#options.isPrompting()) {
      this.#isAtStart = bytes.at(-1) === NEW_LINE;
      to.write(bytes, done);
      return;
    }
    const mark = bytes.at(-1) === NEW_LINE ? '' : `${this.#mark}\n`;
    to.write(Buffer.concat([Buffer.from(CLEAR_ROW), bytes, Buffer.from(mark)]), (error) => {
      this.#options.redraw();
      done(error);
    });
  }
}

/** The writer gets the error of a write. Without a listener it would end the process as well. */
function quiet(options: WritableOptions): Writable {
  return new Writable(options).on('error', () => undefined);
}
