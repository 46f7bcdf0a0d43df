// What is wrong with the bytes of a remote, framing by framing: each error has its code, the place of its frame
// in the stream, and words for what was expected. Neither depends on the cuts.

import { describe, expect, test } from 'vitest';
import type { Framing } from '../../src/codec/formats/framing-types.ts';
import type { ErrorCode } from '../../src/errors.ts';
import { framing } from '../../src/framing/framing.ts';
import { hex } from '../support/bytes.ts';
import { unstickErrorOf } from '../support/outcomes.ts';

const jt808 = { codec: 'delimited', start: '7e', end: '7e', escape: 'jt808' } as const;
const slip = { codec: 'delimited', end: 'c0', escape: 'slip', maxLength: 4 } as const;
const meter = { codec: 'lengthPrefixed', before: '68', prefix: 'u8', trailer: '16' } as const;
const summed = { ...meter, trailer: { checksum: 'xor8' } } as const;
const digits = { codec: 'lengthPrefixed', prefix: { digits: 4 } } as const;
const EITHER = /Either the frame was damaged, or the remote uses another algorithm, range or byte/;

interface Expected {
  readonly code: ErrorCode;
  /** Offset of the first byte of the wrong frame, and its index. */
  readonly at: readonly [byteOffset: number, frameIndex: number];
  readonly words: RegExp;
}

const rows: readonly (readonly [string, Framing, string, Expected])[] = [
  [
    'an end marker that never comes',
    { codec: 'delimited', end: '0d0a', maxLength: 4 },
    '61 0d0a 6162636465',
    { code: 'ERR_FRAME_TOO_LARGE', at: [3, 1], words: /no end marker within maxLength 4.*raise/ },
  ],
  [
    'a line end that never comes',
    { codec: 'lines', maxLength: 4 },
    '61 0a 6162636465',
    { code: 'ERR_FRAME_TOO_LARGE', at: [2, 1], words: /no end marker within maxLength 4/ },
  ],
  [
    'an end marker of which half has come at the end of the input',
    { codec: 'delimited', end: '0d0a' },
    '61 0d0a 610d',
    { code: 'ERR_FRAME_TRUNCATED', at: [3, 1], words: /before the end marker of a frame, after 2/ },
  ],
  [
    'an escape at the end of a frame',
    jt808,
    '7e 61 7e 7e 61 7d 7e',
    { code: 'ERR_FRAME_ESCAPE', at: [3, 1], words: /ends inside an escape sequence.*at byte 3/ },
  ],
  [
    'an escape at the end of the input',
    slip,
    '61 c0 61 db',
    { code: 'ERR_FRAME_TRUNCATED', at: [2, 1], words: /before the end marker of a frame, after 2/ },
  ],
  [
    'a bad escape',
    slip,
    '61 c0 61 db 55 c0',
    {
      code: 'ERR_FRAME_ESCAPE',
      at: [2, 1],
      words: /followed by a byte that is no code, at byte 2/,
    },
  ],
  [
    'a zero inside a block of COBS',
    { codec: 'cobs' },
    '02 61 00 05 61 00',
    { code: 'ERR_FRAME_ESCAPE', at: [3, 1], words: /ends inside an escape sequence or a block/ },
  ],
  [
    'a frame that is too long in plain form',
    slip,
    '61 c0 dbdcdbdcdbdcdbdcdbdc c0',
    { code: 'ERR_FRAME_TOO_LARGE', at: [2, 1], words: /maxLength 4/ },
  ],
  [
    'a byte in place of the start marker',
    { codec: 'delimited', start: '02', end: '03' },
    '02 61 03 61',
    {
      code: 'ERR_FRAME_MAGIC',
      at: [3, 1],
      words: /Byte 0 of a frame differs from the start marker/,
    },
  ],
  [
    'a wrong checksum inside the escape',
    { ...jt808, checksum: 'xor8' },
    '7e 6161 00 7e 7e 61 62 7e',
    { code: 'ERR_FRAME_CHECKSUM', at: [5, 1], words: EITHER },
  ],
  [
    'a frame that is shorter than its checksum',
    { ...jt808, checksum: 'CRC-16/MODBUS' },
    '7e 61 7e',
    { code: 'ERR_FRAME_CHECKSUM', at: [0, 0], words: /A frame is shorter than its checksum/ },
  ],
  [
    'a wrong checksum behind a length',
    summed,
    '68 01 61 08 68 01 61 09',
    { code: 'ERR_FRAME_CHECKSUM', at: [4, 1], words: EITHER },
  ],
  [
    'a length that contradicts the end marker',
    meter,
    '68 01 61 16 68 01 6162 16',
    {
      code: 'ERR_FRAME_MAGIC',
      at: [4, 1],
      words:
        /fixed bytes of 'trailer' are not the expected ones.*The length of this frame is wrong/,
    },
  ],
  [
    'the end of the input inside a frame',
    meter,
    '68 01 61 16 68 02',
    { code: 'ERR_FRAME_TRUNCATED', at: [4, 1], words: /inside a frame, after 2 of its 5 bytes/ },
  ],
  [
    'the end of the input inside a head',
    { codec: 'lengthPrefixed' },
    '00',
    {
      code: 'ERR_FRAME_TRUNCATED',
      at: [0, 0],
      words: /in the head of a frame, after 1 of its bytes/,
    },
  ],
  [
    'a BCD digit above 9',
    { codec: 'lengthPrefixed', prefix: { bcd: 2 } },
    '0001 61 001a',
    {
      code: 'ERR_PREFIX_MALFORMED',
      at: [3, 1],
      words: /byte 2 of the length.*two decimal digits, 0 to/,
    },
  ],
  [
    'digits with a sign',
    digits,
    '2b303032',
    {
      code: 'ERR_PREFIX_MALFORMED',
      at: [0, 0],
      words:
        /The length has 4 bytes, and each is a decimal digit in ASCII\. The remote may be speaking/,
    },
  ],
  [
    'digits with a blank, in a later frame',
    digits,
    '30303031 61 20303032',
    {
      code: 'ERR_PREFIX_MALFORMED',
      at: [5, 1],
      words: /each is a decimal digit in ASCII\. Or the length of the previous frame is wrong/,
    },
  ],
  [
    'more noise than the limit',
    { ...summed, resync: { maxGap: 1 } },
    '00 00 68',
    { code: 'ERR_NOISE', at: [0, 0], words: /2 bytes are no frame, but maxGap is 1/ },
  ],
  [
    'fragments that are too long together',
    {
      codec: 'continued',
      frame: { codec: 'lengthPrefixed', before: 1, prefix: 'u8' },
      mark: { part: 'before', mask: '01', means: 'more' },
      fragmentLength: 2,
      maxLength: 3,
    },
    '00 01 61 01 02 6162 00 02 6364',
    { code: 'ERR_FRAME_TOO_LARGE', at: [3, 1], words: /Fragments of 4 bytes exceed maxLength 3/ },
  ],
];

