// How pieces cut frames: halves, and pieces with more than one frame.

import type { FramePlace } from '../framing/frame-scanner.ts';
import type { Cut } from './lines.ts';
import type { Piece } from './tape.ts';

/** The places inside a frame at which its pieces end. `payloadStart` and `payloadEnd` count from `base`. */
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

/** Says of each frame whether it makes a piece sticky: the piece then holds bytes of more than one frame. */
export class Stickiness {
  #sticky = -1;
  #last = -1;

  /**
   * Whether this frame makes its first piece sticky, and no earlier frame has. The frame lies in the pieces
   * from `first` to `last`.
   */
  isSticky(first: Piece | undefined, last: Piece | undefined): boolean {
    const isSticky = first?.index === this.#last && first.index !== this.#sticky;
    if (isSticky) {
      this.#sticky = this.#last;
    }
    this.#last = last?.index ?? this.#last;
    return isSticky;
  }
}
