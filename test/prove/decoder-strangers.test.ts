// Every stranger with fewer cases. test/interop proves them with the default options.

import { testStrangers } from './strangers/table.ts';

testStrangers({ runs: 60, measure: false });
