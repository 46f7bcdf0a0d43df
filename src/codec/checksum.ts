// Calls a checksum function of the caller's and holds it to its word.

import { UsageError } from '../errors.ts';
import type { Checksum } from './frame-layout.ts';

/** The checksum of `bytes`. UsageError ERR_OPTION when the function fails or gives another length. */
export function checksumOf(checksum: Checksum, bytes: Uint8Array): Uint8Array {
  let result: unknown;
  try {
    result = checksum.compute(bytes);
  } catch (cause) {
    throw new UsageError('ERR_OPTION', 'trailer.compute threw an error.', { cause });
  }
  if (result instanceof Uint8Array && result.length === checksum.length) return result;
  throw new UsageError('ERR_OPTION', `trailer.compute did not return ${checksum.length} bytes.`, {
    hint: 'It must return a Uint8Array of trailer.length bytes.',
  });
}
