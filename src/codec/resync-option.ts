// Checks the option `resync` of a codec, without loading the code of the search.

import { refuse, refuseValue } from '../options.ts';
import { DESCRIBED_HINT } from './described.ts';
import type { Resync } from './resync.ts';

/**
 * Checks the option and returns it. `hasMarker` says whether the frames begin with fixed bytes, and `hint`
 * says in which option to give fixed bytes. Throws UsageError ERR_OPTION for a value that resync() did not
 * make, and for frames without a marker.
 */
export function checkResync(
  given: Resync | undefined,
  { hasMarker, hint }: { readonly hasMarker: boolean; readonly hint: string },
): Resync | undefined {
  if (given === undefined) {
    return undefined;
  }
  if (typeof given !== 'object' || given === null || typeof given.search !== 'function') {
    refuseValue('resync', { what: 'the value of resync()', hint: DESCRIBED_HINT }, given);
  }
  if (!hasMarker) {
    refuse('resync needs fixed bytes at the front of a frame, because it searches for them.', hint);
  }
  return given;
}
