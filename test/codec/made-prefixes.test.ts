// Prefixes that functions such as digits() make. The properties of lengthPrefixed() compare each with an
// oracle. Here are golden bytes, the bytes that each refuses with which message, and the part `flags`.

import { describe, expect, expectTypeOf, test } from 'vitest';
import { berLength } from '../../src/codec/ber-length.ts';
import type { Bytes } from '../../src/codec/byte-types.ts';
import { bcd, digits, digitsUntil, hexDigits } from '../../src/codec/digit-fields.ts';
import type { LengthField } from '../../src/codec/length-field.ts';
import { lengthPrefixed } from '../../src/codec/length-prefixed.ts';
import { number } from '../../src/codec/number-field.ts';
import { PREFIX_MAKERS } from '../../src/codec/prefix-makers.ts';
import { sum16, xor8 } from '../../src/codec/sums.ts';
import { framing } from '../../src/framing/framing.ts';
import { messages } from '../../src/message/messages.ts';
import { hex, join, toHex, utf8 } from '../support/bytes.ts';
import { MADE, madePrefixes } from '../support/made-prefixes.ts';
import { protocolErrorOf, unstickErrorOf, valuesOf } from '../support/outcomes.ts';

const headOf = (prefix: LengthField, length: number): string =>
  toHex(prefix.write(length, hex('')));

test('every maker has samples with an oracle', () => {
  expect(Object.keys(MADE).toSorted()).toEqual(Object.keys(PREFIX_MAKERS).toSorted());
  expect(Object.values(MADE).every((samples) => samples.length > 0)).toBe(true);
});

test.each(madePrefixes.map((prefix) => [prefix.name, prefix]))(
  '%s is frozen, and has a name',
  (name, prefix) => {
    expect(name).toMatch(/^\w+(?:\(\d+\))?$/);
    expect(Object.isFrozen(prefix)).toBe(true);
  },
);

describe('golden lengths', () => {
  test.each<[string, LengthField, number, string]>([
    ['digits(4)', digits(4), 5, '30303035'],
    ['digits(16)', digits(16), Number.MAX_SAFE_INTEGER, toHex(utf8('9007199254740991'))],
    ['hexDigits(4), as git pkt-line and adb have it', hexDigits(4), 26, '30303161'],
    ['hexDigits(4) in upper case', hexDigits(4, { letters: 'upper' }), 26, '30303141'],
    ['bcd(2), as ISO 8583 has it', bcd(2), 123, '0123'],
    ["digitsUntil(' '), as syslog has it", digitsUntil(' '), 120, '31323020'],
    ['digitsUntil(0), up to a NUL', digitsUntil(0), 7, '3700'],
    ['berLength, short', berLength, 127, '7f'],
    ['berLength, long', berLength, 128, '8180'],
    ['berLength, of 4 bytes', berLength, 65_536, '83010000'],
    ['a mask', number({ type: 'u16be', mask: 0x0fff }), 0x123, '0123'],
    ['a mask that does not end at bit 0', number({ type: 'u8', mask: 0xfe }), 5, '0a'],
    ['words', number({ type: 'u16be', unit: 4 }), 40, '000a'],
  ])('%s', (_, prefix, length, bytes) => {
    expect(headOf(prefix, length)).toBe(bytes);
    expect(prefix.read(hex(bytes), 0)).toMatchObject({ length, width: hex(bytes).length });
  });

  test('letters of hexDigits may be of either case', () => {
    expect(hexDigits(4).read(utf8('00aF'), 0)).toEqual({ length: 0xaf, width: 4 });
  });

  test('digitsUntil takes leading zeros if it is told to, and writes none', () => {
    const prefix = digitsUntil('\u0001', { leadingZeros: 'ignore' });
    expect(prefix.read(utf8('0005\u0001'), 0)).toEqual({ length: 5, width: 5 });
    expect(prefix.read(utf8('000\u0001'), 0)).toEqual({ length: 0, width: 4 });
    expect(headOf(prefix, 5)).toBe(toHex(utf8('5\u0001')));
    // A value that is a whole frame keeps its zeros. FIX counts them in its checksum.
    const frames = lengthPrefixed({ prefix, deliver: 'frame' });
    expect(toHex(join(frames.encode(utf8('0002\u0001hi'))))).toBe(toHex(utf8('0002\u0001hi')));
  });

  test('berLength takes longer forms than it writes, as Active Directory sends them', () => {
    expect(berLength.read(hex('8400000005'), 0)).toEqual({ length: 5, width: 5 });
  });
});

