// The process of a crowd: its options come as JSON in the first argument. It says when it begins, and
// gives its report when the parent says "stop".

import { Crowd } from './crowd.ts';
import type { CrowdOptions } from './crowd.ts';

const crowd = new Crowd(JSON.parse(process.argv[2] ?? '{}') as CrowdOptions);

process.on('message', () => {
  void crowd.stop().then((report) => process.send?.(report, () => process.disconnect()));
});
// The parent has died.
process.on('disconnect', () => process.exit());
process.send?.('begun');
