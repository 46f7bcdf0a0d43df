// Calls a checksum function of the caller's and holds it to its word.

import { isBytes } from './bytes.ts';
import { brokenCallback } from './callbacks.ts';
import type { Checksum } from './frame-layout.ts';
import { UsageError } from '../errors.ts';

/**
 * The checksum of `bytes`. A checksum cannot refuse, so whatever `compute` throws is a bug: UsageError
 * ERR_OPTION, as for a result that is no bytes or of another length.
 */
export function checksumOf(checksum: Checksum, bytes: Uint8Array): Uint8Array {
  let result: unknown;
  try {
    result = checksum.compute(bytes);
  } catch (cause) {
    if (cause instanceof UsageError) {
      throw cause;
    }
    throw brokenCallback('trailer.compute threw an error.', cause);
  }
  if (isBytes(result) && result.length === checksum.length) {
    return result;
  }
  throw brokenCallback(`trailer.compute did not return a Uint8Array of ${checksum.length} bytes.`);
}
