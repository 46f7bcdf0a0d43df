// Every stranger with the default options. test/prove does it with fewer cases.

import { testStrangers } from '../prove/strangers/table.ts';

testStrangers({ measure: true });
