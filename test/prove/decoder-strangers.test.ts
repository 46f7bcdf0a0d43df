// Proves a third of the strangers (decoders as people write them) with few cases. test/interop proves all of
// them with the default options.

import { testStrangers } from './strangers/table.ts';

testStrangers({ runs: 60, measure: false, isSample: true });
