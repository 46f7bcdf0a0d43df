// The fault `delay:5ms-20ms`: a wait before each piece. If the two times differ, the length of the wait is
// random.

import { refuse } from '../../options.ts';
import { MAX_DELAY } from '../../schedule/schedule.ts';
import { readTime } from '../../schedule/units.ts';
import { faultRow, readRange } from './row.ts';
import type { FaultRow } from './row.ts';

export const DELAY: FaultRow<'min' | 'max'> = faultRow({
  words: ['delay:TIME', 'delay:TIME-TIME'],
  example: 'delay:5ms-20ms',
  does: 'waits before each piece; with two times, a random time between them',
  numbers: ['min', 'max'],
  read: (behind) => readRange(behind, readTime),
  check: ({ min, max }) => {
    if (min > max) {
      refuse(`delay:${min}ms-${max}ms: the range is empty.`);
    }
    if (max > MAX_DELAY) {
      refuse(`delay:${max}ms exceeds ${MAX_DELAY} ms.`, 'Use stall@0.');
    }
  },
  effect: ({ min, max }) => ({ kind: 'wait', min, max }),
});
