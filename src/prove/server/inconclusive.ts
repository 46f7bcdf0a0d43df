// Why there is no verdict on a server: thrown wherever that shows, caught where the report is made.

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

/** The answers to whole requests have changed for good, without a cut: they are to be taken again. */
export class Changed extends Inconclusive {}