describe('wrong bytes are refused at the first of them, with what was expected', () => {
  test.each<[string, LengthField, string, string]>([
    ['a sign', digits(4), toHex(utf8('-001')), 'byte 1 of the length is not a decimal digit'],
    ['a plus', digits(4), toHex(utf8('+')), 'byte 1 of the length is not a decimal digit'],
    [
      'a blank in front',
      digits(4),
      toHex(utf8('   5')),
      'byte 1 of the length is not a decimal digit',
    ],
    [
      'a blank behind',
      digits(4),
      toHex(utf8('05 ')),
      'byte 3 of the length is not a decimal digit',
    ],
    ['a letter', digits(2), toHex(utf8('1a')), 'byte 2 of the length is not a decimal digit'],
    ['a digit of another script', digits(2), toHex(utf8('٣')), 'byte 1 of the length is not'],
    [
      'a prefix 0x',
      hexDigits(4),
      toHex(utf8('0x')),
      'byte 2 of the length is not a hexadecimal digit',
    ],
    [
      'a letter behind f',
      hexDigits(2),
      toHex(utf8('g')),
      'byte 1 of the length is not a hexadecimal digit',
    ],
    ['a high half above 9', bcd(2), 'a1', 'byte 1 of the length is not two decimal digits'],
    ['a low half above 9', bcd(2), '001f', 'byte 2 of the length is not two decimal digits'],
    ['a leading zero', digitsUntil(' '), toHex(utf8('05')), 'the length has a leading zero'],
    [
      'nothing in front of the end',
      digitsUntil(' '),
      toHex(utf8(' ')),
      'not decimal digits up to their end',
    ],
    ['another end', digitsUntil(' '), toHex(utf8('5,')), 'not decimal digits up to their end'],
    ['17 digits', digitsUntil(' '), toHex(utf8('1'.repeat(17))), 'the digits do not end'],
    ['the indefinite form', berLength, '80', 'the BER length is indefinite'],
    ['a BER length of 8 bytes', berLength, '88', 'the BER length is indefinite or too long'],
  ])('%s', (_, prefix, bytes, facts) => {
    const codec = lengthPrefixed({ before: hex('23'), prefix });
    const good = join(codec.encode(utf8('hi')));
    const error = protocolErrorOf(codec, [good, hex(`23 ${bytes}`)], 'open');
    expect(error).toMatchObject({
      code: 'ERR_PREFIX_MALFORMED',
      byteOffset: good.length,
      frameIndex: 1,
    });
    expect(error.message).toContain(facts);
    expect(error.hint).toMatch(/\w/);
  });

  test('and messages quote none of them', () => {
    const error = protocolErrorOf(lengthPrefixed({ prefix: digits(4) }), [utf8('00Qz')], 'open');
    expect(`${error.message} ${error.hint}`).not.toMatch(/Q|5[1]/);
  });

  test('text of another protocol is recognised', () => {
    expect(
      protocolErrorOf(lengthPrefixed({ prefix: digits(4) }), [utf8('SSH-2.0')], 'open').hint,
    ).toMatch(/SSH/);
  });
});

