// continued(): one value of several frames, under the same contract as one of a single frame.

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { continued } from '../../src/codec/continued.ts';
import type { ContinuedOptions } from '../../src/codec/continued-options.ts';
import type { Codec } from '../../src/codec/codec.ts';
import { lengthPrefixed } from '../../src/codec/length-prefixed.ts';
import { resync } from '../../src/codec/resync.ts';
import { ProtocolError } from '../../src/errors.ts';
import { assertProven } from '../../src/prove/decoder/report.ts';
import { proveDecoder } from '../../src/prove/decoder/prove-decoder.ts';
import { hex, join, toHex, utf8 } from '../support/bytes.ts';
import { LAST, oncRpc } from '../support/continued-codecs.ts';
import { deliveriesOf } from '../support/deliveries.ts';
import { protocolErrorOf, unstickErrorOf, valuesOf } from '../support/outcomes.ts';
import { runs } from '../support/seed.ts';

interface Part {
  readonly before: Uint8Array;
  readonly payload: Uint8Array;
}

function part(mark: number, payload: Uint8Array): Part {
  return { before: Uint8Array.of(mark), payload };
}

/** All that a decoder says: its values and skipped frames in order, then its error. */
function outcome(
  codec: Codec<never, { readonly payload: Uint8Array }>,
  chunks: readonly Uint8Array[],
  { ended, skips }: { readonly ended: boolean; readonly skips: boolean },
): unknown[] {
  const said: unknown[] = [];
  const tell = ({ code, byteOffset, frameIndex }: ProtocolError): void => {
    said.push([code, byteOffset, frameIndex]);
  };
  const decoder = codec.decoder(skips ? { onSkip: tell } : {});
  const take = (): void => {
    for (const { payload } of decoder) {
      said.push(toHex(payload));
    }
  };
  try {
    for (const chunk of chunks) {
      decoder.push(chunk);
      take();
    }
    if (ended) {
      decoder.end();
      take();
      said.push(decoder.done);
    }
  } catch (error) {
    if (!(error instanceof ProtocolError)) {
      throw error;
    }
    tell(error);
  }
  return said;
}

