// Proves every decoder of this package. Only some of the costs are measured here; test/interop measures all
// of them.

import { describe, expect, test } from 'vitest';
import { sampleName, sampled } from '../support/sample.ts';
import { MEASURED } from './mutant-proofs.ts';
import { ourProofs, passed } from './our-proofs.ts';

const measured = sampled(ourProofs, 7);

describe(`a proof of our decoders, costs of ${sampleName}`, () => {
  test.each(ourProofs)('holds for $name', async (proof) => {
    const made = await passed(proof, measured.includes(proof) ? [] : MEASURED);
    expect(made.passed).toEqual(made.wanted);
  });
});
