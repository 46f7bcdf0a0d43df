// A part of a large table, by a seed that the test prints: another part in each run. UNSTICK_SEED repeats
// a part, and UNSTICK_WHOLE takes everything, as .ci/long does.

import { env } from 'node:process';

const isWhole = env['UNSTICK_WHOLE'] !== undefined;

const sampleSeed: number = Number(env['UNSTICK_SEED'] ?? Math.floor(Math.random() * 2 ** 31));

/** For the name of a test: what was taken. */
export const sampleName: string = isWhole ? 'all' : `a sample by UNSTICK_SEED=${sampleSeed}`;

/** Every `step`-th row, from where the seed says. */
export function sampled<Row>(rows: readonly Row[], step: number): Row[] {
  return rows.filter((_, index) => isWhole || (index + sampleSeed) % step === 0);
}