describe('a series', () => {
  const codec = oncRpc(4, { maxLength: 10, maxFragments: 3 });

  test('is the same however the stream is cut, and is truncated inside', () => {
    const streams = fc.array(
      fc.oneof(
        fc.uint8Array({ maxLength: 10 }).map((payload) => join(codec.encode({ payload }))),
        fc
          .constantFrom(
            '00000001 61',
            '80000001 61',
            '00000000',
            '00000002 ff',
            '000000ff',
            '7fffffff',
          )
          .map(hex),
      ),
      { maxLength: 6 },
    );
    const cases = streams.chain((list) =>
      fc.record({
        stream: fc.constant(join(list)),
        delivery: deliveriesOf(join(list)),
        skips: fc.boolean(),
      }),
    );
    fc.assert(
      fc.property(cases, ({ stream, delivery: { steps, ended }, skips }) => {
        const chunks = steps.map(({ bytes }) => bytes);
        expect(outcome(codec, chunks, { ended, skips })).toEqual(
          outcome(codec, [stream], { ended, skips }),
        );
      }),
      runs(1000),
    );
  });

  test('that ends too early is truncated where it began', () => {
    const error = protocolErrorOf(codec, [hex('80000001 61 00000001 62 00000001 63')]);
    expect(error).toMatchObject({
      code: 'ERR_FRAME_TRUNCATED',
      byteOffset: 5,
      frameIndex: 1,
      received: 10,
    });
  });

  test('has limits over the sum, and in number', () => {
    const large = protocolErrorOf(
      codec,
      [hex('80000000 00000006 616161616161 00000005 6161616161')],
      'open',
    );
    expect(large).toMatchObject({
      code: 'ERR_FRAME_TOO_LARGE',
      length: 11,
      limit: 10,
      byteOffset: 4,
    });
    const single = protocolErrorOf(codec, [join([hex('8000000b'), new Uint8Array(11)])], 'open');
    expect(single).toMatchObject({
      code: 'ERR_FRAME_TOO_LARGE',
      length: 11,
      limit: 10,
      byteOffset: 0,
    });
    const many = protocolErrorOf(codec, [hex('00000000'.repeat(4))], 'open');
    expect(many).toMatchObject({ code: 'ERR_FRAME_MALFORMED', byteOffset: 0 });
    expect(many.message).toMatch(/maxFragments 3 fragments.*raise the limit on both sides/);
  });

  test('cannot have a hole: a fragment that would be skipped is fatal, outside it is skipped', () => {
    const told: string[] = [];
    const decoder = codec.decoder({ onSkip: ({ code }) => told.push(code) });
    decoder.push(
      join([hex('80000065'), new Uint8Array(101), hex('80000001 61 00000001 62 00000065')]),
    );
    expect(decoder.take()).toEqual({ flags: LAST, payload: utf8('a') });
    for (let i = 0; i < 2; i++) {
      const error = unstickErrorOf(() => decoder.take());
      expect(error).toMatchObject({ code: 'ERR_FRAME_TOO_LARGE', byteOffset: 115, frameIndex: 3 });
    }
    expect(told).toEqual(['ERR_FRAME_TOO_LARGE']);
  });

  test('cannot have noise inside, also if nobody listens', () => {
    const noisy = continued<Part, Part>(
      lengthPrefixed({ before: ['2323', 1], prefix: 'u8', deliver: 'parts', resync: resync() }),
      { isMore: ({ before }) => before[0] === 1, split: () => [] },
    );
    const noise: string[] = [];
    const listening = noisy.decoder({ onNoise: ({ code }) => noise.push(code) });
    listening.push(hex('ffff 2323 00 01 61'));
    expect(listening.take()).toEqual(part(0, utf8('a')));
    expect(noise).toEqual(['ERR_NOISE']);
    for (const decoder of [noisy.decoder(), noisy.decoder({ onSkip: () => {} })]) {
      decoder.push(hex('2323 01 01 61 ffff 2323 00 01 62'));
      expect(unstickErrorOf(() => decoder.take())).toMatchObject({
        code: 'ERR_NOISE',
        byteOffset: 5,
      });
      expect(unstickErrorOf(() => decoder.take()).code).toBe('ERR_NOISE');
    }
  });

  test('behind a skipped frame has its own place', () => {
    const decoder = codec.decoder({ onSkip: () => {} });
    decoder.push(join([hex('80000065'), new Uint8Array(101), hex('00000001 62')]));
    expect(decoder.take()).toBeUndefined();
    decoder.end();
    const error = unstickErrorOf(() => decoder.take());
    expect(error).toMatchObject({
      code: 'ERR_FRAME_TRUNCATED',
      byteOffset: 105,
      frameIndex: 1,
      received: 5,
    });
  });

  test('is no boundary, is buffered, and cannot be handed back', () => {
    const decoder = codec.decoder();
    decoder.push(hex('00000001 62'));
    expect(decoder.take()).toBeUndefined();
    expect([decoder.atBoundary, decoder.bufferedLength, decoder.done]).toEqual([false, 5, false]);
    expect(unstickErrorOf(() => decoder.takeRest?.()).code).toBe('ERR_SKIP_UNFINISHED');
    decoder.push(hex('80000001 63 8000'));
    expect(decoder.take()?.payload).toEqual(utf8('bc'));
    expect(decoder.bufferedLength).toBe(2);
    expect(decoder.takeRest?.().map(toHex)).toEqual(['8000']);
    expect(decoder.done).toBe(true);
  });

  test('is dropped when the decoder fails, which is then no boundary and never done', () => {
    const decoder = codec.decoder();
    decoder.push(hex('00000001 62'));
    decoder.end();
    expect(() => decoder.take()).toThrow(expect.objectContaining({ code: 'ERR_FRAME_TRUNCATED' }));
    expect([decoder.atBoundary, decoder.bufferedLength, decoder.done]).toEqual([false, 0, false]);
    expect(decoder.takeRest?.()).toEqual([]);
  });

  test('keeps the class of its chunks', () => {
    const [value] = valuesOf(codec, [Buffer.from(hex('00000001 62 80000001 63'))]);
    expect(Buffer.isBuffer(value?.payload)).toBe(true);
  });

  test('is proven', async () => {
    const values = fc.uint8Array({ maxLength: 10 }).map((payload) => ({ payload }));
    const report = await proveDecoder(oncRpc(4), {
      values,
      normalize: (list) => list.map(({ payload }) => payload),
      frameOf: (length) => join(oncRpc(100).encode({ payload: new Uint8Array(length) })),
      seed: 20_261_129,
    });
    expect(() => assertProven(report)).not.toThrow();
  });
});

