// If a LengthField threw, or returned a value that is no length, encode (deliver: 'frame') and take let
// errors of the engine out (for a BigInt length, or a fractional width). Now such a result is a bug of the
// field and throws UsageError: it is not the remote's fault.

import { describe, expect, test } from 'vitest';
import type { LengthField } from '../../src/codec/length-field.ts';
import { lengthPrefixed } from '../../src/codec/length-prefixed.ts';
import { digitsField } from '../support/frame-arbitraries.ts';

function answering(answer: unknown): LengthField {
  return { maxWidth: 2, read: () => answer as undefined, write: () => Uint8Array.of(0) };
}

describe('a custom length field', () => {
  test('that refuses the prefix of a given frame makes encode refuse it', () => {
    const codec = lengthPrefixed({ prefix: digitsField, deliver: 'frame' });
    const call = (): unknown => codec.encode(Uint8Array.of(1, 2, 3));
    expect(call).toThrow(expect.objectContaining({ code: 'ERR_FRAME_UNENCODABLE' }));
  });

  test.each([
    { length: 5n, width: 1 },
    { length: 1, width: 1.5 },
    { length: 1, width: 0 },
    { length: 1, width: 3 },
    { length: '1', width: 1 },
    { width: 1 },
  ])('that answers $length in $width bytes is a bug of the field', (answer) => {
    const decoder = lengthPrefixed({ prefix: answering(answer) }).decoder();
    decoder.push(new Uint8Array(8));
    expect(() => decoder.take()).toThrow(expect.objectContaining({ code: 'ERR_OPTION' }));
  });

  test('that is fixed may neither read nor write fewer bytes', () => {
    const short: LengthField = { ...answering({ length: 0, width: 1 }), fixed: true };
    const codec = lengthPrefixed({ prefix: short, counts: ['prefix', 'payload'] });
    const decoder = codec.decoder();
    decoder.push(new Uint8Array(8));
    expect(() => decoder.take()).toThrow(expect.objectContaining({ code: 'ERR_OPTION' }));
    expect(() => codec.encode(new Uint8Array(1))).toThrow('no prefix of 2 to 2 bytes');
  });
});
