// Frames that no decoder refuses, and that are false nevertheless: in formats without fixed bytes, a wrong length can
// lead to false frames for ever. Two things betray them, if there are many in a row: they look like no frame before
// (strange), or all of them begin inside pieces while pieces come and go (astray).
//
// Both happen in good streams, too. So a doubt is only a reason to search, and each doubt in vain doubles the
// number of frames that the next doubt needs.

import type { Profile } from './profile.ts';

export type DoubtKind = keyof Profile['vain'];

export interface RaisedDoubt {
  readonly kind: DoubtKind;
  /** Number of frames in a row that are doubted. */
  readonly frames: number;
}

/** Number of strange frames in a row from which on they are doubted. */
const MANY_STRANGE = 4;
/** Number of pieces in a row in which no frame began at the start, and least number of frames in them. */
const MANY_ASTRAY = 8;
const LEAST_ASTRAY = 4;

export class Doubts {
  #strange = 0;
  #astray = 0;
  #pieces = 0;

  /** Counts a piece. */
  piece(): void {
    this.#pieces++;
  }

  /** Counts a frame. `isInside`: it begins inside a piece. */
  frame(isStrange: boolean, isInside: boolean): void {
    this.#strange = isStrange ? this.#strange + 1 : 0;
    this.#astray = isInside ? this.#astray + 1 : 0;
    this.#pieces = isInside ? this.#pieces : 0;
  }

  /** Counts anew. */
  reset(): void {
    this.#strange = 0;
    this.#astray = 0;
    this.#pieces = 0;
  }

  /** The doubt that is due, if there is one. Then it counts anew. */
  take({ vain }: Profile): RaisedDoubt | undefined {
    const isStrange = this.#strange >= MANY_STRANGE * 2 ** vain.strange;
    const isAstray = this.#astray >= LEAST_ASTRAY && this.#pieces >= MANY_ASTRAY * 2 ** vain.astray;
    if (!isStrange && !isAstray) {
      return undefined;
    }
    const kind = isAstray ? 'astray' : 'strange';
    const frames = isAstray ? this.#astray : this.#strange;
    this.reset();
    return { kind, frames };
  }
}
