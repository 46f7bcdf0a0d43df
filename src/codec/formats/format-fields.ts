// Length fields of well-known formats in which the length is no plain number. They are LengthFields of the
// kind that a user can write.

import { berLength } from '../ber-length.ts';
import { untilField } from '../digit-fields.ts';
import type { LengthField } from '../length-field.ts';
import { malformed } from '../malformed.ts';
import { readFixed, writeFixed } from '../numbers.ts';
import { resolvePrefix } from '../prefixes.ts';

const MINUS_ONE = [255, 255, 255, 255];
const { code: I32BE } = resolvePrefix('i32be');
const { code: U64BE } = resolvePrefix('u64be');

/**
 * A signed 32-bit length. For a length that does not fit, the field is −1 and then a 64-bit length. (CPython,
 * multiprocessing/connection.py)
 */
export const i32OrU64: Readonly<LengthField> = Object.freeze({
  maxWidth: 12,
  read(bytes: Uint8Array, at: number) {
    if (bytes.length - at < 4) {
      return undefined;
    }
    const length = readFixed(I32BE, bytes, at);
    if (length !== -1) {
      return { length, width: 4 };
    }
    if (bytes.length - at < 12) {
      return undefined;
    }
    return { length: readFixed(U64BE, bytes, at + 4), width: 12 };
  },
  write(length: number) {
    const isShort = length <= 0x7f_ff_ff_ff;
    const bytes = new Uint8Array(isShort ? 4 : 12);
    bytes.set(isShort ? [] : MINUS_ONE);
    writeFixed(isShort ? I32BE : U64BE, length, bytes, isShort ? 0 : 4);
    return bytes;
  },
});

const MULTI_BYTE_TAG = 0x1f;
const MAX_TAG_BYTES = 6;

/**
 * Tag and length of a BER or DER value (X.690, 8.1) as one field. Encode takes only whole frames with it,
 * because a length alone does not determine the tag. Decode refuses the indefinite form, lengths of more than
 * 7 bytes, and tags of more than 6 bytes.
 */
export const berTagAndLength: Readonly<LengthField> = Object.freeze({
  name: 'BER',
  maxWidth: MAX_TAG_BYTES + berLength.maxWidth,
  read(bytes: Uint8Array, at: number) {
    let i = at;
    const tag = bytes[i++];
    if (tag === undefined) {
      return undefined;
    }
    if ((tag & MULTI_BYTE_TAG) === MULTI_BYTE_TAG) {
      while (((bytes[i] ?? 0) & 0x80) !== 0 && i - at < MAX_TAG_BYTES - 1) {
        i++;
      }
      if (i >= bytes.length) {
        return undefined;
      }
      if (((bytes[i++] ?? 0) & 0x80) !== 0) {
        throw malformed(
          `a BER tag takes more than ${MAX_TAG_BYTES} bytes`,
          'These are no BER values.',
          { laterHint: 'These are no BER values, or the length of the previous value was wrong.' },
        );
      }
    }
    const read = berLength.read(bytes, i);
    return read && { length: read.length, width: i - at + read.width };
  },
  write() {
    throw malformed(
      'a BER frame must come with its tag and the right length',
      'To give the payload alone, put a fixed tag into `before` and use berLength.',
    );
  },
});

const SPACE = 32;
const OTHER_FRAMING =
  'The remote may use the other framing of RFC 6587, which ends each message with a newline.';

/** A decimal length and then a blank: octet counting of syslog over TCP. (RFC 6587, 3.4.1) */
export const decimalAndSpace: Readonly<LengthField> = untilField(SPACE, {
  wrong: ['the length is not decimal digits and a blank', OTHER_FRAMING],
  leadingZero: ['the length is not decimal digits and a blank', OTHER_FRAMING],
  noZero: ['the length is 0, but a message has at least one byte', OTHER_FRAMING],
});
