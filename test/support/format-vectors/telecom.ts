// Golden frames of the formats of the family `telecom`. How they are written: notation.ts.

import { text } from './notation.ts';

const zeros = (count: number): string => '00'.repeat(count);

// prettier-ignore
export const telecom: Readonly<Record<string, readonly string[]>> = {
  // LDAP: anonymous bind, its answer; the same in Active Directory's four-byte lengths; a two-byte tag
  berTlv: [
    '| 300c | | 020101 6007 020103 0400 8000 |',
    '| 300c | | 020101 6107 0a0100 0400 0400 |',
    '| 308400000010 | | 020101 618400000007 0a0100 0400 0400 |',
    '| 7f4903 | | 020103 |',
    '| 0500 | | |',
  ],
  // Device-Watchdog-Request with Origin-Host and Origin-Realm
  diameter: [
    `01 | 000034 | 80 000118 00000000 00000001 00000002 | 00000108 4000000f ${text('a.local')} 00 00000128 4000000d ${text('local')} 000000 |`,
  ],
  // PCMU
  rtpOverTcp: ['| 0010 | | 80 00 0001 000000a0 12345678 d5d5d5d5 |'],
  // submit_sm "Hello wikipedia"
  smpp: [
    `| 0000003c | | 00000004 00000000 00000005 00 02 08 35353500 01 01 35353535353535353500 ${zeros(9)} 0f ${text('Hello wikipedia')} |`,
    '| 00000010 | | 00000015 00000000 00000001 |',
  ],
  cmpp: [
    '| 0000000c | | 0000000800000001 |',
    '| 0000000d | | 800000080000000100 |',
  ],
  rtspInterleaved: [
    '2400 | 0010 | | 80000001000000a012345678d5d5d5d5 |',
  ],
  sgip: [
    '| 00000014 | | 00000002000003e80a1b2c3d00000001 |',
  ],
  skinny: [
    '| 04000000 | 00000000 | 00000000 |',
  ],
  smgp: [
    '| 0000000c | | 0000000400000001 |',
  ],
};
