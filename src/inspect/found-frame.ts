// Findings about one frame, made of the places that a scanner and a search know.

import type { FramePlace } from '../framing/frame-scanner.ts';
import { isUnstickError } from '../errors.ts';
import { cutsOf } from './cuts.ts';
import type { ErrorLine, FrameLine, FrameFound, UnfinishedLine } from './lines.ts';
import type { Found, Wrong } from './seeker.ts';
import type { Piece } from './tape.ts';

/** Conversation and direction of a finding. */
export type Whereabouts = Pick<FrameLine, 'conversation' | 'direction'>;

/** A frame that was read lately: where it lies, and what the profile learns from it. */
export interface RecentFrame {
  readonly start: number;
  readonly length: number;
  readonly head: Uint8Array;
  readonly isPieceStart: boolean;
}

interface Lying {
  readonly frame: number;
  /** Offset from which the places count. */
  readonly base: number;
  readonly pieces: readonly Piece[];
  readonly arePiecesReal: boolean;
  readonly bytes: Uint8Array;
}

/** A whole frame, with the pieces in which it lies. */
export function foundFrame(where: Whereabouts, place: FramePlace, lying: Lying): FrameFound {
  const { frame, base, pieces, arePiecesReal, bytes } = lying;
  const [first, last] = [pieces[0], pieces.at(-1)];
  const time = last?.time;
  return {
    kind: 'frame',
    ...where,
    frame,
    ...(time === undefined ? {} : { time }),
    offset: base + place.start,
    length: place.end - place.start,
    payloadOffset: base + place.payloadStart,
    payloadLength: place.payloadEnd - place.payloadStart,
    pieces: arePiecesReal ? [first?.index ?? 0, last?.index ?? 0] : [0, 0],
    cuts: arePiecesReal ? cutsOf(place, base, pieces) : [],
    bytes,
  };
}

/** A wrong frame. `back` is the number of frames back to the suspect. */
export function wrongFrame(
  where: Whereabouts,
  wrong: Wrong,
  { back, goodAgainAt }: Pick<Found, 'back'> & Partial<Found>,
): ErrorLine {
  return {
    kind: 'error',
    ...where,
    ...wrong,
    ...(back > 0 ? { suspect: wrong.frame - back } : {}),
    ...(goodAgainAt === undefined ? {} : { goodAgainAt }),
  };
}

/** A frame that the end of the input cut off, with the error that the decoder has for it. */
export function unfinishedFrame(
  where: Whereabouts,
  cut: Pick<UnfinishedLine, 'frame' | 'offset' | 'received'>,
  error: unknown,
): UnfinishedLine {
  const length = isUnstickError(error) ? error.length : undefined;
  return { kind: 'unfinished', ...where, ...cut, ...(length === undefined ? {} : { length }) };
}
