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
};
