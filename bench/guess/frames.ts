// Where a framing finds frames in a stream, by its own decoder.

import { isUnstickError } from '../../src/errors.ts';
import type { Spots } from '../../src/framing/codecs.ts';
import { FrameScanner } from '../../src/framing/frame-scanner.ts';

export interface Frames {
  /** Where frames end, as offsets of the stream. */
  readonly frames: readonly number[];
  /** Number of bytes behind `from` that the framing explains: all, unless a frame was wrong. */
  readonly covered: number;
}

export function endsOf(spots: Spots, bytes: Uint8Array, from: number): Frames {
  const frames: number[] = [];
  const scanner = new FrameScanner(spots);
  try {
    scanner.push(bytes.subarray(from), ({ end }) => frames.push(from + end));
    return { frames, covered: bytes.length - from };
  } catch (error) {
    if (!isUnstickError(error)) {
      throw error;
    }
    return { frames, covered: (frames.at(-1) ?? from) - from };
  }
}
