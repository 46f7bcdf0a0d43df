// Where chunks and messages ended, in bytes from the start; and what that says about them.

import { count } from './ink.ts';
import type { Segment } from './picture.ts';

export function endsOf(lengths: readonly number[]): number[] {
  let end = 0;
  return lengths.map((length) => (end += length));
}

export interface Comparison {
  /** Chunks that ended inside a message: half messages (半包). */
  readonly half: number;
  /** Chunks that held bytes of two messages or more: messages stuck together (粘包). */
  readonly stuck: number;
  /** Chunks that were exactly one message. */
  readonly exact: number;
}

export function compare(chunkEnds: readonly number[], messageEnds: readonly number[]): Comparison {
  let half = 0;
  let stuck = 0;
  let exact = 0;
  let start = 0;
  let next = 0;
  let startsMessage = true;
  for (const end of chunkEnds) {
    const first = next;
    while ((messageEnds[next] ?? Infinity) <= end) next++;
    const endsMessage = messageEnds[next - 1] === end;
    if (!endsMessage) half++;
    // Ends inside the chunk: its last byte does not count as one.
    if (next - first - (endsMessage ? 1 : 0) > 0) stuck++;
    else if (startsMessage && endsMessage && end > start) exact++;
    start = end;
    startsMessage = endsMessage;
  }
  return { half, stuck, exact };
}

/** The stretches between ends, for a picture that stops at `limit`. */
export function segmentsOf(ends: readonly number[], limit: number): Segment[] {
  const segments: Segment[] = [];
  let start = 0;
  for (const end of ends) {
    if (start >= limit) break;
    const label = count(end - start) + (end > limit ? ' …' : '');
    segments.push({ length: Math.min(end, limit) - start, label });
    start = end;
  }
  return segments;
}
