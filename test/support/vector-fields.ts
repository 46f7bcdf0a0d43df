// Length fields of formats that are not a plain number: what a LengthField of yours can express.

import type { LengthField } from '../../src/codec/length-field.ts';

/** Decimal digits without leading zeros, up to a colon (netstrings up to 99999). */
export const netstringField: LengthField = {
  maxWidth: 6,
  maxLength: 99_999,
  read(bytes, at) {
    const colon = bytes.indexOf(58, at);
    const digits = String.fromCharCode(...bytes.subarray(at, colon < 0 ? bytes.length : colon));
    if (!/^(?:|0|[1-9][0-9]*)$/.test(digits)) throw new RangeError('not a netstring length');
    if (colon < 0) return undefined;
    if (digits === '') throw new RangeError('no length');
    return { length: Number(digits), width: colon - at + 1 };
  },
  write: (length) => new TextEncoder().encode(`${length}:`),
};

function view(bytes: Uint8Array, at: number): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset + at);
}

/** RFC 5531 record marking: 31 bits of length, and one that says "last". */
export const recordMarkField: LengthField = {
  maxWidth: 4,
  fixed: true,
  maxLength: 2 ** 31 - 1,
  read: (bytes, at) =>
    bytes.length < at + 4
      ? undefined
      : { length: view(bytes, at).getUint32(0) % 2 ** 31, width: 4 },
  write: (length) => Uint8Array.of(128 + (length >>> 24), length >>> 16, length >>> 8, length),
};

const cannotWrite = (): never => {
  throw new RangeError('the rest of the header is not known here');
};

/** BER: a tag of one or more bytes, then a short or a long length. Reads only. */
export const berField: LengthField = {
  maxWidth: 16,
  read(bytes, at) {
    let next = at + 1;
    if ((bytes[at] ?? 0) % 32 === 31) while ((bytes[next++] ?? 0) >= 128);
    const [first, ...more] = bytes.subarray(next);
    if (first === undefined) return undefined;
    if (first < 128) return { length: first, width: next + 1 - at };
    const count = first - 128;
    if (more.length < count) return undefined;
    const length = more.slice(0, count).reduce((value, byte) => value * 256 + byte, 0);
    return { length, width: next + 1 + count - at };
  },
  write: cannotWrite,
};

/** GIOP: a 12-byte header, of which a flag gives the byte order of the length at its end. Reads only. */
export const giopField: LengthField = {
  maxWidth: 12,
  fixed: true,
  read(bytes, at) {
    if (bytes.length < at + 12) return undefined;
    if (String.fromCharCode(...bytes.subarray(at, at + 4)) !== 'GIOP')
      throw new RangeError('not GIOP');
    const little = (bytes[at + 6] ?? 0) % 2 === 1;
    return { length: view(bytes, at).getUint32(8, little), width: 12 };
  },
  write: cannotWrite,
};

/** Four bytes that count some bytes which are nowhere in the frame. */
export function shiftedField(by: number): LengthField {
  return {
    maxWidth: 4,
    fixed: true,
    maxLength: 2 ** 32 - 1 - by,
    read: (bytes, at) =>
      bytes.length < at + 4 ? undefined : { length: view(bytes, at).getUint32(0) - by, width: 4 },
    write(length) {
      const bytes = new Uint8Array(4);
      view(bytes, 0).setUint32(0, length + by);
      return bytes;
    },
  };
}
