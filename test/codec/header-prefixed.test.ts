// headerPrefixed() with binary-parser: what it decodes, encodes, refuses, and when.

import { Parser } from 'binary-parser';
import { describe, expect, expectTypeOf, test } from 'vitest';
import type { Bytes } from '../../src/codec/byte-types.ts';
import type { MeasuringCodec } from '../../src/codec/codec.ts';
import { headerPrefixed } from '../../src/codec/header-prefixed.ts';
import type { HeaderPrefixedOptions } from '../../src/codec/header-options.ts';
import type { HeaderedFrame } from '../../src/codec/header-prefixed.ts';
import { UsageError } from '../../src/errors.ts';
import { hex, inPieces, join, toHex, utf8 } from '../support/bytes.ts';
import { protocolErrorOf, unstickErrorOf, valuesOf } from '../support/outcomes.ts';

interface Header {
  readonly magic: number;
  readonly kind: number;
  readonly length: number;
}

const parser = new Parser<Header>()
  .endianness('big')
  .uint16('magic', { assert: 0xcafe })
  .uint8('kind', { assert: (kind) => kind < 3 })
  .uint16('length');

function write({ kind }: Pick<Header, 'kind'>, payloadLength: number): Uint8Array {
  const bytes = Buffer.from([0xca, 0xfe, kind, 0, 0]);
  bytes.writeUInt16BE(payloadLength, 3);
  return bytes;
}

const options: HeaderPrefixedOptions<Header> = {
  header: parser,
  headerLength: parser.sizeOf(),
  payloadLength: ({ length }) => length,
  write,
  maxPayloadLength: 1000,
};
const codec = headerPrefixed(options);
const stream = hex('cafe 01 0002 6869  cafe 02 0000  cafe 00 0001 21');

const shown = ({ header, payload }: HeaderedFrame<Header>): unknown[] => [
  header.kind,
  header.length,
  toHex(payload),
];
const expected = [
  [1, 2, '6869'],
  [2, 0, ''],
  [0, 1, '21'],
];

describe('headerPrefixed', () => {
  test('gives typed headers with their payloads, whole and byte by byte', () => {
    for (const chunks of [[stream], inPieces(stream, 1), inPieces(stream, 4)]) {
      expect(valuesOf(codec, chunks).map(shown)).toEqual(expected);
    }
    expectTypeOf(codec).toEqualTypeOf<
      MeasuringCodec<HeaderedFrame<Header>, HeaderedFrame<Header, Bytes>>
    >();
  });

  test('takes the type of headers that the user gives', () => {
    const typed = headerPrefixed<{ readonly n: number }>({
      header: new Parser<{ readonly n: number }>().uint8('n'),
      headerLength: 1,
      payloadLength: (header) => header.n,
    });
    expectTypeOf(typed.decoder().take()).toEqualTypeOf<
      HeaderedFrame<{ readonly n: number }, Bytes> | undefined
    >();
    expect(valuesOf(typed, [hex('01 61')])).toEqual([{ header: { n: 1 }, payload: hex('61') }]);
  });

  test('encodes what it decodes, with the length of the payload filled in', () => {
    const values = valuesOf(codec, [stream]);
    expect(toHex(join(values.flatMap((value) => codec.encode(value))))).toBe(toHex(stream));
    const header = { magic: 0, kind: 2, length: 0 };
    expect(toHex(join(codec.encode({ header, payload: utf8('abc') })))).toBe('cafe020003616263');
  });

  test('does not copy a large payload, and measures', () => {
    const big = headerPrefixed({ ...options, maxPayloadLength: 5000 });
    const value = { header: { magic: 0, kind: 1, length: 0 }, payload: new Uint8Array(3000) };
    const [head, payload] = big.encode(value);
    expect(head).toHaveLength(5);
    expect(payload).toBe(value.payload);
    expect(big.encodedLength(value)).toBe(3005);
  });

  test('parses a header only when all of it has come, and once', () => {
    const seen: number[] = [];
    const counting = headerPrefixed<number>({
      header: {
        parse(bytes) {
          seen.push(bytes.length);
          return bytes[2] ?? 0;
        },
      },
      headerLength: 3,
      payloadLength: (length) => length,
    });
    seen.length = 0;
    expect(valuesOf(counting, inPieces(hex('000002 6162 000000'), 1))).toHaveLength(2);
    expect(seen).toEqual([3, 3]);
  });

  test('keeps frames apart where takes are late', () => {
    const decoder = codec.decoder();
    decoder.push(stream);
    const first = decoder.take();
    decoder.take();
    expect(first?.header).toMatchObject({ kind: 1, length: 2 });
    const other = codec.decoder();
    other.push(hex('cafe 00 0005'));
    expect(decoder.take()?.header.kind).toBe(0);
    expect(other.take()).toBeUndefined();
  });
});

