// Every row of `formats`: its golden frames in both directions, its limit, the end inside a frame.

import * as fc from 'fast-check';
import { describe, expect, expectTypeOf, test } from 'vitest';
import type { Bytes } from '../../src/codec/byte-types.ts';
import type { Codec, FrameCodec, PackingCodec } from '../../src/codec/codec.ts';
import { formats } from '../../src/codec/formats/formats.ts';
import type { LengthPrefixedOptions } from '../../src/codec/frame-layout.ts';
import { lengthPrefixed } from '../../src/codec/length-prefixed.ts';
import { ProtocolError } from '../../src/errors.ts';
import { hex, inPieces, join, toHex } from '../support/bytes.ts';
import { cutsOf, split } from '../support/deliveries.ts';
import { FORMAT_VECTORS, RECORDED, recorded } from '../support/format-vectors.ts';
import type { FormatName } from '../support/format-vectors.ts';
import { codecOf } from '../support/frame-arbitraries.ts';
import { runs } from '../support/seed.ts';
import { slowFormat } from '../support/slow-frames.ts';
import { slowNumber } from '../support/slow-write.ts';
import type { FrameValue } from '../support/slow-write.ts';

/** A type byte or more in front, always there. */
interface Typed<B extends Uint8Array = Uint8Array> {
  readonly before: B;
  readonly payload: B;
}

const names = Object.keys(formats) as FormatName[];
const optionsOf = (name: FormatName): LengthPrefixedOptions => formats[name];

/** The value that one golden frame stands for. */
function valueOf(options: LengthPrefixedOptions, frame: string): FrameValue {
  const [before = '', , after = '', payload = '', trailer = ''] = frame.split('|');
  const own = Object.entries({ before, after, trailer }).filter(
    ([name]) => typeof options[name as 'before'] === 'number',
  );
  if (options.deliver === 'frame') {
    return hex(frame.replaceAll('|', ''));
  }
  if (own.length === 0) {
    return hex(payload);
  }
  return {
    payload: hex(payload),
    ...Object.fromEntries(own.map(([name, part]) => [name, hex(part)])),
  };
}

const bytesOf = (frame: string): Uint8Array => hex(frame.replaceAll('|', ''));

/** A value in hex, so that Buffers and arrays compare alike. */
function shown(value: FrameValue): unknown {
  if (value instanceof Uint8Array) {
    return toHex(value);
  }
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, toHex(part)]));
}