describe('arguments that make no prefix', () => {
  test.each<[string, () => unknown]>([
    ['digits(0)', () => digits(0)],
    ['digits(17)', () => digits(17)],
    ["digits('4')", () => digits('4' as never)],
    ['hexDigits(1.5)', () => hexDigits(1.5)],
    ['letters', () => hexDigits(4, { letters: 'Upper' as never })],
    ['an option of hexDigits', () => hexDigits(4, { upper: true } as never)],
    ['leadingZeros', () => digitsUntil(' ', { leadingZeros: true as never })],
    ['bcd(9)', () => bcd(9)],
    ["digitsUntil('5')", () => digitsUntil('5')],
    ["digitsUntil('')", () => digitsUntil('')],
    ["digitsUntil('ab')", () => digitsUntil('ab')],
    ["digitsUntil('é')", () => digitsUntil('é')],
    ['digitsUntil(256)', () => digitsUntil(256)],
    ['digitsUntil()', () => digitsUntil(undefined as never)],
    ['a varint', () => number({ type: 'varint' as never })],
    ['no such type', () => number({ type: 'u12be' as never })],
    ['no options', () => number(undefined as never)],
    ['a misspelt option', () => number({ type: 'u8', units: 2 } as never)],
    ['a mask with a gap', () => number({ type: 'u16be', mask: 0x0f0f })],
    ['a mask of all bits', () => number({ type: 'u16be', mask: 0xffff })],
    ['no bit', () => number({ type: 'u16be', mask: 0 })],
    ['a mask wider than its number', () => number({ type: 'u8', mask: 0xf00 })],
    ['a mask of 8 bytes', () => number({ type: 'u64be', mask: 1 })],
    ['a mask of a signed number', () => number({ type: 'i32be', mask: 1 })],
    ['unit 0', () => number({ type: 'u8', unit: 0 })],
    ['half a unit', () => number({ type: 'u8', unit: 0.5 })],
    ['flags that are kept', () => number({ type: 'u16be', mask: 0xfff, flags: 'keep' as never })],
    ['a byte order of one byte', () => number({ type: 'u8', swapIf: { at: 0, mask: 1 } })],
    ['a swap without a mask', () => number({ type: 'u16be', swapIf: { at: 0 } as never })],
    ['a swap by no bit', () => number({ type: 'u16be', swapIf: { at: 0, mask: 0 } })],
    ['a swap by nine bits', () => number({ type: 'u16be', swapIf: { at: 0, mask: 256 } })],
  ])('%s', (_, make) => {
    expect(unstickErrorOf(make)).toMatchObject({ code: 'ERR_OPTION' });
  });

  test('a byte order by a flag that is not in front of the length', () => {
    const prefix = number({ type: 'u32be', swapIf: { at: 6, mask: 1 } });
    const error = unstickErrorOf(() => lengthPrefixed({ before: 6, prefix, deliver: 'parts' }));
    expect(error.code).toBe('ERR_OPTION');
    expect(error.message).toContain('looks at the 7 bytes in front of it, but before has only 6');
    expect(() => lengthPrefixed({ before: 7, prefix, deliver: 'parts' })).not.toThrow();
  });

  test('a byte order by a checksum, which is computed behind the length', () => {
    const prefix = number({ type: 'u16be', swapIf: { at: 1, mask: 1 } });
    const sum = { checksum: xor8, over: ['payload'] } as const;
    const error = unstickErrorOf(() => lengthPrefixed({ before: ['23', sum], prefix }));
    expect(error.code).toBe('ERR_OPTION');
    expect(error.message).toContain('looks at byte 2 of before, which is a checksum');
    const behind = lengthPrefixed({ before: [sum, '01'], prefix });
    expect(toHex(join(behind.encode(hex('6869'))))).toBe('0101 0200 6869'.replaceAll(' ', ''));
  });
});

describe('a byte order by a flag', () => {
  const codec = lengthPrefixed({
    before: 8,
    prefix: number({ type: 'u32be', swapIf: { at: 6, mask: 1 } }),
    deliver: 'parts',
  });

  test.each([
    ['big', '47494f50 0102 00 00', '00000002'],
    ['little', '47494f50 0102 01 00', '02000000'],
  ])('is %s in both directions, as in GIOP', (_, head, length) => {
    const value = { before: hex(head), payload: hex('6869') };
    expect(toHex(join(codec.encode(value)))).toBe(toHex(hex(`${head} ${length} 6869`)));
    expect(valuesOf(codec, [hex(`${head} ${length} 6869`)])).toEqual([value]);
  });
});

