// Makes random schedules: some cuts anywhere, pieces of many sizes, cuts at frames, joined requests. This
// file is pure.

import { coalesce, frameAware, mtu, randomly } from '../../schedule/plans.ts';
import type { Random } from '../../schedule/random.ts';
import type { Op } from '../../schedule/schedule.ts';
import type { FrameSpan } from '../cut-points.ts';

interface Parted {
  readonly lengths: readonly number[];
  readonly frames: readonly FrameSpan[];
}

/**
 * Maximum number of pieces of random or equal size. The bytes behind them are not cut: more pieces would take
 * too long for what they tell.
 */
const MOST_PIECES = 256;

function frameBorders(frames: readonly FrameSpan[]): readonly number[] {
  return [...new Set(frames.flatMap(({ start, end }) => [start, end]))].sort((a, b) => a - b);
}

function prefixLength(frames: readonly FrameSpan[]): number {
  return Math.max(...frames.map(({ start, payloadStart }) => payloadStart - start));
}

/**
 * Returns some cuts anywhere. In each stretch before a cut, either all borders between requests are kept, or
 * all are joined.
 */
function scattered(total: number, source: Random): readonly Op[] {
  const count = source.between(1, Math.min(10, total - 1));
  const places = new Set(Array.from({ length: count }, () => source.between(1, total - 1)));
  let from = 0;
  return [...places]
    .sort((a, b) => a - b)
    .map((at) => {
      const n = at - from;
      from = at;
      return { kind: source.chance(1, 2) ? 'hold' : 'cut', n };
    });
}

/** Returns random ops for `total` bytes. For one byte the list may be empty. */
export function randomOps(
  { lengths, frames }: Parted,
  total: number,
  source: Random,
): readonly Op[] {
  const run = { start: 0, length: total };
  const choice = source.below(10);
  if (choice < 2 && frames.length > 0) {
    return frameAware(frameBorders(frames), prefixLength(frames))(run, source);
  }
  if (choice < 4) {
    return randomly(run, source).slice(0, MOST_PIECES);
  }
  if (choice < 5) {
    return mtu(source.between(1, Math.min(total, 1500)))(run, source).slice(0, MOST_PIECES);
  }
  if (choice < 6 && lengths.length > 1) {
    return coalesce({ ...run, length: source.between(1, total) }, source);
  }
  return total < 2 ? [] : scattered(total, source);
}