describe('what the caller gives', () => {
  const frames: Codec<Part> = lengthPrefixed({ before: 1, prefix: 'u8', deliver: 'parts' });
  const value = part(0, utf8('abc'));
  const codecWith = (options: Partial<ContinuedOptions<Part>>): Codec<Part> =>
    continued<Part, Part>(frames, {
      isMore: ({ before }) => before[0] === 1,
      split: ({ payload }) => [part(0, payload)],
      ...options,
    });

  test.each<[string, Partial<ContinuedOptions<Part>>]>([
    ['no fragment', { split: () => [] }],
    ['a last fragment that more follow', { split: ({ payload }) => [part(1, payload)] }],
    ['a first that none follows', { split: ({ payload }) => [part(0, payload), part(0, hex(''))] }],
    ['too few bytes', { split: () => [part(0, utf8('ab'))] }],
    ['too many bytes', { split: () => [part(1, utf8('ab')), part(0, utf8('cd'))] }],
    [
      'too many fragments',
      { maxFragments: 1, split: ({ payload }) => [part(1, payload), part(0, hex(''))] },
    ],
    [
      'a fragment that would pass',
      { pass: ({ before }) => before[0] === 3, split: ({ payload }) => [part(3, payload)] },
    ],
    ['a fragment that does not fit', { fits: () => false }],
    ['nothing that one can iterate', { split: () => undefined as never }],
    ['an error', { split: () => JSON.parse('{') }],
    ['a value above the limit', { maxLength: 2 }],
  ])('is refused by encode: %s', (_, options) => {
    expect(unstickErrorOf(() => codecWith(options).encode(value)).code).toBe(
      'ERR_FRAME_UNENCODABLE',
    );
  });

  test.each([null, undefined, 'abc', {}, { payload: 'abc' }])(
    'is refused as a value: %j',
    (given) => {
      expect(unstickErrorOf(() => codecWith({}).encode(given as never)).code).toBe(
        'ERR_FRAME_UNENCODABLE',
      );
    },
  );

  test.each<[string, Partial<ContinuedOptions<Part>>, string]>([
    ['a TypeError of isMore', { isMore: () => JSON.parse('null').missing }, 'ERR_OPTION'],
    ['an answer that is no boolean', { isMore: () => 1 as never }, 'ERR_OPTION'],
    ['a refusal of fits', { fits: () => JSON.parse('{') }, 'ERR_FRAME_MALFORMED'],
  ])('fails for ever: %s', (_, options, code) => {
    const decoder = codecWith(options).decoder();
    decoder.push(hex('00 01 61'));
    for (let i = 0; i < 2; i++) {
      expect(unstickErrorOf(() => decoder.take()).code).toBe(code);
      decoder.push(hex('00'));
    }
  });

  test('cannot use the decoder inside', () => {
    const codes: string[] = [];
    const codec: Codec<Part> = codecWith({
      isMore: () => {
        for (const call of [
          () => decoder.take(),
          () => decoder.push(hex('00')),
          () => decoder.end(),
          () => decoder.takeRest?.(),
        ]) {
          codes.push(unstickErrorOf(call).code);
        }
        return false;
      },
    });
    const decoder = codec.decoder();
    decoder.push(hex('00 01 61'));
    expect(decoder.take()?.payload).toEqual(utf8('a'));
    expect(codes).toEqual(Array.from({ length: 4 }, () => 'ERR_DECODER_BUSY'));
  });

  test.each<[string, () => unknown]>([
    ['no codec', () => continued(undefined as never, { isMore: () => false, split: () => [] })],
    ['no isMore', () => codecWith({ isMore: undefined as never })],
    ['no split', () => codecWith({ split: undefined as never })],
    ['a misspelt limit', () => codecWith({ maxlength: 1 } as never)],
    ['no fragment at all', () => codecWith({ maxFragments: 0 })],
    ['a negative limit', () => codecWith({ maxLength: -1 })],
  ])('is refused when the codec is made: %s', (_, make) => {
    expect(unstickErrorOf(make).code).toBe('ERR_OPTION');
  });
});
