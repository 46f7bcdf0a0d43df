// Links of the page without a server.

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { makeLink, readLink } from '../../src/page/link.ts';

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
