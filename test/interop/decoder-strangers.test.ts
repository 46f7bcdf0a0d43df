// Proves every stranger (decoders as people write them) with the default options. test/prove does it with
// fewer cases.

import { testStrangers } from '../prove/strangers/table.ts';

testStrangers({ measure: true });
