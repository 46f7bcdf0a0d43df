// The fault `coalesce`: bytes that come without a pause leave as one piece, up to 64 KiB.

import { faultRow } from './row.ts';
import type { FaultRow } from './row.ts';

export const COALESCE: FaultRow<never> = faultRow({
  words: ['coalesce'],
  example: 'coalesce',
  does: 'joins bytes that come without a pause into one piece, up to 64 KiB',
  numbers: [],
  read: (behind) => (behind === '' ? {} : undefined),
  check: () => undefined,
  effect: () => ({ kind: 'join' }),
});
