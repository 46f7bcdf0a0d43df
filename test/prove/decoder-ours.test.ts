// Every decoder of this package is proven; their costs are measured in turn. test/interop measures all.

import { describe, expect, test } from 'vitest';
import { MEASURED } from './mutant-proofs.ts';
import { ourProofs, passed } from './our-proofs.ts';
import { choiceSeed, chosen } from './sampling.ts';

const measured = chosen(ourProofs, 2);

describe(`a proof of our decoders (UNSTICK_SEED=${choiceSeed})`, () => {
  test.each(ourProofs)('holds for $name', async (proof) => {
    const made = await passed(proof, measured.includes(proof) ? [] : MEASURED);
    expect(made.passed).toEqual(made.wanted);
  });
});
