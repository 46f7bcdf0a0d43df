// Links and hex of the page without a server.

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { makeLink, readHex, readLink } from '../../src/page/link.ts';
import { hex } from '../support/bytes.ts';

describe('a link', () => {
  test('gives back what it was made of', () => {
    fc.assert(
      fc.property(fc.string(), fc.option(fc.uint8Array(), { nil: undefined }), (frames, bytes) => {
        const digits = bytes && Buffer.from(bytes).toString('hex');
        const input = { frames, ...(digits === undefined ? {} : { hex: digits }) };
        expect(readLink(`#${makeLink(input)}`)).toEqual(input);
      }),
    );
  });

  test('has no bytes unless they are given', () => {
    expect(makeLink({ frames: 'u32be' })).toBe('frames=u32be');
  });

  test('keeps the bars between pieces, and drops blanks', () => {
    expect(readLink(makeLink({ frames: 'u8', hex: '00 01 | 02' }) ?? '')).toEqual({
      frames: 'u8',
      hex: '0001|02',
    });
  });

  test('that is too long is none', () => {
    expect(makeLink({ frames: 'u8', hex: '00'.repeat(4000) })).toBe(undefined);
  });

  test.each(['', '#', '#x', '#frames', '#%E0%A4%A', `#${'y'.repeat(100_000)}`])(
    'that is no link (%#) breaks nothing',
    (fragment) => {
      expect(readLink(fragment).hex).toBe(undefined);
    },
  );
});

describe('hex', () => {
  test.each([
    ['0000 | 0005 68', ['0000', '000568']],
    ['00:01,02_03\n04', ['0001020304']],
    ['0x00 0x01', ['0001']],
    ['', []],
    ['| |', []],
  ])('%j gives pieces', (text, pieces) => {
    expect(readHex(text)).toEqual(pieces.map((piece) => hex(piece)));
  });

  test.each(['0', 'zz', '00 0', '<script>', '0\u202e0'])('%j is refused', (text) => {
    expect(readHex(text)).toBe(undefined);
  });
});
