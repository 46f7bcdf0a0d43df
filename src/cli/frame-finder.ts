// Finds where frames end in a stream as it comes, for the frame-aware plan of the proxy, which knows no
// format itself.

import type { FrameAwarePlan, FrameFinder } from '../chop/plan/slicing.ts';
import type { Spots } from '../framing/codecs.ts';
import { FrameScanner } from '../framing/frame-scanner.ts';

/**
 * Makes a plan that cuts where decoders of these frames break. At the first bytes that are no such frame it
 * gives up that stream: it calls `onStranger` once with the reason, and finds no more frames there.
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
      // Copy the chunk: the scanner holds a piece of it while the proxy sends it on.
      scanner.push(Uint8Array.from(chunk), ({ end }) => ends.push(end));
    } catch (error) {
      // A codec of --codec may throw anything. The proxy goes on, as for bytes that are no frames.
      lost = true;
      onStranger(error instanceof Error ? error.message : String(error));
    }
    return ends;
  };
}
