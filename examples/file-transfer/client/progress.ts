// Progress bars with bytes, rate and time left, one line for each transfer. They are written to standard
// error, and only if it is a terminal.

import { MultiBar } from 'cli-progress';
import { shownLine } from '../../support/shown.ts';
import { showSize } from '../both/sizes.ts';

/** The bar of a transfer. */
export interface Bar {
  /** Adds bytes that have passed. */
  advance(length: number): void;
  stop(): void;
}

/** For a transfer without a terminal. */
export const noBar: Bar = { advance: () => undefined, stop: () => undefined };

const FORMAT = '{name} [{bar}] {percentage}% | {done} of {all} | {rate}/s | {eta_formatted} left';
const NAME_COLUMNS = 20;
/** Minimum time in ms between two updates of a bar. The package draws the bars ten times a second anyway. */
const STEP_MS = 50;

export class Progress {
  readonly #output: NodeJS.WriteStream;
  #bars: MultiBar | undefined;
  #count = 0;

  constructor(output: NodeJS.WriteStream) {
    this.#output = output;
  }

  /** A bar for a transfer that has `from` of `size` bytes already. */
  start(name: string, size: number, from: number): Bar {
    if (!this.#output.isTTY) {
      return noBar;
    }
    this.#bars ??= new MultiBar({
      stream: this.#output,
      format: FORMAT,
      barsize: 24,
      // Leave the cursor and the line wrapping of the terminal alone: a client that is interrupted could not
      // restore them. The package takes `null` as its default, which turns line wrapping off.
      hideCursor: false,
      linewrap: true,
      emptyOnZero: false,
      etaBuffer: 40,
      gracefulExit: false,
    });
    return this.#draw(this.#bars, { name, size, from });
  }

  #draw(bars: MultiBar, { name, size, from }: { name: string; size: number; from: number }): Bar {
    const shown = shownLine(name);
    const short = shown.length > NAME_COLUMNS ? `…${shown.slice(1 - NAME_COLUMNS)}` : shown;
    const begun = performance.now();
    let done = from;
    let drawn = begun;
    const show = (now: number): Record<string, string> => {
      const rate = ((done - from) * 1000) / Math.max(1, now - begun);
      return { name: short, done: showSize(done), all: showSize(size), rate: showSize(rate) };
    };
    const bar = bars.create(size, from, show(begun));
    this.#count += 1;
    return {
      advance: (length) => {
        done += length;
        const now = performance.now();
        if (now - drawn < STEP_MS && done < size) {
          return;
        }
        drawn = now;
        bar.update(done, show(now));
      },
      stop: () => {
        bar.update(done, show(performance.now()));
        bar.stop();
        this.#count -= 1;
        if (this.#count > 0) {
          return;
        }
        bars.stop();
        this.#bars = undefined;
      },
    };
  }
}
