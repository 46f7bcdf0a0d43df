// Tries the framing of one direction on the other one. Most protocols frame both directions alike. This file is pure.

import { endsOf, explained } from './applied.ts';
import { MAX_FRAMES } from './chain.ts';
import { chanceOfDescribed, described, isMarkedByEnd } from './described.ts';
import { contradicts } from './evidence.ts';
import type { Guess } from './judge.ts';
import type { Sample } from './stream.ts';

const WHY = 'the framing of the other direction explains this one';
/** Maximum number of chunks whose ends are tried as the start of such frames. */
const MAX_PLACES = 8;

/**
 * Returns the framing of the other direction for a stream that tells too little by itself. It begins at the
 * first place from which on it explains the rest. The places are the start, the place of the other direction
 * (because both sides may send the same handshake), and the ends of chunks. Returns `undefined` if there is
 * no such place.
 */
export function borrowed(sample: Sample, other: Guess): Guess | undefined {
  const places = [0, other.from, ...sample.ends.slice(0, MAX_PLACES)];
  return [other, withoutLimit(other)]
    .flatMap((one) => places.map((from) => explained(sample, { ...one, from }, WHY)))
    .find((one) => one !== undefined);
}

/** Returns the guess without the limit of a known format, which is another format if longer frames come. */
function withoutLimit({ format: _format, framing, ...others }: Guess): Guess {
  if (framing.codec !== 'lengthPrefixed') {
    return { ...others, framing };
  }
  const { maxPayloadLength: _limit, ...plain } = framing;
  return { ...others, framing: plain };
}

/** Maximum number of bytes of a handshake in front of frames of the other direction's framing. */
const MAX_HANDSHAKE = 512;
/** Minimum number of bits that the numbers of such frames must have. */
const LENT_BITS = 12;

/**
 * Returns the framing of the other direction for this stream, from the first byte on from which it explains the rest
 * to the end. One framing for both directions is likelier than two, unless only the ends of frames mark them: any
 * stream has such ends.
 */
export function lent(sample: Sample, other: Guess): Guess | undefined {
  if (isMarkedByEnd(other.framing)) {
    return undefined;
  }
  const bits = -Math.log2(chanceOfDescribed(described(other.framing, [], 0), sample.bytes));
  const last = Math.min(MAX_HANDSHAKE, sample.bytes.length);
  for (let from = 0; from < last; from++) {
    const ends = endsOf(sample, { ...other, from });
    const isWhole = ends.length >= MAX_FRAMES || ends.at(-1) === sample.bytes.length;
    const isPlaced = from === 0 || isWhole || !sample.isWhole;
    if (isPlaced && bits * ends.length >= LENT_BITS && fitsCuts(sample, from, ends)) {
      const found = explained(sample, { ...other, from }, WHY);
      if (found !== undefined) {
        return found;
      }
    }
  }
  return undefined;
}

/** Returns whether most chunks behind a place end where a frame ends, as far as the frames are known. */
function fitsCuts(sample: Sample, from: number, ends: readonly number[]): boolean {
  const known = new Set(ends);
  const last = ends.at(-1) ?? from;
  const cuts = sample.ends.filter((end) => end > from && end <= last);
  return !contradicts([cuts.filter((end) => known.has(end)).length, cuts.length]);
}
