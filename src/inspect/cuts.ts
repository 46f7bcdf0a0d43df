// How pieces cut frames: frames that lie in several pieces (half), and pieces with bytes of several frames
// (sticky).

import type { FramePlace } from '../framing/frame-scanner.ts';
import type { Cut } from './lines.ts';
import type { Piece } from './tape.ts';

const NONE: readonly Cut[] = [];

/**
 * Returns the places inside a frame at which its pieces end. `payloadStart` and `payloadEnd` count from
 * `base`.
 */
export function cutsOf(
  { payloadStart, payloadEnd }: FramePlace,
  base: number,
  pieces: readonly Piece[],
): readonly Cut[] {
  if (pieces.length < 2) {
    return NONE;
  }
  return pieces.slice(0, -1).map(({ offset, bytes }) => {
    const cut = offset + bytes.length;
    const at = cut - base;
    return {
      offset: cut,
      part: at < payloadStart ? 'head' : at <= payloadEnd ? 'payload' : 'tail',
    };
  });
}

/**
 * Decides for each frame whether it makes a piece sticky, which means that the piece holds bytes of more than
 * one frame.
 */
export class Stickiness {
  #sticky = -1;
  #last = -1;

  /**
   * Returns whether this frame makes its first piece sticky, if no earlier frame has done so. The frame lies
   * in the pieces from `first` to `last`.
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
