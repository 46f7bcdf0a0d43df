// Proves some decoders of this package, and measures the costs of few of them. test/interop proves all of them,
// with all checks.

import { describe, expect, test } from 'vitest';
import { sampleName, sampled } from '../support/sample.ts';
import { MEASURED } from './mutant-proofs.ts';
import { ourProofs, passed } from './our-proofs.ts';

const chosen = sampled(ourProofs, 3);
const measured = chosen.filter((_, index) => index % 3 === 0);

describe(`a proof of our decoders, ${sampleName}`, () => {
  test.each(chosen)('holds for $name', async (proof) => {
    const made = await passed(proof, measured.includes(proof) ? [] : MEASURED);
    expect(made.passed).toEqual(made.wanted);
  });
});
