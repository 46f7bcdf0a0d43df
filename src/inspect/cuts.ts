// How pieces cut frames: halves, and pieces with more than one frame.

import type { FramePlace } from '../framing/frame-scanner.ts';
import type { Cut } from './lines.ts';
import type { Piece } from './tape.ts';

/** Where the pieces of a frame end inside of it. The place counts from `base`. */
export function cutsOf(
  { payloadStart, payloadEnd }: FramePlace,
  base: number,
  pieces: readonly Piece[],
): readonly Cut[] {
  return pieces.slice(0, -1).map(({ offset, bytes }) => {
    const cut = offset + bytes.length;
    const at = cut - base;
    return {
      offset: cut,
      part: at < payloadStart ? 'head' : at <= payloadEnd ? 'payload' : 'tail',
    };
  });
}

/** Says of each frame whether it makes a piece sticky that was not sticky before. */
export class Stickiness {
  #sticky = -1;
  #last = -1;

  /** A frame lies in the pieces from `first` to `last`. */
  isSticky(first: Piece | undefined, last: Piece | undefined): boolean {
    const isSticky = first?.index === this.#last && first.index !== this.#sticky;
    if (isSticky) {
      this.#sticky = this.#last;
    }
    this.#last = last?.index ?? this.#last;
    return isSticky;
  }
}
