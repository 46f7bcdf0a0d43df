// Why there is no verdict on a server. The error is thrown where the reason shows, and caught where the
// report is made.

import type { Varying } from '../evidence/baselines.ts';

/** Used inside prove/ only; the report carries its message, and the two answers that differ. */
export class Inconclusive extends Error {
  override readonly name = 'Inconclusive';
  readonly varying: Varying | undefined;

  constructor(message: string, varying?: Varying) {
    super(message);
    this.varying = varying;
  }
}

/** The baselines no longer hold: answers changed without a cut, or were equal by chance. Take them again. */
export class Changed extends Inconclusive {}
