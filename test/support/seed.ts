// Import this first in every property file. fast-check prints the seed and the path of a failure;
// UNSTICK_SEED runs that seed again, UNSTICK_RUNS multiplies how many cases are tried.

import { env } from 'node:process';
import * as fc from 'fast-check';

const seed = env['UNSTICK_SEED'];
const factor = Number(env['UNSTICK_RUNS'] ?? 1);

if (seed !== undefined) {
  fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(seed) });
}

/** How many cases a property tries: `count`, times UNSTICK_RUNS where that is set. */
export function runs(count: number): { numRuns: number } {
  return { numRuns: Math.ceil(count * factor) };
}
