// Planted bugs, each caught by the check that is there for it. Those that must be measured are in
// test/interop, in a process of their own: this one has the heap of other tests, which hides a cost.

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
