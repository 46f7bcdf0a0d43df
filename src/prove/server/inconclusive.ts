// Error with the reason why there is no verdict on a server. It is thrown where the reason shows, and caught
// where the report is made.

import type { Varying } from '../evidence/baselines.ts';

/** Used only inside prove/. The report carries the message, and the two answers that differ. */
export class Inconclusive extends Error {
  override readonly name = 'Inconclusive';
  readonly varying: Varying | undefined;

  constructor(message: string, varying?: Varying) {
    super(message);
    this.varying = varying;
  }
}

/**
 * Error for baselines that no longer hold: answers changed without a cut, or had been equal only by chance.
 * The catcher takes the baselines again.
 */
export class Changed extends Inconclusive {}
