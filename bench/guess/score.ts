// Whether a guess is right: every direction has a framing that finds the frames that are there.

import type { Spots } from '../../src/framing/codecs.ts';
import { spotsOf } from '../../src/framing/framing.ts';
import type { Guess, GuessResult } from '../../src/guess/guess.ts';
import type { KnownStream } from './cases.ts';
import { endsOf } from './frames.ts';

/** Whether the boundaries of all directions are right, each from its first frame on. */
export function isRight({ guesses }: GuessResult, streams: readonly KnownStream[]): boolean {
  return streams.every((stream) =>
    guesses.some(
      (guess) => covers(guess, stream) && guess.from === stream.from && hasFrames(guess, stream),
    ),
  );
}

/**
 * Whether the boundaries are right from a frame on that is one of the first, where a stream begins in the
 * middle of a frame or of a handshake.
 */
export function isRightBehind({ guesses }: GuessResult, streams: readonly KnownStream[]): boolean {
  return streams.every((stream) =>
    guesses.some(
      (guess) => covers(guess, stream) && isEarly(guess, stream) && hasFrames(guess, stream),
    ),
  );
}

/** Share of a stream in which the first frame of a guess must lie. */
const EARLY = 0.25;

function isEarly({ from }: Guess, { bytes, frames, from: first }: KnownStream): boolean {
  return (from === first || frames.includes(from)) && from <= EARLY * bytes.length;
}

function covers({ direction }: Guess, stream: KnownStream): boolean {
  return direction === 'both' || direction === stream.direction;
}

/** Whether the guess finds each frame behind its first byte, and no other in front of the last one. */
function hasFrames({ framing, from }: Guess, { bytes, frames }: KnownStream): boolean {
  const spots: Spots = spotsOf(framing);
  const found = endsOf(spots, bytes, from).frames;
  const wanted = frames.filter((end) => end > from);
  const last = wanted.at(-1) ?? 0;
  return found.filter((end) => end <= last).join() === wanted.join();
}