describe('bit fields', () => {
  const bits = new Parser<{ version: number; length: number }>()
    .endianness('big')
    .bit4('version')
    .bit12('length');

  test('make sizeOf() NaN, which is refused with a hint', () => {
    const headerLength = bits.sizeOf();
    const error = unstickErrorOf(() =>
      headerPrefixed({ header: bits, headerLength, payloadLength: ({ length }) => length }),
    );
    expect(error).toBeInstanceOf(UsageError);
    expect(error.message).toBe(
      'headerLength must be a whole number of bytes, 1 or more, not NaN. ' +
        'sizeOf() of a parser with bit fields is NaN: give the number.',
    );
  });

  test('work with the number', () => {
    const made = headerPrefixed<{ version: number; length: number }>({
      header: bits,
      headerLength: 2,
      payloadLength: ({ length }) => length,
      write: ({ version }, length) => Uint8Array.of((version << 4) | (length >> 8), length),
      maxPayloadLength: 4095,
    });
    const values = valuesOf(made, [hex('4003 616263')]);
    expect(values.map(({ header }) => header)).toEqual([{ version: 4, length: 3 }]);
    const again = values.flatMap((value) => made.encode(value));
    expect(toHex(join(again))).toBe('4003616263');
  });
});

describe('a header that cannot be', () => {
  test.each([
    ['a wrong magic', 'cafd 01 0000', 'ERR_PREFIX_MALFORMED', /refused its bytes/],
    ['a reserved kind', 'cafe 03 0000', 'ERR_PREFIX_MALFORMED', /refused its bytes/],
    ['a payload above the limit', 'cafe 01 03e9', 'ERR_FRAME_TOO_LARGE', /1001 exceeds .*1000/],
  ])('is refused with its offset: %s', (_, bytes, code, message) => {
    const error = protocolErrorOf(codec, [hex(`cafe 00 0000 ${bytes}`)], 'open');
    expect(error).toMatchObject({ code, byteOffset: 5, frameIndex: 1 });
    expect(error.message).toMatch(message);
  });

  test('keeps the error of the parser as its cause, and stays the error', () => {
    const decoder = codec.decoder();
    decoder.push(hex('00000000000000'));
    const error = unstickErrorOf(() => decoder.take());
    expect(error.cause).toBeInstanceOf(Error);
    expect(unstickErrorOf(() => decoder.take())).toBe(error);
  });

  test.each([
    ['a bigint', () => 1n, 'ERR_OPTION'],
    ['NaN', () => Number.NaN, 'ERR_FRAME_LENGTH_INVALID'],
    ['a negative number', () => -1, 'ERR_FRAME_LENGTH_INVALID'],
    ['a fraction', () => 0.5, 'ERR_FRAME_LENGTH_INVALID'],
    ['nothing', () => undefined, 'ERR_OPTION'],
    [
      'a string that is thrown',
      (): void => AbortSignal.abort('no error').throwIfAborted(),
      'ERR_PREFIX_MALFORMED',
    ],
  ])('is one whose payloadLength is %s', (_, payloadLength, code) => {
    const odd = headerPrefixed({
      header: { parse: () => 0 },
      headerLength: 1,
      payloadLength: payloadLength as () => number,
    });
    const decoder = odd.decoder();
    decoder.push(hex('00'));
    expect(unstickErrorOf(() => decoder.take()).code).toBe(code);
  });

  test('is a bug of ours where the parser reads beyond headerLength, not the fault of the remote', () => {
    const { write: _, ...reading } = options;
    const short = headerPrefixed({ ...reading, headerLength: 4 });
    const decoder = short.decoder();
    decoder.push(stream);
    expect(unstickErrorOf(() => decoder.take())).toMatchObject({
      name: 'UsageError',
      code: 'ERR_OPTION',
    });
  });

  test('is skipped with its frame when it is too large and somebody listens', () => {
    const skipped: [number, number][] = [];
    const values = valuesOf(
      headerPrefixed({ ...options, maxPayloadLength: 1 }),
      inPieces(stream, 1),
      {
        onSkip: ({ byteOffset, frameIndex }) => skipped.push([byteOffset, frameIndex]),
      },
    );
    expect(values.map(shown)).toEqual(expected.slice(1));
    expect(skipped).toEqual([[0, 0]]);
  });

  test.each(['ca', 'cafe010002', 'cafe01000268'])('is truncated in %s', (bytes) => {
    expect(protocolErrorOf(codec, [hex(bytes)]).code).toBe('ERR_FRAME_TRUNCATED');
  });
});

describe('a codec without write', () => {
  const { write: _, ...rest } = options;
  const reading = headerPrefixed(rest);

  test('decodes, and says so when it is to encode', () => {
    const [value] = valuesOf(reading, [stream]);
    if (value === undefined) {
      throw new Error('nothing was decoded');
    }
    const calls = [() => reading.encode(value), () => reading.encodedLength(value)];
    for (const call of calls) {
      const error = unstickErrorOf(call);
      expect(error.code).toBe('ERR_FRAME_UNENCODABLE');
      expect(error.message).toContain('only decodes');
    }
  });
});

