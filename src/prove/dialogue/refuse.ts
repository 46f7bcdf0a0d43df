// All code that refuses a dialogue calls this function.

import { UsageError } from '../../errors.ts';
import type { ErrorInit } from '../../errors.ts';

/** Throws UsageError ERR_DIALOGUE. */
export function refuseDialogue(facts: string, init: ErrorInit = {}): never {
  throw new UsageError('ERR_DIALOGUE', facts, init);
}
