// Length fields that are not a plain number, for framing vectors which need a LengthField of their own.

import type { LengthField } from '../../src/codec/length-field.ts';

function view(bytes: Uint8Array, at: number): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset + at);
}

const cannotWrite = (): never => {
  throw new RangeError('the rest of the header is not known here');
};

/** The 12-byte header of GIOP: its last 4 bytes are the length, in the byte order of a flag. Reads only. */
export const giopField: LengthField = {
  maxWidth: 12,
  fixed: true,
  read(bytes, at) {
    if (bytes.length < at + 12) {
      return undefined;
    }
    if (String.fromCharCode(...bytes.subarray(at, at + 4)) !== 'GIOP') {
      throw new RangeError('not GIOP');
    }
    const little = (bytes[at + 6] ?? 0) % 2 === 1;
    return { length: view(bytes, at).getUint32(8, little), width: 12 };
  },
  write: cannotWrite,
};

/** Four bytes whose number is `by` larger than the length. */
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
