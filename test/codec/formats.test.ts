// Every row of `formats`: its golden frames in both directions, its limit, the end inside a frame.

import * as fc from 'fast-check';
import { existsSync } from 'node:fs';
import { describe, expect, expectTypeOf, test } from 'vitest';
import type { Bytes } from '../../src/codec/byte-types.ts';
import type { Codec, FrameCodec, PackingCodec } from '../../src/codec/codec.ts';
import { FAMILIES, formats, ROWS } from '../../src/codec/formats/formats.ts';
import type { Format, LengthPrefixedFraming } from '../../src/codec/formats/framing-types.ts';
import { lengthPrefixed } from '../../src/codec/length-prefixed.ts';
import { isPrefixName } from '../../src/codec/prefixes.ts';
import { ProtocolError } from '../../src/errors.ts';
import { hex, inPieces, join, toHex } from '../support/bytes.ts';
import { cutsOf, split } from '../support/deliveries.ts';
import {
  codecOfRow,
  FORMAT_NAMES,
  frameBytes,
  framesOf,
  MISPLACED,
  optionsOf,
  RECORDED,
  recorded,
  valueOf,
  vectorsOf,
} from '../support/format-vectors.ts';
import type { FormatName } from '../support/format-vectors.ts';
import { runs } from '../support/seed.ts';
import { slowFormat } from '../support/slow-frames.ts';
import { slowNumber } from '../support/slow-write.ts';
import type { FrameValue } from '../support/slow-write.ts';

/** A type byte or more in front, always there. */
interface Typed<B extends Uint8Array = Uint8Array> {
  readonly before: B;
  readonly payload: B;
}

/** A value in hex, so that Buffers and arrays compare alike. */
function shown(value: FrameValue): unknown {
  if (value instanceof Uint8Array) {
    return toHex(value);
  }
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => [
      name,
      part instanceof Uint8Array ? toHex(part) : part,
    ]),
  );
}

/** Whether a row names what lengthPrefixed() takes as values only: checksums, prefixes, the search. */
function hasNames({ prefix, before, after, trailer, resync }: LengthPrefixedFraming): boolean {
  const isSummed = [before, after, trailer]
    .flat()
    .some((piece) => typeof piece === 'object' && 'checksum' in piece);
  return isSummed || (prefix !== undefined && !isPrefixName(prefix)) || resync !== undefined;
}

function decode(codec: Codec<FrameValue>, chunks: readonly Uint8Array[]): FrameValue[] {
  const decoder = codec.decoder();
  const values = chunks.flatMap((chunk) => {
    decoder.push(chunk);
    return [...decoder];
  });
  decoder.end();
  values.push(...decoder);
  expect(decoder.done).toBe(true);
  return values;
}

function errorOf(call: () => unknown): ProtocolError {
  try {
    call();
  } catch (error) {
    if (error instanceof ProtocolError) {
      return error;
    }
    throw error;
  }
  throw new Error('it was accepted');
}

function refusal(codec: Codec<FrameValue>, stream: Uint8Array, ends = true): ProtocolError {
  const decoder = codec.decoder();
  decoder.push(stream);
  if (ends) {
    decoder.end();
  }
  return errorOf(() => [...decoder]);
}

/** Length of a marker that begins and ends frames: alone it is fill between two of them, and no frame. */
function fillLength(name: FormatName): number {
  const row = ROWS[name];
  return row.codec === 'delimited' && row.start === row.end ? hex(row.end).length : 0;
}

