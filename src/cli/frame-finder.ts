// Finds where frames end in a stream as it comes. The frame-aware plan of the proxy uses it, because the
// proxy itself knows no format.

import type { FrameAwarePlan, FrameFinder } from '../chop/plan/slicing.ts';
import type { Spots } from '../framing/codecs.ts';
import { FrameScanner } from '../framing/frame-scanner.ts';

/**
 * Makes a plan that cuts where decoders of these frames break. If bytes come that are no such frame, the plan
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
      // Copy the chunk: the scanner keeps a piece of it while the proxy sends it on.
      scanner.push(Uint8Array.from(chunk), ({ end }) => ends.push(end));
    } catch (error) {
      // A codec of --codec may throw anything. The proxy goes on, as it does for bytes that are no frames.
      lost = true;
      onStranger(error instanceof Error ? error.message : String(error));
    }
    return ends;
  };
}
