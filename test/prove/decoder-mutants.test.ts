// Each planted bug must be caught by the check that is meant for it. Bugs whose cost must be measured are in
// test/interop, in a process of their own, because the heap of other tests would hide such a cost here.

import { describe, expect, test } from 'vitest';
import { MEASURED, testMutants } from './mutant-proofs.ts';
import { mutants } from './mutants.ts';

describe('proveDecoder against planted bugs', () => {
  test('knows at least twenty of them', () => {
    expect(mutants.length).toBeGreaterThanOrEqual(20);
  });

  testMutants(
    mutants.filter(({ caughtBy }) => !MEASURED.includes(caughtBy)),
    { thorough: false },
  );
});
