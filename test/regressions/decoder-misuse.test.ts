// Every decoder must refuse the same three misuses: wrong options, calls from inside a function that the
// decoder is calling, and handing on the rest of a frame that it is skipping. Some decoders refused them, and
// some did not.

import { describe, expect, test } from 'vitest';
import type { Codec, Decoder, DecoderOptions } from '../../src/codec/codec.ts';
import { contentLength } from '../../src/codec/content-length.ts';
import { headerPrefixed } from '../../src/codec/header-prefixed.ts';
import type { LengthField } from '../../src/codec/length-field.ts';
import { lengthPrefixed } from '../../src/codec/length-prefixed.ts';
import { netstrings } from '../../src/codec/netstrings.ts';
import { rawBytes } from '../../src/codec/raw-bytes.ts';
import { ProtocolError } from '../../src/errors.ts';
import { messageParts } from '../../src/message/message-parts.ts';
import { messages } from '../../src/message/messages.ts';
import { hex, join, toHex, utf8 } from '../support/bytes.ts';
import { digitsField } from '../support/frame-arbitraries.ts';
import { sumChecksum } from '../support/section-arbitraries.ts';

const header = { header: { parse: (b: Uint8Array) => b[0] ?? 0 }, headerLength: 1 };
const codecs: Record<string, Codec<never, unknown>> = {
  lengthPrefixed: lengthPrefixed(),
  parts: lengthPrefixed({ before: 1, deliver: 'parts' }),
  frame: lengthPrefixed({ deliver: 'frame' }),
  netstrings: netstrings(),
  contentLength: contentLength(),
  headerPrefixed: headerPrefixed({ ...header, payloadLength: (length) => length }),
  rawBytes: rawBytes(),
  messages: messages(),
  messageParts: messageParts(),
};

function nothing(): void {}

describe.each(Object.entries(codecs))('the decoder of %s', (_, codec) => {
  test.each([
    null,
    'x',
    5,
    { onskip: () => undefined },
    { onSkip: 5 },
    { onSkip: null },
    { copy: true },
  ])('refuses the options %j', (options) => {
    const call = (): unknown => codec.decoder(options as DecoderOptions);
    expect(call).toThrow(expect.objectContaining({ name: 'UsageError', code: 'ERR_OPTION' }));
  });

  test('takes none, and onSkip that is left out', () => {
    for (const options of [undefined, {}, { onSkip: undefined }]) {
      expect(() => codec.decoder(options)).not.toThrow();
    }
  });
});

describe('a decoder that is used inside a function that it calls', () => {
  let use = nothing;
  const calling: LengthField = {
    ...digitsField,
    read: (bytes, at) => {
      use();
      return digitsField.read(bytes, at);
    },
  };
  const compute = (bytes: Uint8Array): Uint8Array => {
    use();
    return sumChecksum.compute(bytes);
  };
  const parse = (bytes: Uint8Array): number => {
    use();
    return bytes[0] ?? 0;
  };
  const parseHeader = (one: object): object => {
    use();
    return one;
  };
  const summed = lengthPrefixed({
    trailer: { length: 2, compute: (all) => sumChecksum.compute(all) },
  });
  const message = join(messages().encode({ header: {}, body: 'hi' }));
  const plainHeader = { payloadLength: (length: number): number => length };
  const calls: [string, Codec<never, unknown>, Uint8Array, DecoderOptions?][] = [
    ['LengthField.read', lengthPrefixed({ prefix: calling }), utf8('2:hi')],
    [
      'checksum.compute',
      lengthPrefixed({ trailer: { length: 2, compute } }),
      join(summed.encode(hex('41'))),
    ],
    [
      'header.parse',
      headerPrefixed({ header: { parse }, headerLength: 1, ...plainHeader }),
      hex('0141'),
    ],
    [
      'payloadLength',
      headerPrefixed({
        ...header,
        payloadLength: (length: number) => {
          use();
          return length;
        },
      }),
      hex('0141'),
    ],
    ['parseHeader of messages', messages({ parseHeader }), message],
    ['parseHeader of messageParts', messageParts({ parseHeader }), message],
    [
      'onSkip',
      lengthPrefixed({ maxPayloadLength: 1 }),
      hex('00000002 6869 00000001 41'),
      { onSkip: () => use() },
    ],
    [
      'onSkip of messages',
      messages({ maxBodyLength: 1 }),
      join([message, ...messages().encode({ header: {} })]),
      { onSkip: () => use() },
    ],
    [
      'onSkip of messageParts',
      messageParts({ maxBodyLength: 1 }),
      join([message, ...messages().encode({ header: {} })]),
      { onSkip: () => use() },
    ],
  ];
  const verbs: [string, (decoder: Decoder<unknown>) => unknown][] = [
    ['take', (decoder) => decoder.take()],
    ['push', (decoder) => decoder.push(hex('00'))],
    ['end', (decoder) => decoder.end()],
    ['takeRest', (decoder) => decoder.takeRest?.()],
  ];

  describe.each(calls)('%s', (_, codec, stream, options) => {
    test.each(verbs)('refuses %s with ERR_DECODER_BUSY, and goes on', (__, verb) => {
      const decoder = codec.decoder(options);
      const seen: unknown[] = [];
      use = () => {
        try {
          verb(decoder);
          seen.push('accepted');
        } catch (error) {
          seen.push((error as { code: string }).code);
        }
      };
      decoder.push(stream);
      expect(decoder.take()).toBeDefined();
      expect(new Set(seen)).toEqual(new Set(['ERR_DECODER_BUSY']));
    });

    test('gives that error where the function lets it through', () => {
      const decoder = codec.decoder(options);
      use = () => decoder.take();
      decoder.push(stream);
      expect(() => decoder.take()).toThrow(expect.objectContaining({ code: 'ERR_DECODER_BUSY' }));
    });
  });
});

