// Finds the parts of streams whose framing changes: one framing up to a place, and another framing from there
// on. This file is pure.
//
//   startup │ typed messages      PostgreSQL   the front is one frame of a format that the other one follows
//   packets │ TLS records         MySQL        the same, or the front breaks where the next framing begins
//   lines   │ TLS records         STARTTLS     the next framing begins at the end of a chunk
//   handshake │ messages          BitTorrent   the same, or at any byte where the chunks are not known
//
// A place counts only if at least one side of it is sure.

import { ROWS } from '../codec/formats/formats.ts';
import type { Framing } from '../codec/formats/framing-types.ts';
import { explained, walked } from './applied.ts';
import { judge } from './judge.ts';
import type { Context, Guess } from './judge.ts';
import { breaksOf } from './search.ts';
import { likelyOffsets } from './offsets.ts';
import { behind, frontOf } from './stream.ts';
import type { Sample } from './stream.ts';

/** Maximum number of chunks whose ends are tried as the start of another framing. */
const MAX_STARTS = 8;
/** Maximum number of starts at the ends of chunks behind which the whole stream is judged. */
const MAX_JUDGED = 2;
/**
 * Maximum number of offsets, anywhere in a stream, that are tried as the start of frames. If no chunk tells,
 * the rest of the stream is judged behind the first MAX_JUDGED_OFFSETS of them.
 */
const MAX_OFFSETS = 8;
const MAX_JUDGED_OFFSETS = 3;
/** Maximum number of bytes behind the end of a chunk that tell whether frames begin there. */
const START_LENGTH = 16_384;
/** Minimum share of a stream that a front must explain if the framing behind it is not known. */
const LONG_FRONT = 0.5;
/**
 * Minimum evidence in bits for frames that may begin at any byte. The choice among hundreds of bytes costs a
 * part of it.
 */
const OFFSET_BITS = 45;

/** Framings that only the first few frames of a stream have, each with the format that follows them. */
const FRONTS: readonly (readonly [front: Framing, next: string])[] = [
  [ROWS.postgresStartup, 'postgres'],
  [ROWS.postgresStartup, 'tlsRecord'],
  [ROWS.mysql, 'tlsRecord'],
  [{ codec: 'lines' }, 'tlsRecord'],
];

/**
 * Returns the framings of a stream that no framing explains from its first byte to its last, in their order.
 */
export function phasesOf(sample: Sample, context: Context): readonly Guess[] {
  const broken = behindBreak(sample, context);
  const started = behindStart(sample, context);
  return bitsOf(started) > bitsOf(broken) ? started : broken;
}

function bitsOf(guesses: readonly Guess[]): number {
  return guesses.reduce((sum, { bits }) => sum + bits, 0);
}

/**
 * Returns a front that is sure up to the place where it breaks, and the framing behind that place. The list
 * is empty if there is no such front.
 */
function behindBreak(sample: Sample, context: Context): readonly Guess[] {
  for (const end of breaksOf(sample, context)) {
    const front = judge([frontOf(sample, end)], 0, context);
    if (front.verdict === 'sure') {
      const { guesses } = judge([behind(sample, end)], end, context);
      const rest = guesses.length > 0 ? guesses : resumed(sample, front.guesses, end);
      const isLong = end >= LONG_FRONT * sample.bytes.length;
      if (rest.length > 0 || isLong) {
        return [...front.guesses, ...rest];
      }
    }
  }
  return [];
}

/**
 * Looks for more frames of the front behind bytes that are no such frame, as behind a wrong frame in the
 * middle. It looks at the ends of the next chunks. The list is empty if the front explains the rest from none
 * of these places.
 */
function resumed(sample: Sample, front: readonly Guess[], end: number): readonly Guess[] {
  const why = 'the frames go on behind bytes that are none';
  const places = sample.ends.filter((place) => place > end).slice(0, MAX_STARTS);
  const found = front.flatMap((one) =>
    places.map((from) => explained(sample, { ...one, from }, why)),
  );
  return found.flatMap((one) => one ?? []).slice(0, 1);
}

/**
 * Returns the best sure reading from a later start on, and the framing in front of it. The list is empty if
 * there is none.
 */
function behindStart(sample: Sample, context: Context): readonly Guess[] {
  const chunks = sample.isCut ? chunksOf(sample, context) : [];
  const atChunk = bestFrom(sample, chunks, context);
  // A handshake and the first frames may be one chunk.
  const offsets = likelyOffsets(sample, MAX_OFFSETS);
  const best = atChunk ?? bestFrom(sample, offsets.slice(0, MAX_JUDGED_OFFSETS), context);
  if (best === undefined || (atChunk === undefined && best.bits <= OFFSET_BITS)) {
    return [];
  }
  const places =
    atChunk === undefined ? [...sample.ends, ...HANDSHAKES] : [0, ...offsets, ...sample.ends];
  const whole = fromAlike(sample, fromFirst(sample, best, places));
  return [...frontGuess(sample, whole), whole];
}

