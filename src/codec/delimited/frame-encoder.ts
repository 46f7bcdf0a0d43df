// The encoder of delimited() for values that are whole frames, with their markers.

import { areSame } from '../bytes.ts';
import { unencodable } from '../frame-errors.ts';
import { checkBytes, checkRoom } from '../part-checks.ts';
import { DelimitedDecoder } from './delimited-decoder.ts';
import type { FrameEncoder } from './delimited-encoder.ts';
import type { DelimitedLayout } from './layout.ts';

/**
 * Makes the encoder for `strip: false`, where a value is a whole frame. Decode must give back the same frame.
 */
export function frameEncoder(layout: DelimitedLayout): FrameEncoder {
  const checked = (frame: Uint8Array): Uint8Array => {
    checkBytes('value', frame);
    const decoder = new DelimitedDecoder(layout, {});
    let cause: unknown;
    try {
      decoder.push(frame);
      const first = decoder.take();
      if (first !== undefined && areSame(first, frame)) {
        return frame;
      }
    } catch (error) {
      cause = error;
    }
    const facts = 'The value is not one whole frame of this format, with its markers.';
    throw unencodable(facts, {
      length: frame.length,
      cause,
      hint: 'With strip: true a value is a payload.',
    });
  };
  return {
    encode: (frame) => [checked(frame)],
    encodedLength: (frame) => checked(frame).length,
    encodeInto(frame, target, offset) {
      checkRoom(target, offset, checked(frame).length);
      target.set(frame, offset);
      return offset + frame.length;
    },
  };
}
