// Every built-in length, written and read: the bytes that DataView and BigInt would write.

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readFixed, readVarint, varintWidth } from '../../src/codec/numbers.ts';
import { varintWidthAt, writeFixed, writeVarint } from '../../src/codec/numbers.ts';
import { resolvePrefix } from '../../src/codec/prefixes.ts';
import type { LengthPrefix } from '../../src/codec/prefixes.ts';
import { toHex } from '../support/bytes.ts';
import { runs } from '../support/seed.ts';
import { WIDTHS } from '../support/slow-frames.ts';

const lengths = fc.oneof(
  fc.maxSafeNat(),
  fc.nat(70_000),
  fc.integer({ min: 0, max: 53 }).map((power) => Math.min(2 ** power, Number.MAX_SAFE_INTEGER)),
  fc.integer({ min: 0, max: 53 }).map((power) => 2 ** power - 1),
);

describe.each(Object.entries(WIDTHS))('%s', (name, width) => {
  const { code, maxLength, maxWidth } = resolvePrefix(name as LengthPrefix);

  test('writes a length in its byte order and reads it back, wherever it stands', () => {
    expect(maxWidth).toBe(width);
    fc.assert(
      fc.property(lengths, fc.nat(9), (any, at) => {
        const length = any % (maxLength + 1);
        const target = new Uint8Array(at + width + 3).fill(0xee);
        expect(writeFixed(code, length, target, at)).toBe(at + width);
        const written = target.slice(at, at + width);
        const big = name.endsWith('le') ? written.toReversed() : written;
        expect(toHex(big)).toBe(length.toString(16).padStart(2 * width, '0'));
        expect(target.slice(at + width)).toEqual(new Uint8Array(3).fill(0xee));
        expect(readFixed(code, target, at)).toBe(length);
      }),
      runs(200),
    );
  });
});

describe('a varint', () => {
  test('is written in groups of seven bits, lowest first, and read back', () => {
    fc.assert(
      fc.property(lengths, fc.nat(5), (length, at) => {
        const width = varintWidth(length);
        const target = new Uint8Array(at + width + 1).fill(0xee);
        expect(writeVarint(length, target, at)).toBe(at + width);
        const groups = BigInt(length).toString(2).length;
        expect(width).toBe(Math.ceil(groups / 7));
        expect(varintWidthAt(target, at, at + width)).toBe(width);
        expect(varintWidthAt(target, at, at + width - 1)).toBe(0);
        expect(readVarint(target, at, width)).toBe(length);
      }),
      runs(500),
    );
  });

  test.each([
    [1, '01'],
    [127, '7f'],
    [128, '8001'],
    [300, 'ac02'],
    [2_097_152, '80808001'],
    [Number.MAX_SAFE_INTEGER, 'ffffffffffffff0f'],
  ])('of %d is %s', (length, bytes) => {
    const target = new Uint8Array(varintWidth(length));
    writeVarint(length, target, 0);
    expect(toHex(target)).toBe(bytes);
  });
});
