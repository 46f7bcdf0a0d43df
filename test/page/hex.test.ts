// Hex of the page without a server.

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HexReader, printHex, readHex } from '../../src/page/hex.ts';
import { hex } from '../support/bytes.ts';

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

  test('gives the same in whatever parts the text comes', () => {
    const text = '0x00 01 | 02:03|0405 ||\n06';
    for (let cut = 0; cut <= text.length; cut++) {
      const reader = new HexReader();
      reader.push(text.slice(0, cut));
      reader.push(text.slice(cut));
      expect(reader.end()).toEqual(readHex(text));
    }
  });

  test('is printed so that it can be read again', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ minLength: 1 })), (pieces) => {
        expect(readHex(printHex(pieces))).toEqual(pieces);
      }),
    );
  });
});
