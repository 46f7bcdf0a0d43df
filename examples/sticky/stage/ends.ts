// Compares the ends of chunks and messages, in bytes from the start of the stream.

import { count } from '../../support/ink.ts';

/** Maximum number of messages in a picture. */
const MESSAGES_SHOWN = 4;

/** A part of the stream in a picture. */
export interface Segment {
  /** Length in bytes. */
  readonly length: number;
  readonly label: string;
}

export function endsOf(lengths: readonly number[]): number[] {
  let end = 0;
  return lengths.map((length) => (end += length));
}

export interface Comparison {
  /** Number of chunks that ended inside a message: half messages (半包). */
  readonly half: number;
  /** Number of chunks with bytes of two messages or more: messages stuck together (粘包). */
  readonly stuck: number;
  /** Number of chunks that were exactly one message. */
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
    while ((messageEnds[next] ?? Infinity) <= end) {
      next++;
    }
    const endsMessage = messageEnds[next - 1] === end;
    if (!endsMessage) {
      half++;
    }
    // Count the messages that end inside the chunk, not at its last byte.
    if (next - first - (endsMessage ? 1 : 0) > 0) {
      stuck++;
    } else if (startsMessage && endsMessage && end > start) {
      exact++;
    }
    start = end;
    startsMessage = endsMessage;
  }
  return { half, stuck, exact };
}

/**
 * The segments between `ends`, for a picture of the bytes `from` to `to`. An ellipsis marks a cut segment.
 */
export function segmentsOf(ends: readonly number[], from: number, to: number): Segment[] {
  const segments: Segment[] = [];
  let start = 0;
  for (const end of ends) {
    const length = Math.min(end, to) - Math.max(start, from);
    const label = `${start < from ? '… ' : ''}${count(end - start)}${end > to ? ' …' : ''}`;
    if (length > 0) {
      segments.push({ length, label });
    }
    start = end;
  }
  return segments;
}

/** Where in the stream the messages around the first chunk lie that has bytes of two messages. */
export function stuckStretch(
  chunkEnds: readonly number[],
  messageEnds: readonly number[],
): { from: number; to: number } {
  const inside = (index: number): boolean =>
    messageEnds.some((end) => end > (chunkEnds[index - 1] ?? 0) && end < (chunkEnds[index] ?? 0));
  const stuck = Math.max(
    0,
    chunkEnds.findIndex((_end, index) => inside(index)),
  );
  const place = chunkEnds[stuck - 1] ?? 0;
  const first = Math.max(0, messageEnds.findIndex((end) => end > place) - 1);
  const from = messageEnds[first - 1] ?? 0;
  return { from, to: messageEnds[first + MESSAGES_SHOWN - 1] ?? messageEnds.at(-1) ?? from };
}
