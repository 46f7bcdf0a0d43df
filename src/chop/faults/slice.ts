// The fault `slice:1-5`: pieces of random sizes.

import { refuse } from '../../options.ts';
import { readSize } from '../../schedule/units.ts';
import { faultRow, readRange } from './row.ts';
import type { FaultRow } from './row.ts';

export const SLICE: FaultRow<'min' | 'max'> = faultRow({
  words: ['slice:SIZE-SIZE'],
  example: 'slice:1-512',
  does: 'cuts into pieces of random sizes between the two',
  numbers: ['min', 'max'],
  read: (behind) => (behind.includes('-') ? readRange(behind, readSize) : undefined),
  check: ({ min, max }) => {
    if (min > max) {
      refuse(`slice:${min}-${max}: the range is empty.`);
    }
    if (min < 1) {
      refuse(`slice:${min}-${max}: the smallest piece must have 1 byte or more.`);
    }
  },
  effect: ({ min, max }) => ({ kind: 'sizes', min, max }),
});
