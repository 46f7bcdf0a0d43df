// Golden frames of the formats of the family `files`. How they are written: notation.ts.

import { text } from './notation.ts';

const zeros = (count: number): string => '00'.repeat(count);

// prettier-ignore
export const files: Readonly<Record<string, readonly string[]>> = {
  // SMB1 negotiate of NT LM 0.12
  directTcpSmb: [
    `00 | 00002f | | ff534d42 72 00000000 18 0128 0000 ${zeros(8)} 0000 0000 aef6 0000 0000 00 0c00 02 ${text('NT LM 0.12')} 00 |`,
  ],
  afpDsi: [
    '0003000100000000 | 00000000 | 00000000 | |',
  ],
  isns: [
    '00010001 | 0004 | 0c0000010000 | 00000000 |',
  ],
  nineP: [
    '| 13000000 | | 64ffff002000000600395032303030 |',
  ],
  nvmeTcp: [
    '00008000 | 80000000 | | 000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000 |',
  ],
  sftp: [
    '| 00000005 | | 0100000003 |',
  ],
};
