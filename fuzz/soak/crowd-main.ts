// The process of a crowd. Its first argument has the options as JSON. It tells its parent when it has begun.
// On the message "stop" it ends all connections and sends its report.

import { Crowd } from './crowd.ts';
import type { CrowdOptions } from './crowd.ts';

const crowd = new Crowd(JSON.parse(process.argv[2] ?? '{}') as CrowdOptions);

process.on('message', () => {
  void crowd.stop().then((report) => process.send?.(report, () => process.disconnect()));
});
// End when the parent has died.
process.on('disconnect', () => process.exit());
process.send?.('begun');
