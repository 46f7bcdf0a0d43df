// Proves every stranger (decoders as people write them) with few cases. test/interop proves them with the
// default options.

import { testStrangers } from './strangers/table.ts';

testStrangers({ runs: 60, measure: false });
