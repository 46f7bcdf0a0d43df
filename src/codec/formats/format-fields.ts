// Length fields of well-known formats that are not a plain number. They are custom fields like any other.

import type { LengthField } from '../length-field.ts';
import { malformed } from '../malformed.ts';

const U32 = 2 ** 32;

function u32(bytes: Uint8Array, at: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(at);
}

function bigEndian(value: number, width: number): Uint8Array {
  const bytes = new Uint8Array(width);
  let rest = value;
  for (let i = width - 1; i >= 0; i--) {
    bytes[i] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  return bytes;
}

/** A signed 32-bit length, where −1 means that a 64-bit one follows. (CPython, multiprocessing/connection.py) */
export const i32OrU64: Readonly<LengthField> = Object.freeze({
  maxWidth: 12,
  read(bytes: Uint8Array, at: number) {
    if (bytes.length - at < 4) {
      return undefined;
    }
    const length = u32(bytes, at) | 0;
    if (length !== -1) {
      return { length, width: 4 };
    }
    if (bytes.length - at < 12) {
      return undefined;
    }
    return { length: u32(bytes, at + 4) * U32 + u32(bytes, at + 8), width: 12 };
  },
  write(length: number) {
    if (length <= 0x7f_ff_ff_ff) {
      return bigEndian(length, 4);
    }
    return Uint8Array.of(255, 255, 255, 255, ...bigEndian(length, 8));
  },
});

const LAST_FRAGMENT = 0x80;

/** ONC RPC record marking: the top bit says "last fragment", 31 bits are the length. (RFC 5531, 11) */
export const recordMark: Readonly<LengthField> = Object.freeze({
  maxWidth: 4,
  fixed: true,
  maxLength: 2 ** 31 - 1,
  read(bytes: Uint8Array, at: number) {
    if (bytes.length - at < 4) {
      return undefined;
    }
    return { length: u32(bytes, at) & 0x7f_ff_ff_ff, width: 4 };
  },
  write(length: number) {
    const bytes = bigEndian(length, 4);
    bytes[0] = (bytes[0] ?? 0) | LAST_FRAGMENT;
    return bytes;
  },
});

const MULTI_BYTE_TAG = 0x1f;
const LONG_FORM = 0x80;
const MAX_TAG_BYTES = 6;
const MAX_LENGTH_BYTES = 7;

/**
 * Tag and length of a BER or DER value (X.690, 8.1). The tag is part of the field, so values are whole
 * frames. The field refuses the indefinite form and lengths of more than 7 bytes.
 */
export const berTagAndLength: Readonly<LengthField> = Object.freeze({
  maxWidth: MAX_TAG_BYTES + 1 + MAX_LENGTH_BYTES,
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
          { laterHint: 'These are no BER values, or the length of the value before was wrong.' },
        );
      }
    }
    const first = bytes[i++];
    if (first === undefined) {
      return undefined;
    }
    if (first < LONG_FORM) {
      return { length: first, width: i - at };
    }
    const count = first - LONG_FORM;
    if (count === 0 || count > MAX_LENGTH_BYTES) {
      throw malformed(
        'the BER length is indefinite or too long',
        'LDAP and DER allow definite lengths only, and this field reads at most 7 bytes.',
      );
    }
    if (bytes.length - i < count) {
      return undefined;
    }
    let length = 0;
    for (const byte of bytes.subarray(i, i + count)) {
      length = length * 256 + byte;
    }
    return { length, width: i + count - at };
  },
  write() {
    throw new RangeError('a BER frame must come with its tag and the right length');
  },
});

const SPACE = 32;
const ZERO = 48;
const NINE = 57;

/** A decimal length and a blank: octet counting of syslog over TCP. (RFC 6587, 3.4.1) */
export const decimalAndSpace: Readonly<LengthField> = Object.freeze({
  maxWidth: 17,
  read(bytes: Uint8Array, at: number) {
    let length = 0;
    for (let i = at; i < bytes.length; i++) {
      const byte = bytes[i] ?? 0;
      if (byte === SPACE && i > at) {
        return { length, width: i - at + 1 };
      }
      if (byte < ZERO || byte > NINE || bytes[at] === ZERO) {
        throw malformed(
          'the length is not decimal digits and a blank',
          'The other framing of RFC 6587 has no length: it ends each message with a newline.',
        );
      }
      length = length * 10 + byte - ZERO;
    }
    return undefined;
  },
  write(length: number) {
    if (length === 0) {
      throw new RangeError('a message has at least one byte (NONZERO-DIGIT)');
    }
    return new TextEncoder().encode(`${length} `);
  },
});
