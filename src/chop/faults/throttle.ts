// `throttle:4096`: at most so many bytes a second.

import { refuse } from '../../options.ts';
import { faultRow, readCount } from './row.ts';
import type { FaultRow } from './row.ts';

export const THROTTLE: FaultRow<'rate'> = faultRow({
  words: ['throttle:BYTES'],
  does: 'passes at most so many bytes a second',
  numbers: ['rate'],
  read: (behind) => {
    const rate = readCount(behind);
    return rate === undefined ? undefined : { rate };
  },
  check: ({ rate }) => {
    if (rate < 1) {
      refuse('throttle:0 lets nothing pass.', 'Use stall@0.');
    }
  },
  effect: ({ rate }) => ({ kind: 'rate', bytes: rate }),
});
