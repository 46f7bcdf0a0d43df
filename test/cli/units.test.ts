// Times and sizes of the command line: what they mean, and what is refused with a hint.

import { describe, expect, test } from 'vitest';
import { parseSize, parseTime } from '../../src/cli/units.ts';

function refusal(parse: () => unknown): string {
  try {
    return `accepted: ${String(parse())}`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

describe('a time', () => {
  test.each([
    ['0ms', 0],
    ['60ms', 60],
    ['2s', 2000],
    ['1.1s', 1100],
    ['5m', 300_000],
    ['1h', 3_600_000],
    ['2147483647ms', 2_147_483_647],
  ])('%s is %d ms', (text, ms) => {
    expect(parseTime(text)).toBe(ms);
  });

  test('without a unit is refused, and the hint has both meanings', () => {
    expect(refusal(() => parseTime('30', '--time'))).toMatch(
      /^--time must be .* Say 30ms or 30s\.$/,
    );
  });

  test.each([
    '',
    's',
    '-1s',
    '1e3ms',
    '1.5ms',
    '1,5s',
    '5 s',
    '5S',
    '5d',
    '٣s',
    'Infinity',
    '0x10ms',
  ])('cannot be %j', (text) => {
    expect(refusal(() => parseTime(text))).toMatch(/^A time must be .* Such as 60ms, 1\.5s, 2m\.$/);
  });

  test.each(['2147483648ms', '600h', '999999999999999h'])('cannot be as long as %s', (text) => {
    expect(refusal(() => parseTime(text))).toMatch(/^A time must be/);
  });
});

describe('a size', () => {
  test.each([
    ['0', 0],
    ['512', 512],
    ['512B', 512],
    ['1kB', 1000],
    ['1.5KiB', 1536],
    ['64KiB', 65_536],
    ['1MB', 1_000_000],
    ['1MiB', 1_048_576],
    ['2GiB', 2_147_483_648],
  ])('%s is %d bytes', (text, bytes) => {
    expect(parseSize(text)).toBe(bytes);
  });

  test.each(['', '-1', '1.5', '0.1KiB', '64K', '64kib', '1e3', '0x10', '9007199254740992'])(
    'cannot be %j',
    (text) => {
      expect(refusal(() => parseSize(text, '--window'))).toMatch(
        /^--window must be .* Such as 512, 64KiB, 1MB\.$/,
      );
    },
  );
});
