// Every server of the documentation lives through strangers; see test/docs/survive.ts. All of them take
// too long for the unit tests, which have a sample.

import { besiegeable } from '../docs/listening-programs.ts';
import { describeSurvival } from '../docs/survive.ts';

describeSurvival(besiegeable);
