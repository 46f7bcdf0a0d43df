// What of a description from outside is refused, and in which words.

import { describe, expect, test } from 'vitest';
import { framing } from '../../src/framing/framing.ts';

/** framing() for what a remote or a file says. */
function fromOutside(given: unknown, overrides?: unknown): unknown {
  const call: (given: never, overrides: never) => unknown = framing;
  return call(given as never, overrides as never);
}

/** A description of fragments, with something in it that is wrong. */
function fragments(wrong: object): object {
  const right = {
    codec: 'continued',
    frame: { codec: 'lengthPrefixed', before: 1 },
    mark: { part: 'before', mask: '80', means: 'last' },
    fragmentLength: 100,
  };
  return { ...right, ...wrong };
}

/** A description with that prefix. */
function prefixed(prefix: object): object {
  return { codec: 'lengthPrefixed', prefix };
}

/** A description with that piece as its trailer. */
function sum(trailer: object): object {
  return { codec: 'lengthPrefixed', trailer };
}

/** A description that says how to search. */
function searched(resync: unknown): object {
  return { codec: 'lengthPrefixed', before: 'aa55', resync };
}

const refused: [string, unknown, RegExp][] = [
  ['nothing', undefined, /framing takes a description or the name of a format, not undefined/],
  ['null', null, /not null/],
  ['a list', [], /not an array/],
  ['a name of the prototype', 'toString', /cannot be the string "toString"/],
  ['__proto__ as a name', '__proto__', /format cannot be/],
  ['a name in other letters', 'Kafka', /format cannot be .*Did you mean kafka\?/],
  [
    'no codec',
    { prefix: 'u8' },
    /codec must be the name of a codec, not undefined.*lengthPrefixed/,
  ],
  ['a codec of the prototype', { codec: 'constructor' }, /codec must be/],
  ['a codec that is a list', { codec: ['netstrings'] }, /codec must be .*an array/],
  ['a misspelt codec', { codec: 'netstring' }, /Did you mean netstrings\?/],
  ['a misspelt option', { codec: 'netstrings', maxPayload: 1 }, /netstrings has no option "maxPay/],
  ['an option of another codec', { codec: 'netstrings', prefix: 'u8' }, /no option "prefix"/],
  ['an option that is code', { codec: 'messages', parseHeader: String }, /no option "parseHeader"/],
  ['a key __proto__', JSON.parse('{"codec":"netstrings","__proto__":{}}'), /no option "__proto__"/],
  ['a limit in text', { codec: 'netstrings', maxPayloadLength: '9' }, /maxPayloadLength must be/],
  ['a limit of null', { codec: 'netstrings', maxPayloadLength: null }, /must not be null/],
  ['a limit that is true', { codec: 'contentLength', maxHeaderLength: true }, /maxHeaderLength/],
  ['an unknown prefix', { codec: 'lengthPrefixed', prefix: 'u33be' }, /prefix.*Did you mean u32be/],
  ['a prefix in a list', { codec: 'lengthPrefixed', prefix: ['u8'] }, /prefix must be .*an array/],
  ['a prefix of no name', prefixed({}), /prefix must be .*an object/],
  ['a prefix of the prototype', prefixed({ toString: 1 }), /prefix must be .*an object/],
  ['a prefix of two names', prefixed({ digits: 1, bcd: 1 }), /prefix has no option "bcd"/],
  ['digits in text', prefixed({ digits: '4' }), /prefix.digits must be a number/],
  ['too many digits', prefixed({ digits: 17 }), /digits must be a whole number from 1 to 16/],
  ['a mask that is a number', prefixed({ type: 'u16be', mask: 4095 }), /prefix.mask must be hex/],
  ['a mask with a hole', prefixed({ type: 'u16be', mask: '0f0f' }), /mask/],
  ['a misspelt option of a number', prefixed({ type: 'u8', units: 2 }), /no option "units"/],
  ['a number of no type', prefixed({ type: 'u31', unit: 2 }), /type/],
  [
    'a prefix of code',
    { codec: 'messages', prefix: { maxWidth: 1 } },
    /prefix must be .*an object/,
  ],
  ['bytes that are not hex', { codec: 'lengthPrefixed', before: '2g' }, /before must be/],
  ['a checksum of another name', sum({ checksum: 'crc16' }), /trailer.checksum must be the name/],
  ['a checksum of the prototype', sum({ checksum: 'toString' }), /trailer.checksum must be/],
  ['a near name of a checksum', sum({ checksum: 'CRC-16/MODBU' }), /Did you mean CRC-16\/MODBUS/],
  [
    'an unknown option of a checksum of delimited',
    { codec: 'delimited', end: '7e', checksum: { checksum: 'xor8', over: ['payload'] } },
    /no option "over"/,
  ],
  [
    'an order that is none',
    { codec: 'delimited', end: '7e', checksum: { checksum: 'xor8', order: 'BE' } },
    /checksum.order must be one of be, le/,
  ],
  ['a checksum of code', sum({ length: 1, compute: String }), /trailer must be a number of bytes/],
  ['a misspelt option of a checksum', sum({ checksum: 'xor8', from: 1 }), /no option "from"/],
  ['a checksum of an unknown part', sum({ checksum: 'xor8', over: ['body'] }), /over/],
  ['a piece of null', { codec: 'lengthPrefixed', before: [null] }, /before\[0\] must be/],
  ['no end', { codec: 'delimited' }, /end must be bytes in hex, not undefined/],
  ['an end of text', { codec: 'delimited', end: '\r\n' }, /end must be/],
  ['an unknown escape', { codec: 'delimited', end: '7e', escape: 'ppp' }, /escape must be one of/],
  ['an escape of the prototype', { codec: 'delimited', end: '7e', escape: 'toString' }, /escape m/],
  [
    'an escape of several names',
    { codec: 'delimited', end: '7e', escape: ['slip', 'dle'] },
    /escape must be one of .* not the string "slip"/,
  ],
  [
    'no escape map in a list',
    { codec: 'delimited', end: '7e', escape: [] },
    /escape must be one map, or a list of 1 to 8 maps/,
  ],
  [
    'a map without codes',
    { codec: 'delimited', end: '7e', escape: { escape: '7d' } },
    /codes must/,
  ],
  [
    'a code of two bytes',
    { codec: 'delimited', end: '7e', escape: { escape: '7d', codes: { '7d': '0101' } } },
    /one byte in hex/,
  ],
  ['a length of text', { codec: 'fixedLength', length: '4' }, /length must be a whole number/],
  ['no length', { codec: 'fixedLength' }, /length must be a whole number/],
  [
    'fragments that are no description',
    fragments({ frame: 'kafka' }),
    /frame must be a description/,
  ],
  ['fragments of another codec', fragments({ frame: { codec: 'lines' } }), /codec must be lengthP/],
  [
    'a misspelt option of fragments',
    fragments({ frame: { codec: 'lengthPrefixed', max: 1 } }),
    /"max"/,
  ],
  [
    'fragments without parts',
    fragments({ frame: { codec: 'lengthPrefixed', deliver: 'frame' } }),
    /frame.deliver must be parts/,
  ],
  [
    'a mark of the prototype',
    fragments({ mark: { part: 'toString' } }),
    /mark.part must be one of/,
  ],
  [
    'a mark that is no hex',
    fragments({ mark: { part: 'flags', mask: 1, means: 'last' } }),
    /mask must/,
  ],
  [
    'a mark in flags that the prefix has not',
    fragments({ mark: { part: 'flags', mask: '80', means: 'last' } }),
    /mark.mask has bits that are no flags of a fragment. Its flags are none/,
  ],
  [
    'a mark in bits of the length',
    fragments({
      frame: prefixed({ type: 'u16be', mask: '0fff' }),
      mark: { part: 'flags', mask: '1800', means: 'last' },
    }),
    /mark.mask has bits that are no flags of a fragment. Its flags are 0xf000/,
  ],
  [
    'a mark behind the bytes of the caller',
    fragments({
      frame: { codec: 'lengthPrefixed', before: ['aa', 1] },
      mark: { part: 'before', at: 1, mask: '80', means: 'last' },
    }),
    /mark.at is 1, but before of a fragment does not have so many bytes of the caller/,
  ],
  [
    'a mark in a section of fixed bytes',
    fragments({
      frame: { codec: 'lengthPrefixed', after: 'aa' },
      mark: { part: 'after', mask: '80', means: 'last' },
    }),
    /mark.at is 0, but after of a fragment does not have so many bytes of the caller/,
  ],
  [
    'a mark without a bit',
    fragments({ mark: { part: 'before', mask: '00', means: 'last' } }),
    /mark.mask has no bit set/,
  ],
  ['no length of fragments', fragments({ fragmentLength: 0 }), /fragmentLength must be/],
  [
    'fragments that are longer than their prefix can count',
    fragments({ frame: { codec: 'lengthPrefixed', prefix: 'u8', before: 1 }, fragmentLength: 256 }),
    /fragmentLength must be a whole number from 1 to 255, not 256/,
  ],
  ['a search that is a number', searched(1), /resync must be true, false or/],
  ['a search in a list', searched([]), /resync must be true, false or/],
  ['a misspelt limit of a search', searched({ gap: 1 }), /resync has no option "gap"/],
  ['a search without a marker', { codec: 'lengthPrefixed', resync: true }, /needs fixed bytes/],
  ['own bytes without deliver', { codec: 'lengthPrefixed', after: 2 }, /yours: deliver 'parts'/],
  ['counts that are text', { codec: 'lengthPrefixed', counts: 'payload' }, /counts must be an arr/],
  ['an unknown part', { codec: 'lengthPrefixed', counts: ['payload', 'body'] }, /one of before/],
];

describe('a description from outside', () => {
  test.each(refused)('is refused for %s', (_, given, facts) => {
    const call = (): unknown => fromOutside(given);
    expect(call).toThrow(expect.objectContaining({ name: 'UsageError', code: 'ERR_OPTION' }));
    expect(call).toThrow(facts);
  });

  test.each<[string, unknown, RegExp]>([
    ['text', 'u8', /Overrides must be an options object/],
    ['null', null, /Overrides must be an options object/],
    ['another codec', { codec: 'netstrings' }, /cannot name another codec/],
    ['a misspelt option', { maxPayload: 1 }, /lengthPrefixed has no option "maxPayload"/],
  ])('is refused for overrides that are %s', (_, overrides, facts) => {
    expect(() => fromOutside('kafka', overrides)).toThrow(facts);
  });

  test('counts for what it says itself, not for what it inherits', () => {
    const inherited: unknown = Object.create({ codec: 'netstrings' });
    expect(() => fromOutside(inherited)).toThrow(/codec must be/);
  });
});
