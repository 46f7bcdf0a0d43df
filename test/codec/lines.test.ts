// lines() and fixedLength() by example.

import { describe, expect, expectTypeOf, test } from 'vitest';
import type { FrameCodec } from '../../src/codec/codec.ts';
import { lines } from '../../src/codec/delimited/lines.ts';
import type { LinesOptions } from '../../src/codec/delimited/lines.ts';
import { fixedLength } from '../../src/codec/fixed-length.ts';
import { hex, inPieces, join, toHex, utf8 } from '../support/bytes.ts';
import { protocolErrorOf, unstickErrorOf, valuesOf } from '../support/outcomes.ts';

const words = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

describe('lines', () => {
  test.each([
    ['LF', 'a\nbc\n\n', ['a', 'bc', '']],
    ['CRLF', 'a\r\nbc\r\n\r\n', ['a', 'bc', '']],
    ['both', 'a\nbc\r\n\r\n\n', ['a', 'bc', '', '']],
    ['carriage returns elsewhere', 'a\rb\n\r\r\n', ['a\rb', '\r']],
    ['NMEA', '$GPGGA,123519*47\r\n$GPGSA,A*39\r\n', ['$GPGGA,123519*47', '$GPGSA,A*39']],
    ['text of many bytes a character', '粘包\n半包\r\n', ['粘包', '半包']],
  ])('reads %s, cut anywhere', (_, stream, values) => {
    for (const chunks of [[utf8(stream)], inPieces(utf8(stream), 1), inPieces(utf8(stream), 2)]) {
      expect(valuesOf(lines(), chunks).map(words)).toEqual(values);
    }
  });

  test('writes LF, or CRLF where told', () => {
    expect(words(join(lines().encode(utf8('hi'))))).toBe('hi\n');
    expect(words(join(lines({ newline: 'crlf' }).encode(utf8('hi'))))).toBe('hi\r\n');
    expectTypeOf(lines()).toEqualTypeOf<FrameCodec>();
  });

  test('does not write a line that would be read as another', () => {
    const crlf = lines({ newline: 'crlf' });
    for (const codec of [lines(), crlf]) {
      const error = unstickErrorOf(() => codec.encode(utf8('a\nb')));
      expect(error).toMatchObject({ code: 'ERR_FRAME_UNENCODABLE', length: 3 });
      expect(error.hint).toContain('lengthPrefixed');
    }
    expect(unstickErrorOf(() => lines().encode(utf8('a\r'))).code).toBe('ERR_FRAME_UNENCODABLE');
    expect(valuesOf(crlf, crlf.encode(utf8('a\r'))).map(words)).toEqual(['a\r']);
  });

  test('does not count the line end', () => {
    const codec = lines({ maxLength: 3 });
    expect(valuesOf(codec, inPieces(utf8('abc\r\nabc\n'), 1)).map(words)).toEqual(['abc', 'abc']);
    for (const stream of ['abc\r\nabcd', 'abc\r\nabc\r\r', 'abc\r\nabc\rd', 'abc\r\nabcd\n']) {
      for (const chunks of [[utf8(stream)], inPieces(utf8(stream), 1)]) {
        const facts = {
          code: 'ERR_FRAME_TOO_LARGE',
          byteOffset: 5,
          frameIndex: 1,
          length: 4,
          limit: 3,
        };
        expect(protocolErrorOf(codec, chunks, 'open')).toMatchObject(facts);
      }
    }
  });

  test('takes 64 KiB by default', () => {
    const line = new Uint8Array(65_536).fill(0x61);
    expect(valuesOf(lines(), [line, hex('0a')])).toHaveLength(1);
    expect(protocolErrorOf(lines(), [line, hex('61')], 'open').limit).toBe(65_536);
  });

  test('report a last line without an end', () => {
    const error = protocolErrorOf(lines(), [utf8('a\nbc')]);
    expect(error).toMatchObject({ code: 'ERR_FRAME_TRUNCATED', byteOffset: 2, received: 2 });
    expect(protocolErrorOf(lines(), [utf8('a\n\r')])).toMatchObject({ received: 1 });
  });

  test.each([[null], [{ maxLength: 1.5 }], [{ newline: 'cr' }], [{ end: '0a' }]])(
    'refuses the options %j',
    (options) => {
      expect(unstickErrorOf(() => lines(options as LinesOptions)).code).toBe('ERR_OPTION');
    },
  );
});

describe('fixedLength', () => {
  const codec = fixedLength(3);

  test('splits by the count alone', () => {
    for (const chunks of [[hex('010203 040506')], inPieces(hex('010203 040506'), 2)]) {
      expect(valuesOf(codec, chunks).map(toHex)).toEqual(['010203', '040506']);
    }
    expectTypeOf(codec).toEqualTypeOf<FrameCodec>();
  });

  test('says how many bytes a truncated frame lacks', () => {
    const error = protocolErrorOf(codec, [hex('010203 04')]);
    expect(error).toMatchObject({
      code: 'ERR_FRAME_TRUNCATED',
      byteOffset: 3,
      received: 1,
      length: 3,
    });
  });

  test('writes only values of that length', () => {
    for (const value of [hex('0102'), hex('01020304'), hex('')]) {
      const error = unstickErrorOf(() => codec.encode(value));
      expect(error).toMatchObject({
        code: 'ERR_FRAME_UNENCODABLE',
        length: value.length,
        limit: 3,
      });
    }
  });

  test.each([[0], [-1], [1.5], ['3'], [undefined], [Infinity]])(
    'refuses the length %s',
    (length) => {
      expect(unstickErrorOf(() => fixedLength(length as number)).code).toBe('ERR_OPTION');
    },
  );
});
