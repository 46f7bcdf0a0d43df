// The decoder by example: one delivery or one misuse a test, bytes as diagrams.

import { describe, expect, test } from 'vitest';
import type { FrameDecoder } from '../../src/codec/codec.ts';
import type { LengthPrefixedOptions } from '../../src/codec/frame-layout.ts';
import { lengthPrefixed } from '../../src/codec/length-prefixed.ts';
import { hex, inPieces, join, toHex } from '../support/bytes.ts';
import { bytesCodec } from '../support/frame-arbitraries.ts';
import { sumChecksum } from '../support/section-arbitraries.ts';

function decoderOf(options: LengthPrefixedOptions, ...chunks: string[]): FrameDecoder {
  const decoder = bytesCodec(options).decoder();
  for (const chunk of chunks) {
    decoder.push(hex(chunk));
  }
  return decoder;
}

function errorOf(decoder: FrameDecoder): Record<string, unknown> {
  try {
    decoder.take();
  } catch (error) {
    return { ...(error as object), message: (error as Error).message };
  }
  throw new Error('take did not throw');
}

/** A class with a constructor of its own, as callers may write it. */
class Noted extends Uint8Array {
  readonly #note = 'noted';
  get note(): string {
    return this.#note;
  }
}

/** The same, with the method by which a Buffer is known. */
class Slab extends Noted {
  static allocUnsafeSlow(length: number): Slab {
    return new Slab(length);
  }
}

describe('a value', () => {
  const FRAMES = hex('00000002 6869 00000001 21');

  test.each<[string, (bytes: Uint8Array) => Uint8Array]>([
    ['a Uint8Array', (bytes) => new Uint8Array(bytes)],
    ['a Buffer', (bytes) => Buffer.from(bytes)],
    [
      'a Buffer in memory of its own',
      (bytes) => Buffer.concat([Buffer.alloc(9), bytes]).subarray(9),
    ],
    ['a subclass', (bytes) => new Noted(bytes)],
    ['a subclass that allocates', (bytes) => new Slab(bytes)],
  ])('is of %s what subarray makes of that', (_name, chunkOf) => {
    const chunk = chunkOf(FRAMES);
    const decoder = bytesCodec({}).decoder();
    decoder.push(chunk);
    const [hi, mark] = [decoder.take(), decoder.take()];
    const wanted = chunk.subarray(4, 6);
    expect(hi).toStrictEqual(wanted);
    expect(hi && Object.getPrototypeOf(hi)).toBe(Object.getPrototypeOf(wanted));
    expect(hi?.buffer).toBe(chunk.buffer);
    expect(hi?.byteOffset).toBe(wanted.byteOffset);
    expect(hi instanceof Noted && hi.note).toBe(wanted instanceof Noted && wanted.note);
    expect(mark).toStrictEqual(chunk.subarray(10, 11));
  });

  test('keeps its class when chunks of two classes follow each other', () => {
    const decoder = bytesCodec({}).decoder();
    const values = [new Uint8Array(FRAMES), Buffer.from(FRAMES), new Noted(FRAMES)].map((chunk) => {
      decoder.push(chunk);
      return [decoder.take(), decoder.take()];
    });
    const classes = [Uint8Array, Buffer, Noted];
    const wanted = classes.map((one) => [one, one]);
    expect(values.map((pair) => pair.map((value) => value?.constructor))).toEqual(wanted);
  });
});

describe('a frame decoder', () => {
  test('gives the two frames of four chunks that are cut anywhere', () => {
    const decoder = decoderOf({}, '00 00', '00 05 68 65 6c', '6c 6f 00 00 00 02 68', '69');
    expect([...decoder].map(toHex)).toEqual(['68656c6c6f', '6869']);
  });

  test('gives empty frames', () => {
    expect([...decoderOf({}, '00000000 00000000')]).toHaveLength(2);
  });

  test('takes nothing from no bytes, and is done only when the input is over', () => {
    const decoder = decoderOf({}, '');
    expect(decoder.take()).toBeUndefined();
    expect(decoder.done).toBe(false);
    expect(decoder.atBoundary).toBe(true);
    decoder.end();
    expect(decoder.done).toBe(true);
    expect(decoder.take()).toBeUndefined();
  });

  test('is not done before everything was taken', () => {
    const decoder = decoderOf({}, '00000001 61');
    decoder.end();
    expect(decoder.done).toBe(false);
    expect(decoder.bufferedLength).toBe(5);
    decoder.take();
    expect(decoder.done).toBe(true);
    expect(decoder.bufferedLength).toBe(0);
  });

  test('gives a view of the chunk where the frame lies in it', () => {
    const chunk = hex('00000002 6869');
    const decoder = lengthPrefixed().decoder();
    decoder.push(chunk);
    expect(decoder.take()?.buffer).toBe(chunk.buffer);
  });

  test('gives the parts with bytes of yours, and leaves out the fixed ones', () => {
    const options = { before: 1, after: hex('cafe'), trailer: 1, deliver: 'parts' } as const;
    const decoder = lengthPrefixed(options).decoder();
    decoder.push(hex('51 00000002 cafe 6869 0a'));
    expect(decoder.take()).toEqual({ before: hex('51'), payload: hex('6869'), trailer: hex('0a') });
  });

  test('goes on after an iteration was left', () => {
    const decoder = decoderOf({}, '00000001 61 00000001 62');
    for (const frame of decoder) {
      expect(toHex(frame)).toBe('61');
      break;
    }
    expect([...decoder].map(toHex)).toEqual(['62']);
  });
});

