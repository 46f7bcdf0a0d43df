// Proves every stranger (decoders as people write them) with the default options. test/prove proves
// a third of them, with fewer cases.

import { testStrangers } from '../prove/strangers/table.ts';

testStrangers({ measure: true, isSample: false });
