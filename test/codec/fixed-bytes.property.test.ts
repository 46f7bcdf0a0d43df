// Fixed bytes are checked one by one. The first wrong byte is an error even if later ones have not come, and
// the error is the same however the stream is cut.

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Codec } from '../../src/codec/codec.ts';
import { contentLength } from '../../src/codec/content-length.ts';
import { formats } from '../../src/codec/formats/formats.ts';
import { lengthPrefixed } from '../../src/codec/length-prefixed.ts';
import { framing } from '../../src/framing/framing.ts';
import { netstrings } from '../../src/codec/netstrings.ts';
import { ProtocolError } from '../../src/errors.ts';
import { messages } from '../../src/message/messages.ts';
import { hex, inPieces, join, utf8 } from '../support/bytes.ts';
import { codecOf, formats as anyFormat } from '../support/frame-arbitraries.ts';
import { cutsOf, split } from '../support/deliveries.ts';
import { runs } from '../support/seed.ts';

/** The error of a stream that comes in these chunks, with everything that it says. */
function errorOf(codec: Codec<never, unknown>, chunks: readonly Uint8Array[]): object | undefined {
  const decoder = codec.decoder();
  try {
    for (const chunk of chunks) {
      decoder.push(chunk);
      while (decoder.take() !== undefined) {}
    }
    return undefined;
  } catch (error) {
    if (!(error instanceof ProtocolError)) {
      throw error;
    }
    const { message, code, hint, byteOffset, frameIndex, length, limit, reason } = error;
    return { message, code, hint, byteOffset, frameIndex, length, limit, reason };
  }
}

const preface = lengthPrefixed({ before: utf8('PROXY v2'), prefix: 'u16be' });
const early: [string, Codec<never, unknown>, Uint8Array, number][] = [
  ['the first byte', preface, utf8('GET /x'), 1],
  ['a later byte', preface, utf8('PROXX!'), 5],
  ['bgp, of another protocol', lengthPrefixed(formats.bgp), hex('00000002 6869'), 1],
  ['after', lengthPrefixed({ after: hex('cafe') }), hex('00000002 cb'), 5],
  ['a trailer', lengthPrefixed({ trailer: hex('0d0a') }), hex('00000002 6869 0a'), 7],
  [
    'a later byte of a trailer',
    lengthPrefixed({ trailer: hex('0d0a0d') }),
    hex('00000000 0d0b'),
    6,
  ],
  ['the comma of a netstring', netstrings(), utf8('2:hi;'), 5],
  ['a digit of a netstring', netstrings(), utf8('x'), 1],
  ['a header name', contentLength(), utf8('log line'), 4],
  ['a header name in the second line', contentLength(), utf8('Content-Length: 2\r\n{"'), 20],
];

describe('a wrong byte', () => {
  test.each(early)('is refused as soon as it is there: %s', (_, codec, bytes, wrongAt) => {
    expect(errorOf(codec, [bytes.subarray(0, wrongAt - 1)])).toBeUndefined();
    const first = errorOf(codec, [bytes.subarray(0, wrongAt)]);
    expect(first).toBeDefined();
    expect(errorOf(codec, [bytes])).toEqual(first);
    expect(errorOf(codec, inPieces(bytes, 1))).toEqual(first);
  });

  test('costs no more than its bytes where it comes behind a long payload', () => {
    const codec = lengthPrefixed({ trailer: utf8('the end') });
    const frame = join(codec.encode(new Uint8Array(3_000_000)));
    frame[frame.length - 1] = 0;
    const whole = errorOf(codec, [frame]);
    expect(whole).toMatchObject({ code: 'ERR_FRAME_MAGIC', reason: 'trailer' });
    expect(errorOf(codec, inPieces(frame, 65_536))).toEqual(whole);
  });
});

describe('the whole error, message and hint included', () => {
  test('is the same however a stream of frames is cut', () => {
    const cases = fc.tuple(anyFormat, fc.uint8Array({ maxLength: 40 })).chain(([options, stream]) =>
      fc.record({
        options: fc.constant(options),
        stream: fc.constant(stream),
        cuts: cutsOf(stream.length),
      }),
    );
    fc.assert(
      fc.property(cases, ({ options, stream, cuts }) => {
        const codec = codecOf(options);
        expect(errorOf(codec, split(stream, cuts))).toEqual(errorOf(codec, [stream]));
      }),
      runs(1000),
    );
  });

  const texts = fc
    .array(
      fc.constantFrom(
        'Content-Length',
        ': ',
        ':',
        '5',
        '\r\n',
        '\n',
        '\r',
        'GET ',
        '/ HTTP/1.1',
        '5:hello,',
        '{',
        'X',
        '\0',
      ),
      { maxLength: 12 },
    )
    .map((words) => utf8(words.join('')));
  test.each([
    ['contentLength', contentLength()],
    ['contentLength of 20 bytes', contentLength({ maxHeaderLength: 20 })],
    ['netstrings', netstrings()],
    ['messages', messages({ prefix: 'u8' })],
    ['syslog', framing('syslogOctetCounting')],
    ['BER', framing('berTlv')],
  ] as const)('is the same for text read by %s', (_, codec) => {
    const cases = texts.chain((stream) => fc.tuple(fc.constant(stream), cutsOf(stream.length)));
    fc.assert(
      fc.property(cases, ([stream, cuts]) => {
        expect(errorOf(codec, split(stream, cuts))).toEqual(errorOf(codec, [stream]));
      }),
      runs(500),
    );
  });
});