/** Returns the sure reading from one of these starts on that explains most. */
function bestFrom(sample: Sample, starts: readonly number[], context: Context): Guess | undefined {
  let best: Guess | undefined;
  for (const start of starts) {
    const { verdict, guesses } = judge([behind(sample, start)], start, context);
    const [found] = guesses;
    if (verdict === 'sure' && found !== undefined && found.bits > (best?.bits ?? 0)) {
      best = found;
    }
  }
  return best;
}

/**
 * Maximum number of frames of which the first bytes are compared (ALIKE_FRAMES), and number of those bytes
 * (ALIKE_BYTES).
 */
const ALIKE_FRAMES = 24;
const ALIKE_BYTES = 16;
/** Minimum share of these frames that have the same byte at a place. */
const ALIKE_PART = 0.9;
/** Minimum number of such places, and share of them, at which an earlier frame has the same byte. */
const ALIKE_PLACES = 3;
const ALIKE_PLACES_PART = 0.5;
/** Places in a stream without cuts at which frames may begin behind a handshake. */
const HANDSHAKES: readonly number[] = Array.from({ length: 512 }, (_, i) => i);
/** Maximum number of bytes in front of a frame at which the frame before is looked for. */
const MAX_BEFORE = 4096;

/**
 * Returns the guess from earlier frames on, if there are some that begin like the later ones and lead to them.
 * (The first frames behind a handshake may lie in one chunk with it.)
 */
function fromAlike(sample: Sample, found: Guess): Guess {
  const head = headOf(sample, found);
  const { bytes } = sample;
  let first = found;
  for (let from = first.from - 1; from >= Math.max(0, first.from - MAX_BEFORE); from--) {
    const same = head.filter(({ place, byte }) => bytes[from + place] === byte);
    // Zeros are everywhere, so they do not count as a sign of a frame.
    const signs = same.filter(({ byte }) => byte !== 0);
    if (signs.length >= ALIKE_PLACES && same.length >= ALIKE_PLACES_PART * head.length) {
      const { trail } = walked(found.framing, bytes.subarray(from, first.from));
      if (trail.count === 1 && trail.end === first.from - from) {
        const [fit, of] = first.frames;
        first = { ...first, from, frames: [fit + 1, of + 1] };
      }
    }
  }
  return first;
}

/** Returns the bytes that nearly all frames of a guess share, and their places in a frame. */
function headOf(sample: Sample, { framing, from }: Guess): { place: number; byte: number }[] {
  const bytes = sample.bytes.subarray(from);
  const { ends } = walked(framing, bytes).trail.toChain();
  const starts = [0, ...ends.slice(0, -1)].slice(0, ALIKE_FRAMES);
  return Array.from({ length: ALIKE_BYTES }, (_, place) => {
    const values = starts.map((start) => bytes[start + place] ?? 0);
    const byte = mostFrequent(values);
    const count = values.filter((value) => value === byte).length;
    return count >= ALIKE_PART * starts.length ? [{ place, byte }] : [];
  }).flat();
}

function mostFrequent(values: readonly number[]): number {
  const counts = new Map<number, number>();
  values.forEach((value) => counts.set(value, (counts.get(value) ?? 0) + 1));
  return [...counts].toSorted(([, a], [, b]) => b - a)[0]?.[0] ?? 0;
}

/** Returns the ends of chunks behind which a first look finds most. */
function chunksOf(sample: Sample, context: Context): number[] {
  const looks = sample.ends.slice(0, MAX_STARTS).map((start) => {
    const front = frontOf(behind(sample, start), START_LENGTH);
    const { guesses } = judge([front], start, { ...context, isQuick: true });
    return { start, bits: bitsOf(guesses) };
  });
  const found = looks.filter(({ bits }) => bits > 0).toSorted((a, b) => b.bits - a.bits);
  return found.slice(0, MAX_JUDGED).map(({ start }) => start);
}

/**
 * Returns the guess from an earlier place on, if the frames from that place lead to those of the guess. It
 * takes the first such place. (A long first frame tells nothing in the first look, so a guess may begin too
 * late.)
 */
export function fromFirst(sample: Sample, found: Guess, places: readonly number[]): Guess {
  for (const from of places.filter((place) => place < found.from)) {
    const { ends } = walked(found.framing, sample.bytes.subarray(from)).trail.toChain();
    const more = ends.indexOf(found.from - from) + 1;
    if (more > 0) {
      const [fit, of] = found.frames;
      return { ...found, from, frames: [fit + more, of + more] };
    }
  }
  return found;
}

/**
 * Returns the framing of the bytes in front of a sure framing, if they are one of the fronts that this
 * framing is known to follow.
 */
function frontGuess(sample: Sample, next: Guess): readonly Guess[] {
  const end = next.from;
  for (const [framing, follower] of FRONTS) {
    if (next.format === follower) {
      const { trail } = walked(framing, sample.bytes.subarray(0, end));
      if (!trail.isBroken && trail.end === end) {
        const { source: _source, note: _note, known: _known, seen: _seen, ...plain } = framing;
        return [
          {
            framing: plain,
            direction: sample.direction,
            from: 0,
            bits: 0,
            frames: [trail.count, trail.count],
            why: [`${follower} is known to follow such frames`],
          },
        ];
      }
    }
  }
  return [];
}
