// Finds where frames end in a stream as it comes, for the frame-aware plan of the proxy, which knows no
// format itself.

import type { FrameAwarePlan, FrameFinder } from '../chop/plan/slicing.ts';
import type { Spots } from '../framing/codecs.ts';
import { FrameScanner } from '../framing/frame-scanner.ts';

/**
 * A plan that cuts where decoders of these frames break. From the first bytes that are no such frame, it
 * finds no frames in that stream any more, and calls `onStranger` once with the reason.
 */
export function frameAwarePlan(spots: Spots, onStranger: (why: string) => void): FrameAwarePlan {
  return { finder: () => finder(spots, onStranger), prefixLength: spots.prefixLength };
}

function finder(spots: Spots, onStranger: (why: string) => void): FrameFinder {
  const scanner = new FrameScanner(spots);
  let lost = false;
  return (chunk) => {
    if (lost) {
      return [];
    }
    const ends: number[] = [];
    try {
      // The proxy sends the chunk on while the scanner holds a piece of it.
      scanner.push(Uint8Array.from(chunk), ({ end }) => ends.push(end));
    } catch (error) {
      // A codec of --codec may throw anything. The proxy goes on, as for bytes that are no frames.
      lost = true;
      onStranger(error instanceof Error ? error.message : String(error));
    }
    return ends;
  };
}
