// Options: what contradicts itself is refused when the codec is made, with the reason.

import { describe, expect, test } from 'vitest';
import type { FramePart } from '../../src/codec/sections.ts';
import { lengthPrefixed } from '../../src/codec/length-prefixed.ts';
import { hex, join, toHex } from '../support/bytes.ts';
import { digitsField, middleFirstField } from '../support/frame-arbitraries.ts';

const compute = (): Uint8Array => new Uint8Array(1);
const one = { length: 1, compute };
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
  ['a section that is text', { trailer: '\r\n' }, /trailer must be/],
  ['an empty text as a section', { before: '' }, /before must be/],
  ['bytes in hex with a sign', { after: '0x23' }, /after must be/],
  [
    'a description of another codec',
    { codec: 'delimited', end: '0a' },
    /codec must be lengthPrefixed.*framing\(\) of unstick\/formats/,
  ],
  ['half a byte', { before: ['2'] }, /before\[0\] must be bytes in hex.*"2"/],
  ['a piece that is negative', { before: ['23', -1] }, /before\[1\] must be/],
  ['a list in a list', { after: [['23']] }, /after\[0\] must be .* not an array/],
  ['a long section with fixed bytes', { before: ['23', 65_536] }, /before has 65537 bytes/],
  ['an endless section', { before: [2 ** 53 - 1, 1] }, /length of before must be/],
  ['a misspelt piece', { trailer: { checksum: one, cover: [] } }, /no option "cover"/],
  ['a piece in a strange order', { trailer: { checksum: one, order: 'pdp' } }, /order must be/],
  ['a checksum of nothing', { before: one }, /covers no byte/],
  ['a checksum of no part', { trailer: { checksum: one, over: [] } }, /covers no byte/],
  ['a checksum of parts in a word', { trailer: { checksum: one, over: 'payload' } }, /an array/],
  ['a checksum of itself', { trailer: { checksum: one, over: ['trailer'] } }, /covers itself/],
  [
    'a checksum that covers half of itself',
    { after: [2, { checksum: { length: 2, compute }, over: [{ part: 'after', from: 1, to: 3 }] }] },
    /covers itself/,
  ],
  [
    'two checksums that cover each other',
    {
      after: { checksum: one, over: ['trailer'] },
      trailer: { checksum: one, over: ['after', 'payload'] },
    },
    /neither can be computed first/,
  ],
  [
    'a checksum behind the end of a part',
    { before: 2, trailer: { checksum: one, over: [{ part: 'before', to: 3 }] } },
    /over: to must be a whole number from 0 to 2/,
  ],
  [
    'a checksum over some bytes of a payload',
    { trailer: { checksum: one, over: [{ part: 'payload', from: 4 }] } },
    /'payload', whose length varies/,
  ],
  ['an adjustment that is no number', { adjust: '1' }, /adjust must be/],
  [
    'a payload that is too short for adjust',
    { adjust: -3, maxPayloadLength: 2 },
    /at least 3 bytes/,
  ],
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
