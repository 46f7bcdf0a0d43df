// Options: what contradicts itself is refused when the codec is made, with the reason.

import { describe, expect, test } from 'vitest';
import type { FramePart } from '../../src/codec/frame-layout.ts';
import { lengthPrefixed } from '../../src/codec/length-prefixed.ts';
import { hex, join, toHex } from '../support/bytes.ts';
import { digitsField, middleFirstField } from '../support/frame-arbitraries.ts';

const compute = (): Uint8Array => new Uint8Array(1);
const refused: [string, object, RegExp][] = [
  ['an unknown option', { lengthFieldOffset: 1 }, /no option "lengthFieldOffset"/],
  ['an unknown prefix', { prefix: 'u31be' }, /"u31be" is not a length format/],
  ['a signed prefix of another width', { prefix: 'i16be' }, /"i16be" is not/],
  ['a prefix without a byte order', { prefix: 'u32' }, /"u32" is not/],
  ['a prefix that is a number', { prefix: 4 }, /prefix 4 is not/],
  ['a field that cannot write', { prefix: { maxWidth: 1, read: compute } }, /not a LengthField/],
  ['a field without a width', { prefix: { ...digitsField, maxWidth: 0 } }, /not a LengthField/],
  ['a part that is none', { counts: ['payload', 'body'] }, /counts must be one of .*"body"/],
  ['a part named twice', { counts: ['payload', 'payload'] }, /twice/],
  ['a number that does not count the payload', { counts: ['prefix'] }, /must include 'payload'/],
  ['a varint that counts itself', { prefix: 'varint', counts: ['prefix', 'payload'] }, /varies/],
  [
    'a varying field that counts itself',
    { prefix: digitsField, counts: ['prefix', 'payload'] },
    /varies/,
  ],
  ['a negative section', { before: -1 }, /before must be/],
  ['a fractional section', { after: 1.5 }, /after must be/],
  ['a section that is text', { trailer: '\r\n' }, /trailer must be bytes in hex/],
  ['an empty text as a section', { before: '' }, /before must be bytes in hex/],
  ['half a byte in hex', { before: '23 2' }, /before must be .*"23 2".*'23 23'/],
  ['bytes in hex with a sign', { after: '0x23' }, /after must be bytes in hex/],
  ['a description of another codec', { codec: 'delimited' }, /codec must be lengthPrefixed/],
  ['a checksum without a function', { trailer: { length: 1 } }, /without compute/],
  ['a checksum of no length', { trailer: { length: 0, compute } }, /trailer.length/],
  [
    'more counted bytes than the prefix can say',
    { prefix: 'u8', before: 256, counts: ['before', 'payload'] },
    /No frame would fit/,
  ],
  ['a negative limit', { maxPayloadLength: -1 }, /maxPayloadLength must be/],
  ['a limit that is no number', { maxPayloadLength: NaN }, /not NaN/],
  ['an endless limit', { maxPayloadLength: Infinity }, /not Infinity/],
  ['an unknown value', { deliver: 'body' }, /not the string "body"/],
];

describe('lengthPrefixed', () => {
  test.each(refused)('refuses %s', (_, options, facts) => {
    const call = (): unknown => lengthPrefixed(options);
    expect(call).toThrow(expect.objectContaining({ name: 'UsageError', code: 'ERR_OPTION' }));
    expect(call).toThrow(facts);
  });

  test('is frozen, and so are its options: changing them afterwards changes nothing', () => {
    const magic = hex('cafe');
    const counts: FramePart[] = ['payload'];
    const options = { before: magic, counts };
    const codec = lengthPrefixed(options);
    magic.fill(0);
    counts.push('before');
    expect(toHex(join(codec.encode(hex('61'))))).toBe('cafe0000000161');
    expect(Object.isFrozen(codec)).toBe(true);
  });

  test('limits the payload to what the prefix can count', () => {
    const codec = lengthPrefixed({ prefix: 'u8', counts: ['prefix', 'payload'] });
    expect(codec.encodedLength(new Uint8Array(254))).toBe(255);
    const call = (): unknown => codec.encode(new Uint8Array(255));
    const facts = { code: 'ERR_FRAME_UNENCODABLE', length: 255, limit: 254 };
    expect(call).toThrow(expect.objectContaining(facts));
  });

  test('counts a fixed field of the caller with itself', () => {
    const codec = lengthPrefixed({ prefix: middleFirstField, counts: ['prefix', 'payload'] });
    expect(toHex(join(codec.encode(hex('61'))))).toBe('00000461');
  });

  test('passes a large payload by reference, and joins a small one to its head', () => {
    const large = new Uint8Array(5000);
    expect(lengthPrefixed().encode(large)[1]).toBe(large);
    expect(lengthPrefixed().encode(new Uint8Array(100))).toHaveLength(1);
  });

  test('takes fixed bytes in hex, in either case, with blanks or without', () => {
    for (const before of ['CAfe', 'ca fe']) {
      const codec = lengthPrefixed({ codec: 'lengthPrefixed', before, prefix: 'u8' });
      expect(toHex(join(codec.encode(hex('61'))))).toBe('cafe0161');
    }
  });

  test('fills the length into a given frame, and checks its fixed bytes', () => {
    const codec = lengthPrefixed({ before: hex('ca'), trailer: hex('0a'), deliver: 'frame' });
    expect(toHex(join(codec.encode(hex('ca 00000000 6869 0a'))))).toBe('ca0000000268690a');
    for (const wrong of ['cb 00000000 6869 0a', 'ca 00000000 6869 0b', 'ca 000000']) {
      const call = (): unknown => codec.encode(hex(wrong));
      expect(call).toThrow(expect.objectContaining({ code: 'ERR_FRAME_UNENCODABLE' }));
    }
  });

  test('tells a checksum function of the caller that it did not keep its word', () => {
    const broken = [() => new Uint8Array(2), () => 'x' as never, () => JSON.parse('{')];
    for (const wrong of broken) {
      const codec = lengthPrefixed({ trailer: { length: 1, compute: wrong } });
      const decoder = codec.decoder();
      decoder.push(hex('00000000 00'));
      const refusal = expect.objectContaining({ name: 'UsageError', code: 'ERR_OPTION' });
      expect(() => codec.encode(hex('61'))).toThrow(refusal);
      expect(() => decoder.take()).toThrow(refusal);
    }
  });
});
