// Prints the peak memory and the processor time of a program when the program ends. Load it with
// `NODE_OPTIONS=--import=...`. It is plain JavaScript, because it is loaded first.

import { writeSync } from 'node:fs';

process.once('exit', () => {
  // Times are in µs, and maxRSS is in KiB.
  const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
  const seconds = ((userCPUTime + systemCPUTime) / 1e6).toFixed(2);
  writeSync(2, `peak memory ${Math.round(maxRSS / 1024)} MiB, processor time ${seconds} s\n`);
});
