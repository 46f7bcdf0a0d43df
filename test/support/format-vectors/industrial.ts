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
  adsAms: [
    '0000 | 20000000 | | c0a8010101015303c0a801020101530304000400000000000000000001000000 |',
  ],
  enip: [
    '6500 | 0400 | 0000000000000000000000000000000000000000 | 01000000 |',
  ],
  c37118: [
    'aa41 | 0012 | | 003c48baf81c0008f0d10002 | 2432',
  ],
  hartIp: [
    '010000000001 | 000d | | 0100007530 |',
  ],
  hsms: [
    '| 0000000a | | ffff0000000100000001 |',
    '| 0000000a | | ffff0000000500000002 |',
  ],
  knxIp: ['06100203 | 000e | | 08017f0000010e57 |', '06100203 | 000e | | 0801000000000000 |'],
  melsec3E: [
    '500000ffff0300 | 0c00 | | 1000010400002c0100a80300 |',
  ],
  melsec3EAnswer: [
    'd00000ffff0300 | 0600 | | 000002010403 |',
  ],
  omronFins: [
    '46494e53 | 0000000c | 0000000000000000 | 00000000 |',
    '46494e53 | 0000001a | 0000000200000000 | 80000300010000ef00070101b10014000001 |',
  ],
};
