// Loaded before a program (`NODE_OPTIONS=--import=...`, so it is plain JavaScript): when that ends, it says how much memory it had at most.

import { writeSync } from 'node:fs';

process.once('exit', () => {
  // maxRSS is in KiB.
  writeSync(2, `peak memory ${Math.round(process.resourceUsage().maxRSS / 1024)} MiB\n`);
});
