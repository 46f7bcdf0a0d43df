// Finds where frames end in a stream as it comes, for the frame-aware plan of the proxy, which knows no
// format itself.

import type { FrameAwarePlan, FrameFinder } from '../chop/plan/slicing.ts';
import { frameLayout } from '../codec/frame-layout.ts';
import type { LengthPrefixedOptions } from '../codec/frame-layout.ts';
import { lengthPrefixed } from '../codec/length-prefixed.ts';
import { isUnstickError } from '../errors.ts';

/** A varint of most frames takes this many bytes or fewer. */
const VARINT_SPOTS = 2;

/**
 * A plan that cuts where frames of the format break. Bytes that are no such frames pass as far as the
 * plan sees nothing in them. Calls `onStranger` once for each stream, with the reason.
 */
export function frameAwarePlan(
  format: LengthPrefixedOptions,
  onStranger: (why: string) => void,
): FrameAwarePlan {
  const { before, prefix } = frameLayout(format);
  return {
    finder: () => finder(format, onStranger),
    prefixLength: before.length + (prefix.width === 0 ? VARINT_SPOTS : prefix.width),
  };
}

function finder(format: LengthPrefixedOptions, onStranger: (why: string) => void): FrameFinder {
  let offset = 0;
  const decoder = lengthPrefixed({ ...format, deliver: 'frame' }).decoder({
    onNoise: ({ length = 0 }) => {
      offset += length;
    },
  });
  let lost = false;
  return (chunk) => {
    if (lost) {
      return [];
    }
    const ends: number[] = [];
    try {
      decoder.scan(chunk, (_, start, end) => ends.push((offset += end - start)));
    } catch (error) {
      if (!isUnstickError(error)) {
        throw error;
      }
      lost = true;
      onStranger(error.message);
    }
    return ends;
  };
}
