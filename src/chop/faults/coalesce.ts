// `coalesce`: what comes without a pause leaves as one piece, up to 64 KiB.

import { faultRow } from './row.ts';
import type { FaultRow } from './row.ts';

export const COALESCE: FaultRow<never> = faultRow({
  words: ['coalesce'],
  example: 'coalesce',
  does: 'as the plan of that name',
  numbers: [],
  read: (behind) => (behind === '' ? {} : undefined),
  check: () => undefined,
  effect: () => ({ kind: 'join' }),
});