describe('an error of a frame decoder', () => {
  test('comes after the last good frame, then again and again', () => {
    const decoder = decoderOf({ prefix: 'i32be' }, '00000001 61 ffffffff 62');
    expect(decoder.take()).toEqual(hex('61'));
    const first = errorOf(decoder);
    expect(first).toMatchObject({ code: 'ERR_FRAME_LENGTH_INVALID', byteOffset: 5, frameIndex: 1 });
    decoder.push(hex('00000001 61'));
    decoder.end();
    expect(errorOf(decoder)).toEqual(first);
    expect(decoder.done).toBe(false);
    expect(toHex(join(decoder.takeRest()))).toBe('ffffffff62');
  });

  test('tells how long a frame is, how long it may be, and what it looks like', () => {
    const decoder = decoderOf({}, '47455420 2f20485454502f312e31');
    expect(errorOf(decoder)).toMatchObject({
      code: 'ERR_FRAME_TOO_LARGE',
      length: 1_195_725_856,
      limit: 8_388_608,
      message:
        'Frame length 1195725856 exceeds maxPayloadLength 8388608 (frame 0, byte 0). ' +
        'The first four bytes read "GET ": is the remote speaking HTTP?',
    });
  });

  test('tells how much of a truncated frame had come, and how long it was to be', () => {
    const decoder = decoderOf({}, '00000001 61 00000009 6162');
    decoder.end();
    decoder.take();
    expect(errorOf(decoder)).toMatchObject({
      code: 'ERR_FRAME_TRUNCATED',
      received: 6,
      length: 13,
      byteOffset: 5,
    });
  });

  test('is the same for a truncated head, whose length nobody knows', () => {
    const decoder = decoderOf({}, '0000');
    decoder.end();
    expect(errorOf(decoder)).toMatchObject({ code: 'ERR_FRAME_TRUNCATED', received: 2 });
  });

  test('judges a length as soon as it is there, before a byte of the frame behind it', () => {
    expect(
      errorOf(decoderOf({ maxPayloadLength: 1, after: hex('00000000') }, '00000002')),
    ).toMatchObject({
      code: 'ERR_FRAME_TOO_LARGE',
    });
  });

  test.each([
    ['u64be', '0020000000000000', 2 ** 53],
    ['u64le', 'ffffffffffffffff', 2 ** 64],
    ['i32be', '80000000', -(2 ** 31)],
    ['i32le', 'ffffffff', -1],
  ] as const)('names the length %s %s that cannot be', (prefix, bytes, length) => {
    const error = errorOf(decoderOf({ prefix, maxPayloadLength: 2 ** 53 - 1 }, bytes));
    expect(error).toMatchObject({ code: 'ERR_FRAME_LENGTH_INVALID', length });
  });

  test('names the bytes that a length is too small to count', () => {
    const counts = ['prefix', 'payload'] as const;
    expect(errorOf(decoderOf({ prefix: 'u16be', counts }, '0001'))).toMatchObject({
      code: 'ERR_FRAME_LENGTH_INVALID',
      length: 1,
      limit: 2,
    });
  });

  test.each([
    ['before', { before: hex('cafe') }, 'cafd 00000000'],
    ['after', { after: hex('cafe') }, '00000000 caff'],
    ['trailer', { trailer: hex('0d0a') }, '00000001 61 0d0d'],
  ] as const)('names the fixed bytes %s that are wrong', (reason, options, bytes) => {
    const error = errorOf(decoderOf(options, bytes));
    expect(error).toMatchObject({ code: 'ERR_FRAME_MAGIC', reason, byteOffset: 0 });
  });

  test.each(['ffffffffff', '8080808080', '8080808000'])('refuses the varint %s', (bytes) => {
    const error = errorOf(decoderOf({ prefix: 'varint' }, bytes));
    expect(error).toMatchObject({ code: 'ERR_PREFIX_MALFORMED', byteOffset: 0 });
  });

  test('accepts a varint that is over-long within the width that the limit needs', () => {
    expect(toHex(decoderOf({ prefix: 'varint' }, '81808000 61').take() ?? hex('ff'))).toBe('61');
  });
});

