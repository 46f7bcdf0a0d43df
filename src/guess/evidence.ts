// Measures in bits how much a chain of frames explains of a stream. It is the logarithm of a ratio: how
// likely the bytes and the cuts are if the frames are where the chain says, against how likely they are if
// the frames are not there.
//
// - A sender mostly ends its writes where a frame ends. So each end of a chunk that is also the end of a
//   frame counts.
// - Frames begin alike: the same place of each frame predicts a byte better than the bytes in front of it do.
// - Where cuts are not known, the end of a stream that was read whole is the only cut. Frames that leave bytes
//   over there are hardly ever the true ones.

import { distinctFrames, judgedBy, MAX_FRAMES } from './chain.ts';
import type { Chain, Frame } from './chain.ts';
import type { Sample } from './stream.ts';

/** Evidence in bits, by where it comes from. */
export interface Evidence {
  readonly cuts: number;
  readonly columns: number;
  /**
   * Number of chunks that end where a frame ends (`hits`), and number of all chunks whose end says something
   * (`of`).
   */
  readonly cutHits: readonly [hits: number, of: number];
  /** Whether bytes that speak against these frames are left over at the end of a stream that was read to its end. */
  readonly leavesRest: boolean;
  /** Number of different frames, up to MAX_DISTINCT. */
  readonly distinct: number;
  /**
   * Number of places, among the first HEAD_COLUMNS, at which more than half of the frames have the same byte.
   */
  readonly steady: number;
}

const log2 = Math.log2;

/**
 * Maximum number of bytes of a frame, from its front, that are compared (`columns`), and maximum number of
 * different frames that are compared (`frames`).
 */
export interface Look {
  readonly columns: number;
  readonly frames: number;
}

const HEAD_COLUMNS = 16;
/** The look for thousands of chains. It compares only the heads of frames. */
export const FIRST_LOOK: Look = { columns: HEAD_COLUMNS, frames: 24 };
/**
 * The look for the findings that are left. It compares frames whole, up to 160 bytes: frames that are cut in
 * two have more heads, so heads alone would prefer them, but whole frames explain as much either way.
 */
export const SECOND_LOOK: Look = { columns: 160, frames: 64 };

/**
 * Minimum number of bits that the columns must explain for each frame. The columns of any text explain a few
 * bits, so fewer bits than this count as 0.
 */
const MIN_BITS_A_FRAME = 3;
/**
 * Number by which the bits of columns are divided. Columns depend on each other, so a bit of one column is not a
 * bit more for another.
 */
const ALIKE_COLUMNS = 2;
/**
 * Cost in bits of each column that counts. Only columns with a gain count, and some columns have a gain by
 * chance.
 */
const COLUMN_COST = 2;

export function evidenceOf(chain: Chain, sample: Sample, look: Look): Evidence {
  const { bits, hits, of } = cutEvidence(chain, sample);
  const content = columnEvidence(chain, sample, look);
  const rest = leavesRest(chain, sample);
  const uncut = rest ? content.columns * REST_TRUST : content.columns;
  const columns = sample.isCut ? vouchedFor(content.columns, hits, of) : uncut;
  return { ...content, cuts: bits, cutHits: [hits, of], leavesRest: rest, columns };
}

/**
 * Part of the evidence that counts without cuts for frames that leave bytes over. On captures given without their
 * cuts, 1 of 49 sure readings that were right left bytes over, and 6 of 8 that were wrong.
 */
export const REST_TRUST = 0.5;

/** With cuts, a rest of so many bytes or more is the front of a frame that was cut off, as at the end of live captures. */
const FRONT_OF_FRAME = 4;

/**
 * Returns whether bytes are left over behind the last frame. With cuts only a rest counts that is too short to be the
 * front of a frame: a sender hardly ever writes a part of a head at last.
 */
function leavesRest({ ends }: Chain, { isCut, isWhole, bytes }: Sample): boolean {
  const rest = bytes.length - (ends.at(-1) ?? 0);
  const most = isCut ? FRONT_OF_FRAME - 1 : bytes.length;
  return isWhole && ends.length < MAX_FRAMES && rest > 0 && rest <= most;
}

/**
 * Minimum share of the chunks that must end where a frame ends. Below this share the frames contradict the
 * cuts.
 */
const FEW_HITS = 0.6;
/** Number of chunks that are enough to contradict frames. */
const ENOUGH_CUTS = 6;

/**
 * Returns whether most chunks of a stream end inside of frames. If so, the true frames are probably other
 * frames.
 */
export function contradicts([hits, of]: Evidence['cutHits']): boolean {
  return of >= ENOUGH_CUTS && hits < FEW_HITS * of;
}

