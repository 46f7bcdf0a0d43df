// The fault `throttle:64KiB`: a maximum number of bytes per second.

import { refuse } from '../../options.ts';
import { readSize } from '../../schedule/units.ts';
import { faultRow } from './row.ts';
import type { FaultRow } from './row.ts';

export const THROTTLE: FaultRow<'rate'> = faultRow({
  words: ['throttle:SIZE'],
  example: 'throttle:64KiB',
  does: 'passes at most SIZE per second',
  numbers: ['rate'],
  read: (behind) => {
    const rate = behind.startsWith(':') ? readSize(behind.slice(1)) : undefined;
    return rate === undefined ? undefined : { rate };
  },
  check: ({ rate }) => {
    if (rate < 1) {
      refuse('throttle:0 lets nothing pass.', 'Use stall@0.');
    }
  },
  effect: ({ rate }) => ({ kind: 'rate', bytes: rate }),
});