describe('a prefix among sections and checksums', () => {
  const codec = lengthPrefixed({
    before: ['2323', 1],
    prefix: number({ type: 'u16be', mask: 0x0fff, unit: 4 }),
    after: [{ checksum: xor8, over: ['prefix'] }, 3],
    trailer: { checksum: sum16, over: [{ part: 'prefix', from: 1, to: 2 }, 'payload'] },
    counts: ['after', 'payload'],
    adjust: -2,
    deliver: 'parts',
  });
  const value = { before: hex('07'), flags: 0xa000, after: hex('010203'), payload: hex('6869') };
  const frame = '232307 a001 a1 010203 6869 00d2';

  test('is written and read with its flags, in units, with what adjust takes off', () => {
    expect(toHex(join(codec.encode(value)))).toBe(toHex(hex(frame)));
    expect(valuesOf(codec, [hex(frame)])).toEqual([value]);
  });

  test('is covered with its flags by a checksum of the head, judged before the length', () => {
    const wrong = hex('232307 e001 a1 010203');
    expect(protocolErrorOf(codec, [wrong], 'open')).toMatchObject({ code: 'ERR_FRAME_CHECKSUM' });
  });

  test('is covered as its digits where it is BCD, also in part', () => {
    const payments = lengthPrefixed({
      prefix: bcd(2),
      trailer: [{ checksum: xor8, over: [{ part: 'prefix', from: 1, to: 2 }] }, xor8],
      counts: ['payload', 'trailer'],
      adjust: 1,
    });
    const payload = hex('303132333435363738');
    const bytes = hex('0012 303132333435363738 12 38');
    expect(toHex(join(payments.encode(payload)))).toBe(toHex(bytes));
    expect(valuesOf(payments, [bytes])).toEqual([payload]);
  });

  test('is not sent where a field would read another one behind the checksums', () => {
    // The field adds the byte in front of it, and does not say that it looks there.
    const adding: LengthField = {
      maxWidth: 1,
      fixed: true,
      read: (b, at) =>
        b.length > at ? { length: ((b[at] ?? 0) + (b[0] ?? 0)) & 0xff, width: 1 } : undefined,
      write: (length, head) => Uint8Array.of(length - (head[0] ?? 0)),
    };
    const before = { checksum: xor8, over: ['payload'] } as const;
    for (const deliver of ['payload', 'parts', 'frame'] as const) {
      const summed = lengthPrefixed({ before, prefix: adding, deliver });
      const given = (payload: string): never =>
        (deliver === 'frame'
          ? hex(`00 02 ${payload}`)
          : deliver === 'parts'
            ? { payload: hex(payload) }
            : hex(payload)) as never;
      expect(toHex(join(summed.encode(given('6868'))))).toBe('00026868');
      expect(unstickErrorOf(() => summed.encode(given('6869')))).toMatchObject({
        code: 'ERR_FRAME_UNENCODABLE',
      });
    }
  });
});

describe('units', () => {
  const codec = lengthPrefixed({
    prefix: number({ type: 'u8', unit: 4 }),
    counts: ['prefix', 'payload'],
  });

  test('are refused in halves, with a hint', () => {
    expect(toHex(join(codec.encode(hex('010203'))))).toBe('01010203');
    const error = unstickErrorOf(() => codec.encode(hex('0102')));
    expect(error.code).toBe('ERR_FRAME_UNENCODABLE');
    expect(error.message).toContain('cannot write 3: it counts in units of 4 bytes. Pad');
  });
});

