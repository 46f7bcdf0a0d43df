// Applies a guess to a stream: where its frames lie, and how much of the stream they explain. This file is pure.

import type { Framing } from '../codec/formats/framing-types.ts';
import { MAX_FRAMES, Trail } from './chain.ts';
import { described, walkDescribed } from './described.ts';
import type { Guess } from './judge.ts';
import type { Sample } from './stream.ts';

/** Minimum share of the rest of a stream that a framing must explain. */
const MIN_COVER = 0.98;
/** Minimum share of the rest that must be whole frames of that framing. */
const MIN_WHOLE = 0.5;

/** Returns whether two guesses find the same frames behind the start of the later one, which is the first. */
export function isWithin(sample: Sample, later: Guess, earlier: Guess): boolean {
  const own = endsOf(sample, later);
  const all = [earlier.from, ...endsOf(sample, earlier)];
  const first = all.indexOf(later.from) + 1;
  const others = all.slice(first, first + own.length);
  return first > 0 && others.every((end, i) => end === own[i]);
}

/** Returns where the frames of a guess end in its stream. */
export function endsOf({ bytes }: Sample, { framing, from }: Guess): readonly number[] {
  return walked(framing, bytes.subarray(from))
    .trail.toChain()
    .ends.map((end) => end + from);
}

/**
 * Returns the guess for this stream, if the framing of the guess explains nearly all bytes from its place on.
 */
export function explained(sample: Sample, guess: Guess, why: string): Guess | undefined {
  const rest = sample.bytes.subarray(guess.from);
  const { trail, covered } = walked(guess.framing, rest);
  const isWhole = trail.count >= MAX_FRAMES || trail.end >= MIN_WHOLE * rest.length;
  if (trail.count === 0 || !isWhole || covered < MIN_COVER * rest.length) {
    return undefined;
  }
  return {
    ...guess,
    direction: sample.direction,
    bits: 0,
    frames: [trail.count, trail.count],
    why: [why, ...guess.why],
  };
}

export function walked(
  framing: Framing,
  bytes: Uint8Array,
): { readonly trail: Trail; readonly covered: number } {
  const trail = new Trail();
  walkDescribed(described(framing, [], 0), bytes, trail);
  return { trail, covered: trail.isBroken ? trail.end : bytes.length };
}
