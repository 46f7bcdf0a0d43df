// `slice:1-5`: pieces of random sizes.

import { refuse } from '../../options.ts';
import { faultRow, readRange } from './row.ts';
import type { FaultRow } from './row.ts';

export const SLICE: FaultRow<'min' | 'max'> = faultRow({
  words: ['slice:MIN-MAX'],
  does: 'pieces of MIN to MAX bytes; a plan with numbers of your own',
  numbers: ['min', 'max'],
  read: readRange,
  check: ({ min, max }) => {
    if (min > max) {
      refuse(`slice:${min}-${max}: the range is empty.`);
    }
    if (min < 1) {
      refuse('slice: a piece has 1 byte or more.');
    }
  },
  effect: ({ min, max }) => ({ kind: 'sizes', min, max }),
});
