// lengthPrefixed(), with a count of the frames that its decoders returned. A connection may decode frames
// that the test has not read yet; these count too.

import { lengthPrefixed } from '../../src/entries/main.ts';
import type { FrameCodec } from '../../src/entries/main.ts';

export interface CountingCodec {
  readonly codec: FrameCodec;
  readonly taken: number;
}

export function countingCodec(): CountingCodec {
  const inner = lengthPrefixed();
  let taken = 0;
  const codec: FrameCodec = {
    ...inner,
    decoder(options) {
      const decoder = inner.decoder(options);
      const take = decoder.take.bind(decoder);
      return Object.assign(decoder, {
        take() {
          const value = take();
          if (value !== undefined) {
            taken++;
          }
          return value;
        },
      });
    },
  };
  return {
    codec,
    get taken() {
      return taken;
    },
  };
}
