// Streams whose framing changes: one framing up to a place, another one from there on. Pure.
//
//   startup │ typed messages      PostgreSQL   the front is one frame of a format that the other one follows
//   packets │ TLS records         MySQL        the same, or the front breaks where the next framing begins
//   lines   │ TLS records         STARTTLS     the next framing begins at the end of a chunk
//
// A place counts only if at least one side of it is sure.

import { ROWS } from '../codec/formats/formats.ts';
import type { Framing } from '../codec/formats/framing-types.ts';
import { Trail } from './chain.ts';
import { described, walkDescribed } from './described.ts';
import { judge } from './judge.ts';
import type { Context, Guess } from './judge.ts';
import { breaksOf } from './search.ts';
import { behind, frontOf } from './stream.ts';
import type { Sample } from './stream.ts';

/** Maximum number of chunks whose ends are tried as the start of another framing. */
const MAX_STARTS = 8;
/** Maximum number of them behind which the whole stream is judged. */
const MAX_JUDGED = 2;
/** Number of bytes behind the end of a chunk that tell whether frames begin there. */
const START_LENGTH = 4096;
/** Minimum share of a stream that a front explains, if what follows it is not known. */
const LONG_FRONT = 0.5;

/** Framings of a few frames, and the format that follows them. */
const FRONTS: readonly (readonly [front: Framing, next: string])[] = [
  [ROWS.postgresStartup, 'postgres'],
  [ROWS.postgresStartup, 'tlsRecord'],
  [ROWS.mysql, 'tlsRecord'],
  [{ codec: 'lines' }, 'tlsRecord'],
];

/** The framings of a stream that no framing explains from its first byte to its last, in their order. */
export function phasesOf(sample: Sample, context: Context): readonly Guess[] {
  return behindBreak(sample, context) ?? behindChunk(sample, context) ?? [];
}

/** A front that is sure up to the place where it breaks, and what follows there. */
function behindBreak(sample: Sample, context: Context): readonly Guess[] | undefined {
  for (const end of breaksOf(sample, context)) {
    const front = judge([frontOf(sample, end)], 0, context);
    if (front.verdict === 'sure') {
      const rest = judge([behind(sample, end)], end, context);
      const isLong = end >= LONG_FRONT * sample.bytes.length;
      if (rest.verdict !== 'none' || isLong) {
        return [...front.guesses, ...rest.guesses];
      }
    }
  }
  return undefined;
}

/** The best sure reading from the end of one of the first chunks on, and what stands in front of it. */
function behindChunk(sample: Sample, context: Context): readonly Guess[] | undefined {
  let best: Guess | undefined;
  for (const start of startsOf(sample, context)) {
    const { verdict, guesses } = judge([behind(sample, start)], start, context);
    const [found] = guesses;
    if (verdict === 'sure' && found !== undefined && found.bits > (best?.bits ?? 0)) {
      best = found;
    }
  }
  return best === undefined ? undefined : [...frontGuess(sample, best), best];
}

/** The ends of chunks behind which a first look finds most. */
function startsOf(sample: Sample, context: Context): number[] {
  const looks = sample.ends.slice(0, MAX_STARTS).map((start) => {
    const front = frontOf(behind(sample, start), START_LENGTH);
    const { guesses } = judge([front], start, { ...context, isQuick: true });
    return { start, bits: guesses.reduce((sum, { bits }) => sum + bits, 0) };
  });
  const found = looks.filter(({ bits }) => bits > 0).toSorted((a, b) => b.bits - a.bits);
  return found.slice(0, MAX_JUDGED).map(({ start }) => start);
}

/** The framing of the bytes in front of a framing that is sure: one that the other is known to follow. */
function frontGuess(sample: Sample, next: Guess): readonly Guess[] {
  const end = next.from;
  const bytes = sample.bytes.subarray(0, end);
  const trail = new Trail();
  for (const [framing, follower] of FRONTS) {
    if (next.format === follower) {
      walkDescribed(described(framing, [], 0), bytes, trail);
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
