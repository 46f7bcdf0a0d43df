// Takes a part of a large table, another part in each run. The name of the test has the seed of the part, and
// UNSTICK_SEED repeats it. With UNSTICK_WHOLE, as in .ci/long, the part is the whole table.

import { env } from 'node:process';

const isWhole = env['UNSTICK_WHOLE'] !== undefined;

const sampleSeed: number = Number(env['UNSTICK_SEED'] ?? Math.floor(Math.random() * 2 ** 31));

/** Says which part was taken, for the name of a test. */
export const sampleName: string = isWhole ? 'all' : `a sample by UNSTICK_SEED=${sampleSeed}`;

/** Every `step`-th row, beginning with a row that depends on the seed. */
export function sampled<Row>(rows: readonly Row[], step: number): Row[] {
  return rows.filter((_, index) => isWhole || (index + sampleSeed) % step === 0);
}
