// The tests of the strangers: proveDecoder for users who give nothing but samples. Here a wrong verdict is
// worse than no verdict.

import { describe, expect, test } from 'vitest';
import { assertProven, proveDecoder } from '../../../src/entries/testing.ts';
import type { DecoderCheck } from '../../../src/entries/testing.ts';
import { sampleName, sampled } from '../../support/sample.ts';
import { broken } from './broken.ts';
import { right } from './right.ts';

/** How thoroughly to prove. If `runs` is undefined, the default applies. Measuring takes most of the time. */
export interface Thoroughness {
  readonly runs?: number;
  readonly measure: boolean;
  /** Whether only a part of the strangers is proven, another part in each run. */
  readonly isSample: boolean;
}

const MEASURED: readonly DecoderCheck[] = ['linear-cost', 'bounded-memory'];

/** One test for each stranger, or for a third of them. */
export function testStrangers({ runs, measure, isSample }: Thoroughness): void {
  const seed = Number(process.env['UNSTICK_SEED'] ?? 20261121);
  const without = measure ? [] : MEASURED;
  const step = isSample ? 3 : 1;
  const part = isSample ? `, ${sampleName}` : '';

  describe(`proveDecoder of decoders of every style (UNSTICK_SEED=${seed})${part}`, () => {
    test.each(sampled(right, step))('believes $name', async ({ target, options }) => {
      const report = await proveDecoder(target, { ...options, seed, runs, without });
      assertProven(report);
      expect(report.verdict).toBe('SAFE');
    });

    test.each(sampled(broken, step))(
      'finds a decoder that $name',
      async ({ target, options, foundBy }) => {
        const left = MEASURED.includes(foundBy) ? [] : without;
        const report = await proveDecoder(target, { ...options, seed, runs, without: left });
        expect(report.verdict).toBe('BROKEN');
        expect(report.failures.map(({ check }) => check)).toContain(foundBy);
      },
    );
  });
}