function decode(codec: Codec<never, FrameValue>, chunks: readonly Uint8Array[]): unknown[] {
  const decoder = codec.decoder();
  const values = chunks.flatMap((chunk) => {
    decoder.push(chunk);
    return Array.from(decoder, shown);
  });
  decoder.end();
  values.push(...Array.from(decoder, shown));
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

function refusal(codec: Codec<never, FrameValue>, stream: Uint8Array, ends = true): ProtocolError {
  const decoder = codec.decoder();
  decoder.push(stream);
  if (ends) {
    decoder.end();
  }
  return errorOf(() => [...decoder]);
}

describe.each(names.map((name) => [name, optionsOf(name)] as const))('%s', (name, options) => {
  const codec = codecOf(options);
  const frames = FORMAT_VECTORS[name];
  const stream = join(frames.map(bytesOf));
  const values = frames.map((frame) => valueOf(options, frame));

  test('decodes its golden frames whole, byte by byte, and cut anywhere', () => {
    const expected = values.map(shown);
    for (const chunks of [[stream], inPieces(stream, 1), frames.map(bytesOf)]) {
      expect(decode(codec, chunks)).toEqual(expected);
    }
    fc.assert(
      fc.property(cutsOf(stream.length), (cuts) => {
        expect(decode(codec, split(stream, cuts))).toEqual(expected);
      }),
      runs(25),
    );
  });

  test('encodes them to the same bytes', () => {
    for (const [i, value] of values.entries()) {
      const bytes = bytesOf(frames[i] ?? '');
      expect(toHex(join(codec.encode(value)))).toBe(toHex(bytes));
      expect(codec.encodedLength(value)).toBe(bytes.length);
    }
  });

  test('reports truncation at every cut inside them, and only there', () => {
    for (const bytes of frames.map(bytesOf)) {
      for (let cut = 1; cut < bytes.length; cut++) {
        expect(refusal(codec, bytes.subarray(0, cut)).code).toBe('ERR_FRAME_TRUNCATED');
      }
    }
  });

  test('refuses a payload above a limit in both directions', () => {
    const limited = codecOf({ ...options, maxPayloadLength: 40 });
    const [before = '', , after = '', , trailer = ''] = (frames[0] ?? '').split('|');
    const prefix = toHex(prefixOf(name, 41));
    const error = refusal(limited, bytesOf(`${before}|${prefix}`), false);
    expect(error).toMatchObject({ code: 'ERR_FRAME_TOO_LARGE', length: 41, limit: 40 });
    expect(error).toMatchObject({ byteOffset: 0, hint: expect.stringMatching(/\w/) });
    const frame = `${before}|${prefix}|${after}|${'61'.repeat(41)}|${trailer}`;
    expect(() => limited.encode(valueOf(options, frame))).toThrow(
      expect.objectContaining({ code: 'ERR_FRAME_UNENCODABLE' }),
    );
  });

  test('has a limit that its length can count, and refuses a length above it', () => {
    const { limit } = slowFormat(options);
    expect(slowFormat({ ...options, maxPayloadLength: limit }).limit).toBe(
      options.maxPayloadLength ?? limit,
    );
    if (slowFormat({ ...options, maxPayloadLength: limit + 1 }).limit === limit) {
      return;
    }
    const [before = ''] = (frames[0] ?? '').split('|');
    const head = bytesOf(`${before}|${toHex(prefixOf(name, limit + 1))}`);
    expect(refusal(codec, head, false)).toMatchObject({ length: limit + 1, limit });
  });
});

/** The length field of a frame with that much payload. */
function prefixOf(name: FormatName, payloadLength: number): Uint8Array {
  const format = slowFormat(optionsOf(name));
  // The oracle of BER is what X.690 says of the long form.
  if (name === 'berTlv') {
    return join([hex('3084'), slowNumber(slowFormat({}), payloadLength)]);
  }
  return slowNumber(format, payloadLength + format.counted);
}

describe('the table', () => {
  test('has golden frames for every row', () => {
    expect(Object.keys(FORMAT_VECTORS)).toEqual(names);
    expect(names.length).toBeGreaterThanOrEqual(30);
  });

  test('is sorted, and says of every row where it is specified and what to know', () => {
    expect(names.toSorted()).toEqual(names);
    for (const { source, note } of Object.values(formats)) {
      expect(source).toMatch(/\w/);
      expect(note).toMatch(/\w/);
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
    expectTypeOf(lengthPrefixed(formats.berTlv)).toEqualTypeOf<FrameCodec>();
    expectTypeOf(
      lengthPrefixed({ ...formats.kafka, maxPayloadLength: 5 }),
    ).toEqualTypeOf<FrameCodec>();
    expectTypeOf(lengthPrefixed({ ...formats.postgres, maxPayloadLength: 5 })).toEqualTypeOf<
      PackingCodec<Typed, Typed<Bytes>>
    >();
  });

  test('gives codecs that scan where values are bytes', () => {
    const seen: string[] = [];
    const stream = join(FORMAT_VECTORS.kafka.map(bytesOf));
    lengthPrefixed(formats.kafka)
      .decoder()
      .scan(stream, (bytes, start, end) => seen.push(toHex(bytes.subarray(start, end))));
    expect(seen).toEqual(FORMAT_VECTORS.kafka.map((frame) => shown(valueOf(formats.kafka, frame))));
  });

  test('does not change with the bytes of a codec made from it', () => {
    const trailer = formats.amqp091.trailer;
    const codec = lengthPrefixed(formats.amqp091);
    const before = new Uint8Array(3);
    const [frame = hex('')] = codec.encode({ before, payload: hex('') });
    frame.fill(0);
    expect(toHex(trailer)).toBe('ce');
    expect(toHex(join(codec.encode({ before, payload: hex('') })))).toBe('00000000000000ce');
  });
});

describe('a recorded stream', () => {
  test.each(Object.entries(RECORDED) as [FormatName, string][])('is %s (%s)', (name, capture) => {
    const stream = recorded(capture);
    const codec = codecOf(optionsOf(name));
    const decoder = codec.decoder();
    for (const chunk of inPieces(stream, 7)) {
      decoder.push(chunk);
    }
    decoder.end();
    const values = [...decoder];
    expect(values.length).toBeGreaterThan(2);
    expect(toHex(join(values.flatMap((value) => codec.encode(value))))).toBe(toHex(stream));
  });
});
