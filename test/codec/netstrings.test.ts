// netstrings(): strict digits, the comma, limits, the end.

import { describe, expect, expectTypeOf, test } from 'vitest';
import type { FrameCodec } from '../../src/codec/codec.ts';
import { netstrings } from '../../src/codec/netstrings.ts';
import type { NetstringOptions } from '../../src/codec/netstrings.ts';
import { inPieces, join, toHex, utf8 } from '../support/bytes.ts';
import { protocolErrorOf, unstickErrorOf, valuesOf } from '../support/outcomes.ts';

const codec = netstrings({ maxPayloadLength: 1000 });
const words = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

describe('netstrings', () => {
  test('splits and joins the example of the specification, and its empty string', () => {
    const stream = utf8('12:hello world!,0:,3:a,b,6:\u7c98\u5305,');
    for (const chunks of [[stream], inPieces(stream, 1), inPieces(stream, 5)]) {
      expect(valuesOf(codec, chunks).map(words)).toEqual([
        'hello world!',
        '',
        'a,b',
        '\u7c98\u5305',
      ]);
    }
    const again = valuesOf(codec, [stream]).flatMap((value) => codec.encode(value));
    expect(toHex(join(again))).toBe(toHex(stream));
    expectTypeOf(codec).toEqualTypeOf<FrameCodec>();
  });

  test('scans', () => {
    const seen: string[] = [];
    codec.decoder().scan(utf8('1:a,2:bc,'), (bytes, start, end) => {
      seen.push(words(bytes.subarray(start, end)));
    });
    expect(seen).toEqual(['a', 'bc']);
  });

  test.each([
    ['05:hello,', 'ERR_PREFIX_MALFORMED', /leading zero/],
    ['00:,', 'ERR_PREFIX_MALFORMED', /leading zero/],
    [':,', 'ERR_PREFIX_MALFORMED', /digits and a colon/],
    ['-1:,', 'ERR_PREFIX_MALFORMED', /digits and a colon/],
    ['+1:a,', 'ERR_PREFIX_MALFORMED', /digits and a colon/],
    [' 1:a,', 'ERR_PREFIX_MALFORMED', /digits and a colon/],
    ['1 :a,', 'ERR_PREFIX_MALFORMED', /digits and a colon/],
    ['1e3:a,', 'ERR_PREFIX_MALFORMED', /digits and a colon/],
    ['\n1:a,', 'ERR_PREFIX_MALFORMED', /no newline/],
    ['1;a,', 'ERR_PREFIX_MALFORMED', /digits and a colon/],
    ['9'.repeat(17), 'ERR_PREFIX_MALFORMED', /do not end/],
    ['9007199254740993:', 'ERR_FRAME_LENGTH_INVALID', /2\^53-1/],
    ['1001:', 'ERR_FRAME_TOO_LARGE', /1001 exceeds maxPayloadLength 1000/],
    ['1:ab', 'ERR_FRAME_MAGIC', /trailer/],
    ['1:a;', 'ERR_FRAME_MAGIC', /trailer/],
  ])('refuses %j at its offset, with a hint, however it comes', (bytes, code, message) => {
    const stream = utf8(`3:abc,0:,${bytes}`);
    for (const chunks of [[stream], inPieces(stream, 1)]) {
      const error = protocolErrorOf(codec, chunks, 'open');
      expect(error).toMatchObject({ code, byteOffset: 9, frameIndex: 2 });
      expect(error.message).toMatch(message);
      expect(error.hint).toMatch(/\w/);
    }
  });

  test('says HTTP where it is HTTP', () => {
    expect(protocolErrorOf(codec, [utf8('HTTP/1.1 200 OK\r\n')]).hint).toContain('HTTP');
  });

  test.each(['3', '3:', '3:ab', '3:abc'])('reports truncation in %j', (bytes) => {
    const error = protocolErrorOf(codec, [utf8(`1:a,${bytes}`)]);
    expect(error).toMatchObject({ code: 'ERR_FRAME_TRUNCATED', byteOffset: 4 });
  });

  test('skips one that is too large where somebody listens', () => {
    const skipped: number[] = [];
    const small = netstrings({ maxPayloadLength: 2 });
    const values = valuesOf(small, inPieces(utf8('1:a,3:abc,2:de,'), 1), {
      onSkip: ({ byteOffset }) => skipped.push(byteOffset),
    });
    expect(values.map(words)).toEqual(['a', 'de']);
    expect(skipped).toEqual([4]);
  });

  test('does not encode what it would not decode', () => {
    expect(unstickErrorOf(() => codec.encode(new Uint8Array(1001))).code).toBe(
      'ERR_FRAME_UNENCODABLE',
    );
    expect(unstickErrorOf(() => codec.encode('a' as never)).code).toBe('ERR_FRAME_UNENCODABLE');
  });

  test.each([[null], [{ maxLength: 3 }], [{ prefix: 'u8' }], [{ maxPayloadLength: -1 }], [7]])(
    'refuses the options %j',
    (options) => {
      expect(unstickErrorOf(() => netstrings(options as NetstringOptions)).code).toBe('ERR_OPTION');
    },
  );
});
