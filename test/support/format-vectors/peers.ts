// Golden frames of the formats of the family `peers`. How they are written: notation.ts.

import { text } from './notation.ts';

// prettier-ignore
export const peers: Readonly<Record<string, readonly string[]>> = {
  // verack; ping
  bitcoin: [
    'f9beb4d9 76657261636b000000000000 | 00000000 | 5df6e0e2 | |',
    'f9beb4d9 70696e670000000000000000 | 08000000 | 2502fa94 | 0102030405060708 |',
  ],
  // keep-alive; interested; request
  bittorrent: [
    '| 00000000 | | |', '| 00000001 | | 02 |', '| 0000000d | | 06 00000000 00000000 00004000 |',
  ],
  // handshake of version 47 with localhost:25565; status request; a length of two bytes
  minecraft: [`| 0f | | 00 2f 09 ${text('localhost')} 63dd 01 |`, '| 01 | | 00 |', `| 8001 | | ${'61'.repeat(128)} |`],
};
