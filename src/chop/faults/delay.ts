// `delay:5-20`: a wait before each piece.

import { refuse } from '../../options.ts';
import { MAX_DELAY } from '../../schedule/schedule.ts';
import { faultRow, readRange } from './row.ts';
import type { FaultRow } from './row.ts';

export const DELAY: FaultRow<'min' | 'max'> = faultRow({
  words: ['delay:MS', 'delay:MIN-MAX'],
  does: 'a wait in ms before each piece',
  numbers: ['min', 'max'],
  read: readRange,
  check: ({ min, max }) => {
    if (min > max) {
      refuse(`delay:${min}-${max}: the range is empty.`);
    }
    if (max > MAX_DELAY) {
      refuse(`delay:${max} exceeds ${MAX_DELAY} ms.`, 'Use stall@N.');
    }
  },
  effect: ({ min, max }) => ({ kind: 'wait', min, max }),
});