describe('flags', () => {
  const prefix = number({ type: 'u16be', mask: 0x0fff });
  const parts = lengthPrefixed({ prefix, deliver: 'parts' });

  test('are a part, both ways, with their bits in place', () => {
    const value = { flags: 0xa000, payload: hex('6869') };
    expect(toHex(join(parts.encode(value)))).toBe('a0026869');
    expect(valuesOf(parts, [hex('a0026869')])).toEqual([value]);
  });

  test('are 0 by default', () => {
    expect(toHex(join(parts.encode({ payload: hex('6869') })))).toBe('00026869');
    expect(valuesOf(parts, [hex('00026869')])).toEqual([{ flags: 0, payload: hex('6869') }]);
  });

  test.each([0x0001, 0x1_0000, -1, 0.5, NaN, '4096'])(
    'that the prefix does not have are refused: %s',
    (flags) => {
      const error = unstickErrorOf(() =>
        parts.encode({ flags: flags as number, payload: hex('') }),
      );
      expect(error.code).toBe('ERR_FRAME_UNENCODABLE');
      expect(error.message).toContain("'flags' must be bits of 0xf000");
    },
  );

  test('are refused where a prefix has none', () => {
    const plain = lengthPrefixed({ deliver: 'parts' });
    const value = { flags: 0, payload: hex('') };
    expect(unstickErrorOf(() => plain.encode(value)).code).toBe('ERR_FRAME_UNENCODABLE');
  });

  test('make a prefix malformed where values are payloads alone', () => {
    for (const codec of [lengthPrefixed({ prefix }), messages({ prefix })]) {
      const error = protocolErrorOf(codec, [hex('80026869')], 'open');
      expect(error).toMatchObject({ code: 'ERR_PREFIX_MALFORMED', byteOffset: 0 });
      expect(error.hint).toContain("flags: 'ignore'");
    }
    expect(valuesOf(lengthPrefixed({ prefix }), [hex('00026869')]).map(toHex)).toEqual(['6869']);
  });

  test("are dropped with 'ignore', and are then written as 0", () => {
    const codec = lengthPrefixed({
      prefix: number({ type: 'u16be', mask: 0x0fff, flags: 'ignore' }),
    });
    expect(valuesOf(codec, [hex('80026869')]).map(toHex)).toEqual(['6869']);
    expect(toHex(join(codec.encode(hex('6869'))))).toBe('00026869');
  });

  test('stay in a whole frame, also when its length is filled in', () => {
    const codec = lengthPrefixed({ prefix, deliver: 'frame' });
    expect(toHex(join(codec.encode(hex('a0006869'))))).toBe('a0026869');
    expect(valuesOf(codec, [hex('a0026869')]).map(toHex)).toEqual(['a0026869']);
  });

  test('may stand at both sides of the length, and above 32 bits', () => {
    const wide = number({ type: 'u48be', mask: 0x00_ff_ff_ff_ff_00 });
    const codec = lengthPrefixed({ prefix: wide, deliver: 'parts' });
    const value = { flags: 0x80_00_00_00_00_01, payload: hex('61') };
    expect(toHex(join(codec.encode(value)))).toBe('80000000010161');
    expect(valuesOf(codec, [hex('80000000010161')])).toEqual([value]);
    const wrong = { ...value, flags: 0x1_00_00_00_00 };
    expect(unstickErrorOf(() => codec.encode(wrong)).code).toBe('ERR_FRAME_UNENCODABLE');
  });

  test('of a custom field that are no bits of it are its bug', () => {
    const field: LengthField = {
      maxWidth: 1,
      flagBits: 0x80,
      read: (b, at) => (b.length > at ? { length: 1, width: 1, flags: b[at] ?? 0 } : undefined),
      write: () => {
        throw new Error('decodes only');
      },
    };
    const decoder = lengthPrefixed({ prefix: field, deliver: 'parts' }).decoder();
    decoder.push(hex('8061'));
    expect(decoder.take()).toEqual({ flags: 0x80, payload: hex('61') });
    decoder.push(hex('8161'));
    expect(unstickErrorOf(() => decoder.take()).code).toBe('ERR_OPTION');
  });

  test('are of the types of the values', () => {
    const taken = parts.decoder().take();
    expectTypeOf(taken).toEqualTypeOf<
      { readonly flags: number; readonly payload: Bytes } | undefined
    >();
    const marks = framing('oncRpc', { deliver: 'parts' }).decoder().take();
    expectTypeOf(marks?.flags).toEqualTypeOf<number | undefined>();
    const none = lengthPrefixed({ prefix: digits(4), deliver: 'parts' });
    expectTypeOf<Parameters<typeof none.encode>[0]>().toExtend<{ readonly payload: Uint8Array }>();
    const plain = lengthPrefixed({ prefix: 'u16be', deliver: 'parts' }).decoder().take();
    expectTypeOf(plain).toEqualTypeOf<{ readonly payload: Bytes } | undefined>();
  });
});
