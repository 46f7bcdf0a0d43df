// Golden frames of the formats of the family `tools`. How they are written: notation.ts.

import { text } from './notation.ts';

// prettier-ignore
export const tools: Readonly<Record<string, readonly string[]>> = {
  // CNXN host::
  adb: ['434e584e 01000001 00001000 | 07000000 | 32020000 bcb1a7b1 | 686f73743a3a00 |'],
  chromeNativeMessaging: [`| 10000000 | | ${text('{"text":"hello"}')} |`],
  // stdout, stderr
  dockerAttach: [`01000000 | 00000006 | | ${text('hello\n')} |`, `02000000 | 00000001 | | 0a |`],
  adbHost: [
    '| 30303063 | | 686f73743a76657273696f6e |',
  ],
  graphitePickle: [
    '| 00000002 | | 5d2e |',
  ],
  graphitePlain: [
    '6c6f63616c2e72616e646f6d203420313730303030303030300a => 6c6f63616c2e72616e646f6d20342031373030303030303030',
  ],
  mumble: [
    '0003 | 00000000 | | |',
    '0003 | 00000002 | | 0801 |',
  ],
  ndjson: [
    '7b2261223a317d0a => 7b2261223a317d',
  ],
  gelfTcp: [
    '7b2276657273696f6e223a22312e31222c22686f7374223a2261222c2273686f72745f6d657373616765223a2262227d00 => 7b2276657273696f6e223a22312e31222c22686f7374223a2261222c2273686f72745f6d657373616765223a2262227d',
  ],
  sshAgent: [
    '| 00000001 | | 0b |',
    '| 00000005 | | 0c00000000 |',
  ],
  zabbix: [
    '5a42584401 | 0a000000 | 00000000 | 6167656e742e70696e67 |',
  ],
};
