// Planted bugs, each caught by the check that is there for it. Those that must be measured take turns;
// test/interop makes all checks of all of them.

import { describe, expect, test } from 'vitest';
import { sampleName, sampled } from '../support/sample.ts';
import { MEASURED, proveRight, testMutants } from './mutant-proofs.ts';
import { mutants } from './mutants.ts';

describe(`proveDecoder against planted bugs, measured: ${sampleName}`, () => {
  test('finds nothing wrong with the right decoder', async () => {
    const { text } = await proveRight(MEASURED);
    expect(text).toMatch(/^SAFE/);
  });

  test('knows at least twenty of them', () => {
    expect(mutants.length).toBeGreaterThanOrEqual(20);
  });

  const measured = mutants.filter(({ caughtBy }) => MEASURED.includes(caughtBy));
  testMutants(
    mutants.filter((mutant) => !measured.includes(mutant)),
    { thorough: false },
  );
  testMutants(sampled(measured, 3), { thorough: false });
});