/** Returns whether most chunks end inside of frames, however few the chunks are. Such frames are not sure. */
export function areDoubtful([hits, of]: Evidence['cutHits']): boolean {
  return hits < FEW_HITS * of;
}

/** Number of bits of content that one chunk which ends with a frame vouches for. */
const BITS_A_HIT = 60;
/** Number of such chunks that are taken for granted. */
const FREE_HITS = 2;

/**
 * Returns the evidence of the content, limited to what the cuts vouch for. Records inside of a message repeat
 * as frames do, but no chunk ends with them. A few chunks vouch for less than many.
 */
function vouchedFor(columns: number, hits: number, of: number): number {
  return Math.min(columns, BITS_A_HIT * (hits + FREE_HITS)) * trustIn([hits, of]);
}

/** Returns the part of the evidence that counts, by how many chunks end where a frame ends: all of it where most do. */
export function trustIn([hits, of]: Evidence['cutHits']): number {
  return Math.min(1, (hits + 1) / (of + 1) / FEW_HITS);
}

/**
 * Returns how much better "chunks end where frames end" predicts the cuts than "a cut lies anywhere". The
 * rate of hits is learnt on the way (the estimator of Krichevsky and Trofimov), so a chain pays for chunks
 * whose ends it misses.
 */
function cutEvidence(
  chain: Chain,
  sample: Sample,
): { readonly bits: number; readonly hits: number; readonly of: number } {
  const { ends } = chain;
  const covered = judgedBy(chain, sample.bytes.length);
  if (ends.length === 0 || covered === 0) {
    return { bits: 0, hits: 0, of: 0 };
  }
  const chance = Math.min(0.99, ends.length / covered);
  if (!sample.isCut) {
    const isWhole = ends.at(-1) === sample.bytes.length;
    return { bits: isWhole ? Math.min(8, log2(1 / chance)) : 0, hits: 0, of: 0 };
  }
  let next = 0;
  let bits = 0;
  let hits = 0;
  let of = 0;
  for (const end of sample.ends) {
    if (end > covered) {
      break;
    }
    while ((ends[next] ?? Infinity) < end) {
      next++;
    }
    const isHit = ends[next] === end;
    const learnt = (hits + 0.5) / (of + 1);
    bits += isHit ? log2(learnt / chance) : log2((1 - learnt) / (1 - chance));
    hits += isHit ? 1 : 0;
    of++;
  }
  return { bits, hits, of };
}

function columnEvidence(
  chain: Chain,
  sample: Sample,
  look: Look,
): Pick<Evidence, 'columns' | 'distinct' | 'steady'> {
  const distinct = distinctFrames(chain, sample.bytes);
  const frames = distinct.slice(0, look.frames);
  let bits = 0;
  let steady = 0;
  for (let column = 0; column < look.columns; column++) {
    const { gain, most } = columnGain(frames, sample, column);
    bits += Math.max(0, gain - COLUMN_COST);
    steady += column < HEAD_COLUMNS && frames.length > 1 && most > frames.length / 2 ? 1 : 0;
  }
  const columns = bits < MIN_BITS_A_FRAME * frames.length ? 0 : bits / ALIKE_COLUMNS;
  return { columns, distinct: distinct.length, steady };
}

/** Logarithms of small numbers. They are kept, because computing logarithms is most of the work. */
const LOGS: Float64Array = Float64Array.from({ length: 2 + SECOND_LOOK.frames }, (_, i) => log2(i));

/** Number of times that each byte was seen in a column. It is cleared after each use. */
const seen = new Uint16Array(256);

/**
 * Returns the bits that are saved when the next byte of a column is predicted from the earlier bytes of the
 * column, and not from the bytes in front of it. (Records inside of a message and words of a text repeat as frames
 * do, but the bytes in front of such a byte mostly predict it, too.)
 */
function columnGain(
  frames: readonly Frame[],
  { bytes, expected }: Sample,
  column: number,
): { readonly gain: number; readonly most: number } {
  let gain = 0;
  let count = 0;
  let most = 0;
  for (const { start, end } of frames) {
    if (start + column < end) {
      const byte = bytes[start + column] ?? 0;
      const before = seen[byte] ?? 0;
      count++;
      gain -= LOGS[count] ?? 0;
      // A byte that is new in the column saves nothing, so it only costs the bits of the line above.
      gain += before === 0 ? 0 : log2(before / (expected[start + column] ?? 1) + 1);
      seen[byte] = before + 1;
      most = Math.max(most, before + 1);
    }
  }
  seen.fill(0);
  return { gain, most };
}