describe('a frame that is skipped', () => {
  const options = { trailer: sumChecksum, maxPayloadLength: 4, prefix: 'u8' } as const;

  test('is reported in order, and the next one follows in the same read', () => {
    const seen: unknown[] = [];
    const codec = lengthPrefixed(options);
    const decoder = codec.decoder({
      onSkip: ({ code, byteOffset, frameIndex }) => seen.push({ code, byteOffset, frameIndex }),
    });
    const good = join(codec.encode(hex('61')));
    decoder.push(join([good, hex('05 6161616161 0000'), good, hex('01 61 ffff'), good]));
    for (const frame of decoder) {
      seen.push(toHex(frame));
    }
    expect(seen).toEqual([
      '61',
      { code: 'ERR_FRAME_TOO_LARGE', byteOffset: 4, frameIndex: 1 },
      '61',
      { code: 'ERR_FRAME_CHECKSUM', byteOffset: 16, frameIndex: 3 },
      '61',
    ]);
  });

  test('and truncated is an error, wherever the end comes inside it', () => {
    for (let length = 1; length < 8; length++) {
      const decoder = lengthPrefixed(options).decoder({ onSkip: () => undefined });
      for (const byte of inPieces(hex('05 6161616161 0000').slice(0, length), 1)) {
        decoder.push(byte);
        expect(decoder.take()).toBeUndefined();
      }
      decoder.end();
      const facts = { code: 'ERR_FRAME_TRUNCATED', received: length, length: 8 };
      expect(errorOf(decoder)).toMatchObject(facts);
    }
  });

  test('whose listener throws is left behind all the same', () => {
    const decoder = lengthPrefixed({ maxPayloadLength: 1 }).decoder({
      onSkip: () => {
        throw new Error('mine');
      },
    });
    decoder.push(hex('00000002 6161 00000001 62'));
    expect(() => decoder.take()).toThrow('mine');
    expect(decoder.take()).toEqual(hex('62'));
  });
});

describe('misuse of a frame decoder', () => {
  test.each([undefined, null, 'text', [1], new ArrayBuffer(2)])('push refuses %j', (chunk) => {
    const call = (): void => decoderOf({}).push(chunk as never);
    expect(call).toThrow(expect.objectContaining({ name: 'UsageError', code: 'ERR_OPTION' }));
  });

  test('push refuses bytes after the end, and takes none as nothing', () => {
    const decoder = decoderOf({});
    decoder.end();
    decoder.end();
    decoder.push(hex(''));
    const refusal = expect.objectContaining({ name: 'UsageError', code: 'ERR_DECODER_ENDED' });
    expect(() => decoder.push(hex('00'))).toThrow(refusal);
    expect(() => decoder.scan(hex('00'), () => undefined)).toThrow(refusal);
    expect(decoder.done).toBe(true);
  });

  test('takeRest gives back an unfinished frame, and ends the decoder', () => {
    const decoder = decoderOf({}, '00000001 61 000000', '05 6161');
    decoder.take();
    expect(decoder.take()).toBeUndefined();
    expect(toHex(join(decoder.takeRest()))).toBe('000000056161');
    expect(decoder.take()).toBeUndefined();
    expect(decoder.done).toBe(true);
    expect(() => decoder.push(hex('00'))).toThrow('after its end');
    expect(decoder.takeRest()).toEqual([]);
  });
});

describe('decoders of one codec', () => {
  test('know nothing of each other', () => {
    const codec = lengthPrefixed();
    const [one, other] = [codec.decoder(), codec.decoder()];
    one.push(hex('00000002 61'));
    other.push(hex('00000001 62'));
    expect(other.take()).toEqual(hex('62'));
    one.push(hex('63'));
    expect(one.take()).toEqual(hex('6163'));
  });

  test('are fresh after one of them has failed', () => {
    const codec = lengthPrefixed({ maxPayloadLength: 1 });
    const failed = codec.decoder();
    failed.push(hex('00000002'));
    expect(() => failed.take()).toThrow('exceeds');
    const fresh = codec.decoder();
    fresh.push(hex('00000001 61'));
    expect(fresh.take()).toEqual(hex('61'));
  });
});
