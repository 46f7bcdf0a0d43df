// The hint took the smaller of the two readings for the one in the other byte order, even if it was the
// reading in the declared order: a length 1 that must count 4 was said to "read 1 in the other byte order".

import { expect, test } from 'vitest';
import { lengthPrefixed } from '../../src/codec/length-prefixed.ts';
import type { LengthPrefixedOptions } from '../../src/codec/frame-layout.ts';
import { hex } from '../support/bytes.ts';

function hintOf(options: LengthPrefixedOptions, bytes: string): string | undefined {
  const decoder = lengthPrefixed(options).decoder();
  decoder.push(hex(bytes));
  try {
    decoder.take();
  } catch (error) {
    return (error as { hint?: string }).hint;
  }
  throw new Error('it was accepted');
}

test('a length is never said to read as itself in the other byte order', () => {
  expect(hintOf({ counts: ['prefix', 'payload'] }, '00000001')).not.toContain('other byte order');
  expect(hintOf({ prefix: 'u32le', counts: ['prefix', 'payload'] }, '01000000')).not.toContain(
    'other byte order',
  );
});

test('a length that would be acceptable in the other byte order is told, in both directions', () => {
  expect(hintOf({}, '10000000')).toContain('would read 16:');
  expect(hintOf({ prefix: 'u32le' }, '00000010')).toContain('would read 16:');
  expect(hintOf({ prefix: 'i32be' }, 'ff000000')).toContain('would read 255:');
});

test('a length that would be too small in the other byte order as well is not suggested', () => {
  expect(hintOf({ counts: ['prefix', 'payload'] }, '03000000')).not.toContain('other byte order');
});