describe.each(FORMAT_NAMES)('%s', (name) => {
  const codec = codecOfRow(name);
  const vectors = vectorsOf(name);
  const frames = framesOf(name);
  const stream = join(frames);
  const values = vectors.map((vector) => valueOf(name, vector));

  test('decodes its golden frames whole, byte by byte, and cut anywhere', () => {
    const expected = values.map(shown);
    for (const chunks of [[stream], inPieces(stream, 1), frames]) {
      expect(decode(codec, chunks).map(shown)).toEqual(expected);
    }
    fc.assert(
      fc.property(cutsOf(stream.length), (cuts) => {
        expect(decode(codec, split(stream, cuts)).map(shown)).toEqual(expected);
      }),
      runs(8),
    );
  });

  test('encodes what it decoded to the same bytes', () => {
    for (const [i, value] of values.entries()) {
      const bytes = frames[i] ?? hex('');
      expect(toHex(join(codec.encode(value)))).toBe(toHex(bytes));
      expect(codec.encodedLength?.(value) ?? bytes.length).toBe(bytes.length);
    }
    const decoded = decode(codec, [stream]);
    expect(toHex(join(decoded.flatMap((value) => codec.encode(value))))).toBe(toHex(stream));
  });

  test('reports truncation at every cut inside them, and only there', () => {
    for (const bytes of frames) {
      for (let cut = fillLength(name) + 1; cut < bytes.length; cut++) {
        expect(refusal(codec, bytes.subarray(0, cut)).code).toBe('ERR_FRAME_TRUNCATED');
      }
    }
  });
});

const prefixed = FORMAT_NAMES.flatMap((name) => {
  const options = optionsOf(name);
  return options === undefined ? [] : [[name, options] as const];
});

describe.each(prefixed)('the length of %s', (name, options) => {
  const [vector = ''] = vectorsOf(name);

  test('refuses a payload above a limit in both directions', () => {
    const limited = codecOfRow(name, { maxPayloadLength: 40, resync: false });
    const [before = '', , after = '', , trailer = ''] = vector.split('|');
    const prefix = toHex(prefixOf(name, 41));
    const error = refusal(limited, frameBytes(`${before}|${prefix}`), false);
    expect(error).toMatchObject({ code: 'ERR_FRAME_TOO_LARGE', length: 41, limit: 40 });
    expect(error).toMatchObject({ byteOffset: 0, hint: expect.stringMatching(/\w/) });
    const frame = `${before}|${prefix}|${after}|${'61'.repeat(41)}|${trailer}`;
    expect(() => limited.encode(valueOf(name, frame))).toThrow(
      expect.objectContaining({ code: 'ERR_FRAME_UNENCODABLE' }),
    );
  });

  test('has a limit that it can count, and refuses a length above it', () => {
    const { limit } = slowFormat(options);
    expect(slowFormat({ ...options, maxPayloadLength: limit }).limit).toBe(
      options.maxPayloadLength ?? limit,
    );
    if (slowFormat({ ...options, maxPayloadLength: limit + 1 }).limit === limit) {
      return;
    }
    const [before = ''] = vector.split('|');
    const head = frameBytes(`${before}|${toHex(prefixOf(name, limit + 1))}`);
    expect(refusal(codecOfRow(name, { resync: false }), head, false)).toMatchObject({
      length: limit + 1,
      limit,
    });
  });
});

/** The length field of a frame with that much payload. */
function prefixOf(name: FormatName, payloadLength: number): Uint8Array {
  const format = slowFormat(optionsOf(name) ?? {});
  // The oracle of BER is what X.690 says of the long form.
  if (name === 'berTlv') {
    return join([hex('3084'), slowNumber(slowFormat({}), payloadLength)]);
  }
  return slowNumber(format, payloadLength + format.counted);
}

/** Whether lengthPrefixed() takes this row. */
const isPlain = (name: FormatName): boolean => {
  const row: Format = ROWS[name];
  return row.codec === 'lengthPrefixed' && !hasNames(row);
};
const asOptions = (name: FormatName): unknown => {
  const call: (row: never) => unknown = lengthPrefixed;
  return call(ROWS[name] as never);
};

test.each(FORMAT_NAMES.filter(isPlain))('%s is options of lengthPrefixed as well', (name) => {
  expect(() => asOptions(name)).not.toThrow();
});

