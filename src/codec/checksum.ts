// Calls the caller's checksum function and checks what it returns.

import { isBytes } from './bytes.ts';
import { brokenCallback } from './callbacks.ts';
import type { Checksum } from './frame-layout.ts';
import { UsageError } from '../errors.ts';

/**
 * Computes the checksum of `bytes`. A checksum cannot refuse bytes, so anything that `compute` throws is
 * a bug: UsageError ERR_OPTION, as for a result that is not bytes or has another length.
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
