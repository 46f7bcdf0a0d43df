// If a format has bytes that the caller chooses, `deliver` must be given. The options and the types demand
// it.

import { describe, expect, expectTypeOf, test } from 'vitest';
import type { Bytes } from '../../src/codec/byte-types.ts';
import type { FrameCodec, PackingCodec } from '../../src/codec/codec.ts';
import { formats } from '../../src/codec/formats/formats.ts';
import type { LengthPrefixedOptions } from '../../src/codec/frame-layout.ts';
import type { FrameParts, PartsOf } from '../../src/codec/frame-parts.ts';
import { lengthPrefixed } from '../../src/codec/length-prefixed.ts';
import { hex, join, toHex } from '../support/bytes.ts';
import { sumChecksum } from '../support/section-arbitraries.ts';
import { FORMAT_NAMES, optionsOf } from '../support/format-vectors.ts';
import { unstickErrorOf } from '../support/outcomes.ts';

describe('options with bytes of the caller and no deliver', () => {
  const refused: [LengthPrefixedOptions, string][] = [
    [
      { before: 1 },
      "1 byte in front of the prefix is yours: deliver 'parts' to get it, 'payload' to drop it.",
    ],
    [
      { before: 3 },
      "3 bytes in front of the prefix are yours: deliver 'parts' to get them, 'payload' to drop them.",
    ],
    [
      { after: 1 },
      "1 byte behind the prefix is yours: deliver 'parts' to get it, 'payload' to drop it.",
    ],
    [
      { trailer: 4 },
      "4 bytes behind the payload are yours: deliver 'parts' to get them, 'payload' to drop them.",
    ],
    [
      { before: 1, after: 2 },
      "1 byte in front of the prefix and 2 bytes behind the prefix are yours: deliver 'parts' to get them, 'payload' to drop them.",
    ],
  ];

  test.each(refused)('are refused: %j', (options, facts) => {
    const error = unstickErrorOf(() => lengthPrefixed(options));
    expect(error.code).toBe('ERR_OPTION');
    expect(error.message).toContain(facts);
  });

  test.each(['parts', 'payload', 'frame'] as const)('are accepted with %s', (deliver) => {
    for (const [options] of refused) {
      expect(() => lengthPrefixed({ ...options, deliver })).not.toThrow();
    }
  });

  test('do not compile where the number is written in them', () => {
    // @ts-expect-error deliver is missing
    expect(() => lengthPrefixed({ before: 1 })).toThrow('yours');
    // @ts-expect-error deliver is missing
    expect(() => lengthPrefixed({ ...formats.kafka, trailer: 4 })).toThrow('yours');
    // @ts-expect-error deliver is missing: a piece is the caller's
    expect(() => lengthPrefixed({ before: ['23 23', 20] })).toThrow('20 bytes in front');
    // @ts-expect-error deliver is missing: a piece is the caller's
    expect(() => lengthPrefixed({ trailer: [sumChecksum, 1, '0a'] })).toThrow('1 byte behind');
    // @ts-expect-error undefined says nothing
    expect(() => lengthPrefixed({ after: 2, deliver: undefined })).toThrow('yours');
  });
});

