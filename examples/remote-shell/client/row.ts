// The terminal that a prompt and the outputs of commands share.
//
// Rules:
// - A prompt begins at the start of a row and clears the row. If an output ended in the middle of a row, the
//   mark ⏎ and a new line are written first. Otherwise the prompt would hide the last line of the output.
// - A command in the background writes whole lines above the prompt. For that the prompt is removed first,
//   and drawn again after the lines.

import { Writable } from 'node:stream';
import type { WritableOptions } from 'node:stream';

const NEW_LINE = 10;
/** The mark in reverse video, as shells show it, so that it does not look like a part of the output. */
const MARK = '\u001b[7m⏎\u001b[0m';
const PLAIN_MARK = '⏎';
/** Maximum length in bytes of a line that is held until it is complete. */
const MAX_WAITING = 4096;
const CLEAR_ROW = '\r\u001b[J';

export interface RowOptions {
  readonly isColoured: boolean;
  /** Draws the prompt and the typed text again. Called only after lines were written above the prompt. */
  readonly redraw: () => void;
  /** Whether the prompt is on the terminal now. */
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

  /** Makes an output for the command that the prompt waits for. */
  output(to: Writable): Writable {
    return quiet({
      write: (piece: Buffer, _encoding, done) => {
        this.#isAtStart = piece.at(-1) === NEW_LINE;
        to.write(piece, done);
      },
    });
  }

  /** Makes an output for a command in the background. */
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

  /** The text to write before the next prompt, so that the prompt begins at the start of a row. */
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

/** A Writable whose errors do not end the process: the callback of the write gets them. */
function quiet(options: WritableOptions): Writable {
  return new Writable(options).on('error', () => undefined);
}
