// Proves all decoders with planted bugs, with all checks. test/prove does some of them.

import { describe, expect, test } from 'vitest';
import { proveRight, testMutants } from '../prove/mutant-proofs.ts';
import { mutants } from '../prove/mutants.ts';

describe('proveDecoder against planted bugs, with all checks', () => {
  test('finds nothing wrong with the right decoder', async () => {
    const report = await proveRight();
    expect(report.text).toMatch(/^SAFE/);
    expect(report.checks.every(({ state }) => state === 'passed')).toBe(true);
  });

  testMutants(mutants, { thorough: true });
});