test.each(FORMAT_NAMES.filter((name) => !isPlain(name)))(
  'lengthPrefixed says that %s is for framing()',
  (name) => {
    expect(() => asOptions(name)).toThrow('framing() of unstick/formats');
  },
);

describe('the table', () => {
  test('has golden frames for every row, in the family of the row', () => {
    expect(FORMAT_NAMES.filter((name) => vectorsOf(name).length === 0)).toEqual([]);
    expect(MISPLACED).toEqual([]);
  });

  test('has no name twice, and each family is sorted', () => {
    const all = Object.values(FAMILIES).flatMap((family) => Object.keys(family));
    expect(all.toSorted()).toEqual(Object.keys(formats).toSorted());
    for (const family of Object.values(FAMILIES)) {
      expect(Object.keys(family).toSorted()).toEqual(Object.keys(family));
    }
  });

  test('says of every row where it is specified, what to know, and how it is known', () => {
    for (const { source, note, known, seen } of Object.values(ROWS)) {
      expect(source).toMatch(/\w/);
      expect(note).toMatch(/\w/);
      expect(['capture', 'device', 'specification']).toContain(known);
      // What was seen was seen somewhere; what nobody has run was not.
      expect([source, seen !== undefined]).toEqual([source, known !== 'specification']);
    }
  });

  test('is known from frames that were seen, for 60 rows and more', () => {
    const seen = Object.values(ROWS).filter(({ known }) => known !== 'specification');
    expect(seen.length).toBeGreaterThanOrEqual(60);
  });

  test('names only tests that are there', () => {
    const named = Object.values(ROWS).flatMap(({ seen = '' }) => /^test\/\S+$/.exec(seen) ?? []);
    expect(named.filter((path) => !existsSync(path))).toEqual([]);
    expect(named.length).toBeGreaterThan(0);
  });

  test('is plain JSON: nothing of a row is lost in it', () => {
    expect(JSON.parse(JSON.stringify(formats))).toEqual(formats);
  });

  test('takes a limit by one name, for every row', () => {
    for (const name of FORMAT_NAMES) {
      expect(() => codecOfRow(name, { maxPayloadLength: 2000 })).not.toThrow();
    }
  });

  test('gives its codecs their types', () => {
    expectTypeOf(lengthPrefixed(formats.postgres)).toEqualTypeOf<
      PackingCodec<Typed, Typed<Bytes>>
    >();
    expectTypeOf(lengthPrefixed(formats.amqp091)).toEqualTypeOf<
      PackingCodec<Typed, Typed<Bytes>>
    >();
    expectTypeOf(lengthPrefixed(formats.kafka)).toEqualTypeOf<FrameCodec>();
    expectTypeOf(lengthPrefixed(formats.tpkt)).toEqualTypeOf<FrameCodec>();
    expectTypeOf(
      lengthPrefixed({ ...formats.kafka, maxPayloadLength: 5 }),
    ).toEqualTypeOf<FrameCodec>();
    expectTypeOf(lengthPrefixed({ ...formats.postgres, maxPayloadLength: 5 })).toEqualTypeOf<
      PackingCodec<Typed, Typed<Bytes>>
    >();
  });

  test('gives codecs that scan where values are bytes', () => {
    const seen: string[] = [];
    lengthPrefixed(formats.kafka)
      .decoder()
      .scan(join(framesOf('kafka')), (bytes, start, end) =>
        seen.push(toHex(bytes.subarray(start, end))),
      );
    expect(seen).toEqual(vectorsOf('kafka').map((vector) => shown(valueOf('kafka', vector))));
  });
});

describe('a recorded stream', () => {
  test.each(Object.entries(RECORDED) as [FormatName, string][])('is %s (%s)', (name, capture) => {
    const stream = recorded(capture);
    const codec = codecOfRow(name);
    const values = decode(codec, inPieces(stream, 7));
    expect(values.length).toBeGreaterThan(2);
    expect(toHex(join(values.flatMap((value) => codec.encode(value))))).toBe(toHex(stream));
  });
});
