// Prints the peak memory of a program when the program ends. Load it with `NODE_OPTIONS=--import=...`. It is
// plain JavaScript, because it is loaded first.

import { writeSync } from 'node:fs';

process.once('exit', () => {
  // maxRSS is in KiB.
  writeSync(2, `peak memory ${Math.round(process.resourceUsage().maxRSS / 1024)} MiB\n`);
});