describe('takeRest in the middle of a skipped frame', () => {
  const inner = join([
    new Uint8Array(100),
    hex('0000000a'),
    utf8('DELETE ALL'),
    new Uint8Array(50),
  ]);
  const body = inner;
  const cases: [string, Codec<never, unknown>, Uint8Array][] = [
    [
      'lengthPrefixed',
      lengthPrefixed({ maxPayloadLength: 100 }),
      join(lengthPrefixed().encode(inner)),
    ],
    [
      'parts',
      lengthPrefixed({ after: 1, maxPayloadLength: 100, deliver: 'parts' }),
      join([hex('000000a4 00'), inner]),
    ],
    ['netstrings', netstrings({ maxPayloadLength: 100 }), join(netstrings().encode(inner))],
    [
      'contentLength',
      contentLength({ maxPayloadLength: 100 }),
      join(contentLength().encode(inner)),
    ],
    [
      'headerPrefixed',
      headerPrefixed({ ...header, payloadLength: (length) => length, maxPayloadLength: 100 }),
      join([Uint8Array.of(inner.length), inner]),
    ],
    ['messages', messages({ maxBodyLength: 100 }), join(messages().encode({ header: {}, body }))],
    [
      'messageParts',
      messageParts({ maxBodyLength: 100 }),
      join(messages().encode({ header: {}, body })),
    ],
  ];

  test.each(cases)(
    'is refused by %s, which goes on; behind the frame it is not',
    (_, codec, frame) => {
      const decoder = codec.decoder({ onSkip: nothing });
      decoder.push(frame.slice(0, -60));
      expect(decoder.take()).toBeUndefined();
      const refusal = expect.objectContaining({ name: 'UsageError', code: 'ERR_SKIP_UNFINISHED' });
      expect(() => decoder.takeRest?.()).toThrow(refusal);
      decoder.push(frame.slice(-60, -1));
      expect(() => decoder.takeRest?.()).toThrow(refusal);
      decoder.push(join([frame.slice(-1), utf8('next')]));
      expect(toHex(join(decoder.takeRest?.() ?? []))).toBe(toHex(utf8('next')));
      expect(decoder.done).toBe(true);
    },
  );
});

describe('bytes pushed behind a failure', () => {
  const wrong: [string, Codec<never, unknown>, Uint8Array][] = [
    ['lengthPrefixed', lengthPrefixed(), hex('ffffffff')],
    ['netstrings', netstrings(), utf8('x')],
    ['contentLength', contentLength(), utf8('\n')],
    ['messages', messages(), hex('00000002 5b5d')],
    ['messageParts', messageParts(), hex('00000002 5b5d')],
  ];

  test.each(wrong)('are not kept by %s, however many come', (_, codec, bytes) => {
    const decoder = codec.decoder();
    decoder.push(bytes);
    expect(() => decoder.take()).toThrow(ProtocolError);
    const held = decoder.bufferedLength;
    for (let i = 0; i < 200; i++) {
      decoder.push(new Uint8Array(65_536));
      expect(() => decoder.take()).toThrow(ProtocolError);
    }
    expect(decoder.bufferedLength).toBe(held);
    expect(toHex(join(decoder.takeRest?.() ?? []))).toBe(
      toHex(bytes.subarray(bytes.length - held)),
    );
  });
});
