// Finds where frames lie in given bytes, which must be whole frames.

import { isUnstickError, UsageError } from '../errors.ts';
import type { Spots } from '../framing/codecs.ts';
import { FrameScanner } from '../framing/frame-scanner.ts';
import type { FramePlace } from '../framing/frame-scanner.ts';
import type { FrameSpan } from '../prove/cut-points.ts';
import { printable } from '../text.ts';

/** Returns the place of each frame in bytes that are whole frames. Throws UsageError for other bytes. */
export function frameSpans(bytes: Uint8Array, spots: Spots): readonly FrameSpan[] {
  const spans: FrameSpan[] = [];
  const found = ({ start, payloadStart, end }: FramePlace): void => {
    spans.push({ start, payloadStart, end });
  };
  const scanner = new FrameScanner(spots);
  try {
    scanner.push(bytes, found);
    scanner.end(found);
  } catch (cause) {
    if (!isUnstickError(cause)) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new UsageError('ERR_OPTION', `The codec of the requests failed: ${printable(why)}.`, {
        cause,
      });
    }
    const facts = `The requests are not frames of this format: ${cause.message}`;
    throw new UsageError('ERR_OPTION', facts, { cause });
  }
  return spans;
}
