// Proves every decoder of this package with all checks. test/prove measures the costs of a few.

import { describe, expect, test } from 'vitest';
import { ourProofs, passed } from '../prove/our-proofs.ts';

describe('a proof of our decoders, with all checks', () => {
  test.each(ourProofs)('holds for $name', async (proof) => {
    const made = await passed(proof);
    expect(made.passed).toEqual(made.wanted);
  });
});
