// defineCodec(): a codec of two functions keeps the whole contract.

import * as fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { runs } from '../support/seed.ts';
import type { Bytes } from '../../src/codec/byte-types.ts';
import type { Codec } from '../../src/codec/codec.ts';
import { defineCodec } from '../../src/codec/define-codec.ts';
import type { CodecDefinition } from '../../src/codec/define-codec.ts';
import { netstrings } from '../../src/codec/netstrings.ts';
import type { ProtocolError } from '../../src/errors.ts';
import { assertProven } from '../../src/prove/decoder/report.ts';
import { proveDecoder } from '../../src/prove/decoder/prove-decoder.ts';
import { hex, inPieces, join, toHex, utf8 } from '../support/bytes.ts';
import { atOnce, deliveriesOf, read } from '../support/deliveries.ts';
import { netstringCodec } from '../support/netstring-codec.ts';
import { protocolErrorOf, unstickErrorOf, valuesOf } from '../support/outcomes.ts';

/** One byte of length, the payload, and one byte that is the xor of both. */
const summed = defineCodec({
  maxLength: 20,
  encode(payload: Uint8Array) {
    const sum = payload.reduce((all, byte) => all ^ byte, payload.length);
    return join([Uint8Array.of(payload.length), payload, Uint8Array.of(sum)]);
  },
  next(queue) {
    const length = queue.byteAt(0);
    if (length === undefined || !queue.hasFrame(length + 2)) {
      return undefined;
    }
    if (queue.peek(length + 2).reduce((all, byte) => all ^ byte, 0) !== 0) {
      const frameLength = length + 2;
      return queue.refuse('The sum does not match', { code: 'ERR_FRAME_CHECKSUM', frameLength });
    }
    queue.skip(1);
    const payload = queue.take(length);
    queue.skip(1);
    return payload;
  },
});

/** Lines of words: a codec whose reader remembers how far it has read. */
const words = defineCodec({
  encode: (list: readonly string[]) => utf8(`${list.join(' ')}\n`),
  memory: () => ({ at: 0, list: [] as string[] }),
  next(queue, memory) {
    for (;;) {
      const blank = queue.indexOf(32, memory.at);
      const end = queue.indexOf(10, memory.at);
      const stop = blank >= 0 && (end < 0 || blank < end) ? blank : end;
      if (stop < 0) {
        return undefined;
      }
      memory.list.push(new TextDecoder().decode(queue.peek(stop - memory.at, memory.at)));
      memory.at = stop + 1;
      if (stop === end) {
        queue.skip(memory.at);
        return memory.list;
      }
    }
  },
});

function codecWith(next: CodecDefinition<Uint8Array, unknown>['next']): Codec<Uint8Array, unknown> {
  return defineCodec<Uint8Array, unknown>({ encode: (bytes) => bytes, next });
}

function encodingWith(encode: (value: string) => unknown): Codec<string, undefined> {
  return defineCodec({ encode: encode as never, next: () => undefined, maxLength: 3 });
}

describe('netstrings in defineCodec', () => {
  test('are at most 30 lines', () => {
    const url = new URL('../support/netstring-codec.ts', import.meta.url);
    const text = readFileSync(url, 'utf8');
    const codec = text.slice(text.indexOf('export const'));
    expect(codec.trim().split('\n').length).toBeLessThanOrEqual(30);
  });

  test('are proven', async () => {
    const values = fc.uint8Array({ maxLength: 12 });
    const report = await proveDecoder(netstringCodec, { values, seed: 20_261_129 });
    expect(() => assertProven(report)).not.toThrow();
  });

  test('say the same as netstrings(), however the stream is cut', () => {
    const ours = netstrings({ maxPayloadLength: 994 });
    const texts = fc.oneof(
      // The short codec refuses the tenth digit of a length, and the built-in one a later one.
      fc
        .string({ unit: fc.constantFrom('0', '1', '2', '3', ':', ',', 'a'), maxLength: 9 })
        .map(utf8),
      fc
        .array(fc.uint8Array({ maxLength: 12 }), { maxLength: 4 })
        .map((list) => join(list.flatMap((one) => ours.encode(one)))),
    );
    const cases = texts.chain((stream) =>
      deliveriesOf(stream).map((delivery) => ({ stream, delivery })),
    );
    fc.assert(
      fc.property(cases, ({ delivery }) => {
        const [defined, builtIn] = [read(netstringCodec, delivery), read(ours, delivery)];
        expect(defined.events).toEqual(builtIn.events);
        expect(defined.error?.byteOffset).toEqual(builtIn.error?.byteOffset);
      }),
      runs(1000),
    );
  });
});