describe('a decoder', () => {
  test.each(rows)(
    'that meets %s says where and what it expected',
    (_, description, wire, expected) => {
      const bytes = hex(wire);
      for (const step of [bytes.length, 1]) {
        const decoder = framing(description).decoder();
        const error = unstickErrorOf(() => {
          for (let at = 0; at < bytes.length; at += step) {
            decoder.push(bytes.slice(at, at + step));
            Array.from(decoder);
          }
          decoder.end();
          decoder.take();
        });
        const [byteOffset, frameIndex] = expected.at;
        expect(error).toMatchObject({ name: 'ProtocolError', code: expected.code });
        expect(error).toMatchObject({ byteOffset, frameIndex });
        expect(error.message).toMatch(expected.words);
      }
    },
  );

  test('takes a frame that is longer than its limit in escaped form only', () => {
    const decoder = framing(slip).decoder();
    decoder.push(hex('dbdcdbdcdbdcdbdc c0'));
    expect(decoder.take()).toEqual(hex('c0c0c0c0'));
  });

  test.each([
    ['00', '1 byte is no frame'],
    ['0000', '2 bytes are no frame'],
    ['68 02', '2 bytes are no frame'],
  ])('reports the noise %s in a sentence', (noise, words) => {
    const reported: string[] = [];
    const codec = framing({ ...summed, resync: true });
    const decoder = codec.decoder({ onSkip: ({ message }) => reported.push(message) });
    decoder.push(hex(`${noise} 68 01 61 08`));
    expect([...decoder]).toEqual([hex('61')]);
    expect(reported).toEqual([expect.stringContaining(words)]);
  });
});
