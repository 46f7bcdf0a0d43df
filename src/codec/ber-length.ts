// The length of a BER value (X.690, 8.1.3). A length below 128 takes one byte (short form). For a longer
// length the first byte says how many bytes follow, and these bytes are the length in big-endian order (long
// form).

import type { LengthField } from './length-field.ts';
import { malformed } from './malformed.ts';

const LONG_FORM = 0x80;
/**
 * Maximum number of bytes that may follow the first byte in the long form. Seven bytes hold more than 2^53-1.
 */
const MAX_LENGTH_BYTES = 7;

/**
 * Reads and writes a definite length of BER, in short or long form, behind a tag that belongs to the caller:
 * `{ before: 1, prefix: berLength }`. Encode writes the shortest form, and decode accepts longer ones. Decode
 * refuses the indefinite form, and a long form of more than 7 bytes, with ERR_PREFIX_MALFORMED.
 */
export const berLength: LengthField = Object.freeze({
  name: 'berLength',
  maxWidth: 1 + MAX_LENGTH_BYTES,
  maxLength: Number.MAX_SAFE_INTEGER,
  read(bytes: Uint8Array, at: number) {
    const first = bytes[at];
    if (first === undefined) {
      return undefined;
    }
    if (first < LONG_FORM) {
      return { length: first, width: 1 };
    }
    const count = first - LONG_FORM;
    if (count === 0 || count > MAX_LENGTH_BYTES) {
      throw malformed(
        'the BER length is indefinite or too long',
        'LDAP and DER allow definite lengths only, and this field reads at most 7 bytes.',
      );
    }
    if (bytes.length - at - 1 < count) {
      return undefined;
    }
    let length = 0;
    for (let i = at + 1; i <= at + count; i++) {
      length = length * 256 + (bytes[i] ?? 0);
    }
    return { length, width: 1 + count };
  },
  write(length: number) {
    if (length < LONG_FORM) {
      return Uint8Array.of(length);
    }
    const number: number[] = [];
    for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) {
      number.unshift(rest % 256);
    }
    return Uint8Array.of(LONG_FORM + number.length, ...number);
  },
});