describe('a defined codec', () => {
  test('is cut-invariant, also when it skips, refuses and is truncated', () => {
    const streams = fc.array(
      fc.oneof(
        fc.uint8Array({ maxLength: 4 }),
        fc.uint8Array({ maxLength: 15 }).map((payload) => join(summed.encode(payload))),
      ),
      { maxLength: 5 },
    );
    const cases = streams
      .map((list) => join(list))
      .chain((stream) =>
        fc.record({
          delivery: deliveriesOf(stream),
          stream: fc.constant(stream),
          skips: fc.boolean(),
        }),
      );
    fc.assert(
      fc.property(cases, ({ delivery, stream, skips }) => {
        const whole = { ...atOnce(stream), ended: delivery.ended };
        expect(read(summed, delivery, skips)).toEqual(read(summed, whole, skips));
      }),
      runs(1000),
    );
  });

  test('skips a frame that is too large or refused, if its end is known', () => {
    const errors: ProtocolError[] = [];
    const stream = join([
      hex('0261626f'),
      hex('026162ff'),
      hex('1e'),
      new Uint8Array(31),
      summed.encode(utf8('ok'))[0] ?? hex(''),
    ]);
    for (const size of [1, 3, 100]) {
      errors.length = 0;
      const got = valuesOf(summed, inPieces(stream, size), {
        onSkip: (error) => errors.push(error),
      });
      expect(got.map((one) => new TextDecoder().decode(one))).toEqual(['ok']);
      expect(errors).toMatchObject([
        { code: 'ERR_FRAME_CHECKSUM', byteOffset: 0, frameIndex: 0, length: 4 },
        { code: 'ERR_FRAME_CHECKSUM', byteOffset: 4, frameIndex: 1, length: 4 },
        { code: 'ERR_FRAME_TOO_LARGE', byteOffset: 8, frameIndex: 2, length: 32, limit: 20 },
      ]);
    }
    expect(protocolErrorOf(summed, [stream])).toMatchObject({ code: 'ERR_FRAME_CHECKSUM' });
  });

  test('says how many bytes a truncated frame lacks, if it knows', () => {
    const known = protocolErrorOf(summed, [hex('0561')]);
    expect(known).toMatchObject({ code: 'ERR_FRAME_TRUNCATED', received: 2, length: 7 });
    const unknown = protocolErrorOf(words, [utf8('a b')]);
    expect(unknown).toMatchObject({ code: 'ERR_FRAME_TRUNCATED', received: 3 });
    expect(unknown.length).toBeUndefined();
  });

  test('refuses a frame without an end at its limit, not behind it', () => {
    const codec = defineCodec({
      maxLength: 5,
      encode: (line: string) => utf8(`${line}\n`),
      next(queue) {
        const end = queue.indexOf(10);
        return end < 0 ? undefined : queue.take(end + 1);
      },
    });
    expect(valuesOf(codec, [utf8('1234\n')])).toHaveLength(1);
    for (const chunks of [[utf8('12345\n')], inPieces(utf8('12345\n'), 1)]) {
      expect(protocolErrorOf(codec, chunks)).toMatchObject({
        code: 'ERR_FRAME_TOO_LARGE',
        length: 6,
        limit: 5,
      });
    }
    expect(unstickErrorOf(() => codec.encode('12345')).code).toBe('ERR_FRAME_UNENCODABLE');
  });

  test('asks next only when it may see something new', () => {
    let calls = 0;
    const codec = defineCodec({
      encode: (payload: Uint8Array) => payload,
      next(queue) {
        calls++;
        return queue.has(1000) ? queue.take(1000) : undefined;
      },
    });
    expect(valuesOf(codec, inPieces(new Uint8Array(2000), 1))).toHaveLength(2);
    expect(calls).toBe(4);
  });

  test('remembers, and looks at each byte once', () => {
    expect(valuesOf(words, inPieces(utf8('ab cd\n\ne\n'), 1))).toEqual([['ab', 'cd'], [''], ['e']]);
    const long = Array.from({ length: 20_000 }, (_, i) => `w${i}`);
    const chunks = inPieces(join(words.encode(long)), 7);
    expect(valuesOf(words, chunks)).toEqual([long]);
  });

  test('hands back its unread bytes, but not the rest of a skipped frame', () => {
    const decoder = summed.decoder({ onSkip: () => {} });
    decoder.push(hex('00000561'));
    expect(toHex(decoder.take() ?? hex('ff'))).toBe('');
    expect(decoder.atBoundary).toBe(false);
    expect(decoder.takeRest?.().map(toHex)).toEqual(['0561']);
    expect(decoder.done).toBe(true);
    const skipping = summed.decoder({ onSkip: () => {} });
    skipping.push(hex('1e6161'));
    expect(skipping.take()).toBeUndefined();
    expect(skipping.bufferedLength).toBe(0);
    expect(unstickErrorOf(() => skipping.takeRest?.()).code).toBe('ERR_SKIP_UNFINISHED');
  });

  test('cannot be used inside its own functions', () => {
    const codes: string[] = [];
    const codec: Codec<Uint8Array, Bytes> = defineCodec({
      encode: (payload: Uint8Array) => payload,
      next(queue) {
        for (const call of [
          () => decoder.take(),
          () => decoder.push(hex('00')),
          () => decoder.end(),
        ]) {
          codes.push(unstickErrorOf(call).code);
        }
        return queue.take(1);
      },
    });
    const decoder = codec.decoder();
    decoder.push(hex('61'));
    decoder.take();
    expect(codes).toEqual(Array.from({ length: 3 }, () => 'ERR_DECODER_BUSY'));
  });

  test('drops what comes behind a failure, and ends once', () => {
    const decoder = summed.decoder();
    decoder.push(hex('0000ff'));
    decoder.take();
    decoder.push(new Uint8Array(100).fill(255));
    for (let i = 0; i < 2; i++) {
      expect(unstickErrorOf(() => decoder.take())).toMatchObject({
        code: 'ERR_FRAME_TOO_LARGE',
        byteOffset: 2,
      });
      decoder.push(new Uint8Array(100));
    }
    const ended = summed.decoder();
    ended.end();
    ended.push(hex(''));
    expect(unstickErrorOf(() => ended.push(hex('00'))).code).toBe('ERR_DECODER_ENDED');
    expect(unstickErrorOf(() => ended.push('00' as never)).code).toBe('ERR_OPTION');
  });

  test('has the types of its functions', () => {
    expectTypeOf(summed).toEqualTypeOf<Codec<Uint8Array, Bytes>>();
    expectTypeOf(words).toEqualTypeOf<Codec<readonly string[], string[]>>();
  });
});

