// Bytes that are the caller's: what becomes of them must be said, in the options and in the types.

import { describe, expect, expectTypeOf, test } from 'vitest';
import type { Bytes } from '../../src/codec/byte-types.ts';
import type { FrameCodec, PackingCodec } from '../../src/codec/codec.ts';
import { formats } from '../../src/codec/formats/formats.ts';
import type { LengthPrefixedOptions } from '../../src/codec/frame-layout.ts';
import type { FrameParts, PartsOf } from '../../src/codec/frame-parts.ts';
import { lengthPrefixed } from '../../src/codec/length-prefixed.ts';
import { FORMAT_NAMES, optionsOf } from '../support/format-vectors.ts';
import { hex, toHex } from '../support/bytes.ts';
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
    // @ts-expect-error undefined says nothing
    expect(() => lengthPrefixed({ after: 2, deliver: undefined })).toThrow('yours');
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
