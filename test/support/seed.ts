// Import this first in every property file. fast-check prints the seed and the path of a failure;
// UNSTICK_SEED runs that seed again. UNSTICK_RUNS multiplies the number of cases of a property: it is 1 in
// .ci/run, 20 in .ci/long, and 0.4 by default, as in `npm test`. Each run tries other cases.

import { env } from 'node:process';
import * as fc from 'fast-check';

const seed = env['UNSTICK_SEED'];
const factor = Number(env['UNSTICK_RUNS'] ?? 0.4);

if (seed !== undefined) {
  fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(seed) });
}

/** How many cases a property tries: `count`, times UNSTICK_RUNS. */
export function runs(count: number): { numRuns: number } {
  return { numRuns: Math.ceil(count * factor) };
}
