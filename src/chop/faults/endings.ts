// The faults that end a direction, or the connection, after a given number of bytes.

import { endingRow } from './row.ts';
import type { FaultRow } from './row.ts';

export const STALL: FaultRow<'at'> = endingRow(
  'stall',
  'after SIZE nothing more passes in this direction; later bytes of the sender are read and dropped',
);

export const HALF_CLOSE: FaultRow<'at'> = endingRow(
  'half-close',
  'after SIZE the receiver gets a FIN; the answers of the receiver still pass',
);

export const FIN: FaultRow<'at'> = endingRow('fin', 'after SIZE both sides get a FIN');

export const RST: FaultRow<'at'> = endingRow(
  'rst',
  'after SIZE, when the receiver has read all of it, both sides get a RST',
);
