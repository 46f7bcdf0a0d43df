// Reads the markers in options. A marker is given as bytes, or as hex that a person can read.

import { refuse, refuseValue } from '../../options.ts';
import { isBytes } from '../bytes.ts';
import { fromHex } from '../hex.ts';

/**
 * Maximum length of a marker. It is small because decode compares a start marker again from its first byte
 * after each chunk that ends inside the marker.
 */
const MAX_LENGTH = 256;
const HINT = "Such as '0d 0a', which is CRLF.";

/**
 * Returns the bytes of a marker, as a copy. Throws UsageError ERR_OPTION; `name` is the name of the option in
 * the message.
 */
export function markerBytes(name: string, given: unknown): Uint8Array {
  const bytes = bytesOf(name, given);
  if (bytes.length === 0 || bytes.length > MAX_LENGTH) {
    refuse(`${name} must have 1 to ${MAX_LENGTH} bytes, not ${bytes.length}.`);
  }
  return bytes;
}

function bytesOf(name: string, given: unknown): Uint8Array {
  if (typeof given === 'string') {
    return fromHex(name, given);
  }
  return isBytes(given)
    ? Uint8Array.from(given)
    : refuseValue(name, { what: 'bytes, or hex', hint: HINT }, given);
}
