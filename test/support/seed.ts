// Import this first in every property file. fast-check prints the seed and the path of a failure;
// UNSTICK_SEED runs that seed again, UNSTICK_RUNS multiplies how many cases are tried: .ci/run tries all that
// a property asks for, .ci/long 20 times as many, and `npm test` a part, others each time.

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
