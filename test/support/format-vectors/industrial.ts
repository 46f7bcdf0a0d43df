// Golden frames of the formats of the family `industrial`. How they are written: notation.ts.

import { text } from './notation.ts';

// prettier-ignore
export const industrial: Readonly<Record<string, readonly string[]>> = {
  // STARTDT act and con; general interrogation
  iec104: ['68 | 04 | | 07000000 |', '68 | 04 | | 0b000000 |', '68 | 0e | | 00000000 64 01 06 00 0100 000000 14 |'],
  // read three holding registers of unit 17, and the answer
  modbusTcp: ['0001 0000 | 0006 | 11 | 03 006b 0003 |', '0001 0000 | 0009 | 11 | 03 06 ae41 5652 4340 |'],
  // HEL, ACK
  opcUa: [
    `48454c46 | 38000000 | | 00000000 00000100 00000100 00000000 00000000 18000000 ${text('opc.tcp://localhost:4840')} |`,
    '41434b46 | 1c000000 | | 00000000 00000100 00000100 00000000 00000000 |',
  ],
  // X.224 connection request of RDP
  tpkt: ['0300 | 0013 | | 0e e0 0000 0000 00 01 00 0800 03000000 |'],
};
