// Golden frames of the formats of the family `tools`. How they are written: notation.ts.

import { text } from './notation.ts';

// prettier-ignore
export const tools: Readonly<Record<string, readonly string[]>> = {
  // CNXN host::
  adb: ['434e584e 01000001 00001000 | 07000000 | 32020000 bcb1a7b1 | 686f73743a3a00 |'],
  chromeNativeMessaging: [`| 10000000 | | ${text('{"text":"hello"}')} |`],
  // stdout, stderr
  dockerAttach: [`01000000 | 00000006 | | ${text('hello\n')} |`, `02000000 | 00000001 | | 0a |`],
};