describe('a section of pieces', () => {
  const options = {
    before: ['23 23', 2, Uint8Array.of(0x2e), 1],
    prefix: 'u8',
    after: '00',
    trailer: [sumChecksum, '0d 0a'],
    deliver: 'parts',
  } as const;
  const frame = hex('2323 0102 2e 03 01 00 41 c3 09 0d0a');

  test('is its own bytes alone in a value, and none if it has no own bytes', () => {
    const codec = lengthPrefixed(options);
    const value = { before: hex('010203'), payload: hex('41') };
    expect(toHex(join(codec.encode(value)))).toBe(toHex(frame));
    const decoder = codec.decoder();
    decoder.push(frame);
    expect(decoder.take()).toEqual(value);
    expectTypeOf(decoder.take()).toEqualTypeOf<
      { readonly before: Bytes; readonly payload: Bytes } | undefined
    >();
  });

  test('is a view where its own bytes lie together, else a copy of the class of the chunk', () => {
    const decoder = lengthPrefixed({ ...options, before: ['2323', 1, 3, '2e'] }).decoder();
    const chunk = Buffer.from(hex('2323 01020304 2e 00 00 85 09 0d0a'));
    decoder.push(chunk);
    expect(decoder.take()?.before.buffer).toBe(chunk.buffer);
    const parted = lengthPrefixed(options).decoder();
    parted.push(Buffer.from(frame));
    expect(parted.take()?.before).toEqual(Buffer.from(hex('010203')));
  });

  test('is zeros in front of encode where payloads alone are the values', () => {
    const codec = lengthPrefixed({ ...options, deliver: 'payload' });
    expect(toHex(join(codec.encode(hex('41'))))).toBe('232300002e00010041bd090d0a');
  });

  test('gets its fixed bytes checked and its checksum written in a whole frame', () => {
    const codec = lengthPrefixed({ ...options, deliver: 'frame' });
    const given = frame.slice();
    given.fill(0, 9, 11);
    expect(toHex(join(codec.encode(given)))).toBe(toHex(frame));
    const wrong = frame.with(4, 0x2f);
    expect(() => codec.encode(wrong)).toThrow("'before' does not hold the fixed bytes");
  });

  test('leaves deliver open where its pieces are known at run time only', () => {
    const pieces: (number | string)[] = ['23'];
    expectTypeOf(lengthPrefixed({ before: pieces })).toEqualTypeOf<FrameCodec>();
    expectTypeOf<
      PartsOf<{ before: (number | string)[]; after: readonly ['23', 0] }>
    >().toEqualTypeOf<{
      readonly before?: Uint8Array;
      readonly payload: Uint8Array;
    }>();
  });
});

describe('a section of no bytes', () => {
  test('counts as none, in types and at run time', () => {
    const codec = lengthPrefixed({ before: 0, after: 0, trailer: 0 });
    expectTypeOf(codec).toEqualTypeOf<FrameCodec>();
    const decoder = codec.decoder();
    decoder.push(hex('00000001 41'));
    expect(toHex(decoder.take() ?? hex(''))).toBe('41');
  });

  test('is bytes where its number is known at run time only', () => {
    const size: number = 0;
    expectTypeOf(lengthPrefixed({ before: size })).toEqualTypeOf<FrameCodec>();
    expect(toHex(lengthPrefixed({ before: size }).encode(hex('41'))[0] ?? hex(''))).toBe(
      '0000000141',
    );
  });
});

describe('the type of the values', () => {
  test('has every section that exists, and no other', () => {
    expectTypeOf<PartsOf<typeof formats.postgres>>().toEqualTypeOf<{
      readonly before: Uint8Array;
      readonly payload: Uint8Array;
    }>();
    expectTypeOf<PartsOf<typeof formats.adb>>().toEqualTypeOf<{
      readonly before: Uint8Array;
      readonly after: Uint8Array;
      readonly payload: Uint8Array;
    }>();
    expectTypeOf<PartsOf<LengthPrefixedOptions>>().toEqualTypeOf<FrameParts>();
  });

  test('is both where the options leave deliver open', () => {
    const options: LengthPrefixedOptions = { before: 1, deliver: 'parts' };
    expectTypeOf(lengthPrefixed(options)).toEqualTypeOf<
      FrameCodec | PackingCodec<FrameParts, FrameParts<Bytes>>
    >();
  });

  test('is bytes with payload or frame, whatever the sections are', () => {
    expectTypeOf(lengthPrefixed({ before: 1, deliver: 'payload' })).toEqualTypeOf<FrameCodec>();
    expectTypeOf(lengthPrefixed({ before: 1, deliver: 'frame' })).toEqualTypeOf<FrameCodec>();
    expectTypeOf(lengthPrefixed()).toEqualTypeOf<FrameCodec>();
    expectTypeOf<ReturnType<typeof lengthPrefixed>>().toEqualTypeOf<FrameCodec>();
  });
});

test('every row of formats says what becomes of its bytes', () => {
  for (const row of FORMAT_NAMES.flatMap((name) => optionsOf(name) ?? [])) {
    const own = [row.before, row.after, row.trailer].some((one) => typeof one === 'number');
    expect(row.deliver !== undefined || !own).toBe(true);
    expect(() => lengthPrefixed(row)).not.toThrow();
  }
});