describe('what next throws or does wrong', () => {
  test('an Error refuses the bytes, and is not quoted', () => {
    const cause = new RangeError('the secret 42');
    const codec = codecWith((queue) => {
      queue.take(1);
      throw cause;
    });
    const error = protocolErrorOf(codec, [hex('61')], 'open');
    expect(error).toMatchObject({ code: 'ERR_FRAME_MALFORMED', byteOffset: 0, cause });
    expect(error.message).not.toContain('42');
  });

  test.each<[string, CodecDefinition<Uint8Array, unknown>['next']]>([
    ['a TypeError', () => JSON.parse('null').missing],
    ['a value without bytes', () => 'value'],
    ['bytes without a value', (queue) => queue.skip(1)],
    ['more bytes than have come', (queue) => queue.take(5)],
    ['half a byte', (queue) => queue.take(0.5)],
    ['a byte of 256', (queue) => queue.indexOf(256)],
    ['a frame of NaN bytes', (queue) => queue.hasFrame(NaN)],
  ])('%s is a bug of the codec, for ever', (_, next) => {
    const decoder = codecWith(next).decoder();
    decoder.push(hex('6162'));
    for (let i = 0; i < 2; i++) {
      expect(unstickErrorOf(() => decoder.take()).code).toBe('ERR_OPTION');
    }
  });

  test('values that cannot be written are refused before a byte is written', () => {
    for (const encode of [
      () => JSON.parse('{'),
      () => 'text',
      () => [hex('61'), 'text'],
      () => undefined,
      () => [],
      () => hex('61626364'),
    ]) {
      const error = unstickErrorOf(() => encodingWith(encode).encode('a secret'));
      expect(error.code).toBe('ERR_FRAME_UNENCODABLE');
      expect(error.message).not.toContain('secret');
    }
    expect(
      encodingWith(() => [hex('61'), hex('')])
        .encode('')
        .map(toHex),
    ).toEqual(['61', '']);
  });

  test.each<[string, object]>([
    ['no next', { encode: () => hex('') }],
    ['no encode', { next: () => undefined }],
    ['a misspelt limit', { encode: () => hex(''), next: () => undefined, maxlength: 1 }],
    ['a limit of 0', { encode: () => hex(''), next: () => undefined, maxLength: 0 }],
    ['a memory that is no function', { encode: () => hex(''), next: () => undefined, memory: {} }],
  ])('%s is refused when the codec is made', (_, definition) => {
    expect(unstickErrorOf(() => defineCodec(definition as never)).code).toBe('ERR_OPTION');
  });
});