describe('what cannot be encoded', () => {
  const header: Header = { magic: 0, kind: 1, length: 0 };
  const payload = new Uint8Array(1);

  test.each([
    ['null', null],
    ['bytes', payload],
    ['a text as payload', { header, payload: 'a' }],
    ['no payload', { header }],
    ['a payload above the limit', { header, payload: new Uint8Array(1001) }],
    ['a header that the parser would refuse', { header: { ...header, kind: 3 }, payload }],
    ['no header', { header: undefined, payload }],
  ])('is refused before anything is written: %s', (_, value) => {
    const given = value as HeaderedFrame<Header>;
    for (const call of [() => codec.encode(given), () => codec.encodedLength(given)]) {
      expect(unstickErrorOf(call).code).toBe('ERR_FRAME_UNENCODABLE');
    }
  });

  test.each([
    ['other bytes than a header', () => new Uint8Array(4), /5 bytes of a header/],
    ['no bytes', () => 'abcde', /5 bytes of a header/],
    ['another length', (one: Header) => write(one, 7), /says 7 bytes, but the payload has 1/],
  ])('is a header for which write gives %s', (_, wrong, message) => {
    const bad = headerPrefixed({ ...options, write: wrong as unknown as typeof write });
    const error = unstickErrorOf(() => bad.encode({ header, payload }));
    expect(error.code).toBe('ERR_FRAME_UNENCODABLE');
    expect(error.message).toMatch(message);
  });
});

describe('options that cannot be', () => {
  test.each([
    ['null', null, /options object/],
    ['a misspelt name', { ...options, maxPayload: 3 }, /no option "maxPayload"/],
    ['no parser', { ...options, header: {} }, /parse\(bytes\)/],
    ['no header at all', { ...options, header: undefined }, /parse\(bytes\)/],
    ['headerLength 0', { ...options, headerLength: 0 }, /not 0/],
    ['no payloadLength', { ...options, payloadLength: 2 }, /payloadLength must be a function/],
    ['a write that is none', { ...options, write: true }, /write must be a function/],
    ['a negative limit', { ...options, maxPayloadLength: -1 }, /maxPayloadLength/],
  ])('are refused: %s', (_, given, message) => {
    const error = unstickErrorOf(() => headerPrefixed(given as HeaderPrefixedOptions<Header>));
    expect(error.code).toBe('ERR_OPTION');
    expect(error.message).toMatch(message);
  });
});

describe('a write that does not fit its parser', () => {
  interface Two {
    readonly kind: number;
    readonly flags: number;
    readonly length: number;
  }
  const two = new Parser<Two>().endianness('big').uint8('kind').uint8('flags').uint16('length');
  const made = (wrong: (header: Two, length: number) => Uint8Array): unknown =>
    headerPrefixed<Two>({
      header: two,
      headerLength: two.sizeOf(),
      payloadLength: ({ length }) => length,
      write: wrong,
    });
  const right = ({ kind, flags }: Two, length: number): Uint8Array =>
    Uint8Array.of(kind, flags, length >> 8, length);

  test.each<[string, (header: Two, length: number) => unknown, RegExp]>([
    ['another byte order', (h, n) => Uint8Array.of(h.kind, h.flags, n, n >> 8), /gives 16384/],
    ['no length', (h) => Uint8Array.of(h.kind, h.flags, 0, 0), /gives 0/],
    ['too few bytes', (h) => Uint8Array.of(h.kind, h.flags), /4 bytes of a header/],
    ['no bytes', () => [0, 0, 0, 0], /4 bytes of a header/],
    [
      'fields in another order',
      (h, n) => right({ ...h, kind: h.flags, flags: h.kind }, n),
      /other bytes/,
    ],
  ])('is found when the codec is made: %s', (_, wrong, message) => {
    const error = unstickErrorOf(() => made(wrong as (header: Two) => Uint8Array));
    expect(error.code).toBe('ERR_OPTION');
    expect(error.message).toMatch(message);
  });

  test('is not seen in one that is right, refuses made-up headers, or counts words', () => {
    expect(made(right)).toBeDefined();
    const picky = made((header, length) => {
      if (header.kind !== 9) {
        throw new RangeError('kind 9 only');
      }
      return right(header, length);
    });
    expect(picky).toBeDefined();
    const words = headerPrefixed<Two>({
      header: two,
      headerLength: 4,
      payloadLength: ({ length }) => 4 * length,
      write: (header, length) => right(header, Math.ceil(length / 4)),
    });
    const header = { kind: 1, flags: 0, length: 0 };
    expect(words.encodedLength({ header, payload: new Uint8Array(8) })).toBe(12);
    const odd = (): unknown => words.encode({ header, payload: new Uint8Array(7) });
    expect(unstickErrorOf(odd).message).toContain('says 8 bytes, but the payload has 7');
  });
});
