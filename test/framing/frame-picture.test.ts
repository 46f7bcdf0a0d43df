// The drawing of a frame: the boxes of each codec, and what holds for the drawing of every known format.

import { describe, expect, test } from 'vitest';
import { ROWS } from '../../src/codec/formats/formats.ts';
import type { Framing } from '../../src/codec/formats/framing-types.ts';
import { drawCells, pictureOf } from '../../src/framing/frame-picture.ts';

/** The boxes in one line, and behind them the notes. */
function shown(framing: Framing): string {
  const { cells, notes } = pictureOf(framing);
  const boxes = cells.map(({ text, isCounted }) => (isCounted ? `* ${text}` : text));
  return [`| ${boxes.join(' | ')} |`, ...notes.filter((note) => !note.startsWith('*'))].join('\n');
}

describe('the boxes of', () => {
  test.each<[string, Framing, string]>([
    ['a plain length', { codec: 'lengthPrefixed' }, '| length u32be | * payload |'],
    [
      'a length that counts the whole frame',
      {
        codec: 'lengthPrefixed',
        before: 1,
        prefix: 'u16be',
        after: 1,
        counts: ['before', 'prefix', 'after', 'payload'],
        deliver: 'parts',
      },
      '| * 1 byte | * length u16be | * 1 byte | * payload |',
    ],
    [
      'fixed bytes, bytes of the caller and a checksum',
      {
        codec: 'lengthPrefixed',
        before: ['cafe', 5],
        prefix: 'u16le',
        trailer: [{ checksum: 'CRC-16/MODBUS', over: ['payload'], order: 'le' }, '0d 0a'],
        deliver: 'parts',
      },
      '| ca fe | 5 bytes | length u16le | * payload | CRC-16/MODBUS le of payload | 0d 0a |',
    ],
    [
      'a number with a mask and a unit, which is more than what it counts',
      {
        codec: 'lengthPrefixed',
        prefix: { type: 'u16be', mask: '0fff', unit: 4 },
        adjust: 2,
        deliver: 'parts',
      },
      '| length u16be (bits 0fff, × 4) | * payload |\nThe length is 2 more than the number of bytes that it counts.',
    ],
    [
      'a number that is less',
      { codec: 'lengthPrefixed', adjust: -1 },
      '| length u32be | * payload |\nThe length is 1 less than the number of bytes that it counts.',
    ],
    [
      'digits',
      { codec: 'lengthPrefixed', prefix: { hexDigits: 4, letters: 'upper' } },
      '| length hexDigits(4), letters upper | * payload |',
    ],
    [
      'long fixed bytes',
      { codec: 'lengthPrefixed', before: 'ff'.repeat(16), after: '0102030405060708090a0b0c0d0e' },
      '| ff × 16 | length u32be | 01 02 03 04 05 06 07 08 09 0a 0b 0c … 14 bytes | * payload |',
    ],
    [
      'markers with an escape and a checksum',
      { codec: 'delimited', start: '7e', end: '7e', escape: 'jt808', checksum: 'xor8' },
      '| 7e | payload, escaped | xor8 | 7e |\nBetween the markers bytes are escaped as jt808 does.',
    ],
    [
      'two escape bytes',
      {
        codec: 'delimited',
        end: '0a',
        escape: [
          { escape: '5a', codes: { '5a': '02' } },
          { escape: '5e', codes: { '5e': '02' } },
        ],
      },
      '| payload, escaped | 0a |\nBetween the markers bytes are escaped by 5a and 5e.',
    ],
    [
      'markers that belong to the value',
      { codec: 'delimited', end: '24', strip: false },
      '| payload | 24 |\nA value includes its markers.',
    ],
    [
      'lines',
      { codec: 'lines', newline: 'crlf' },
      '| text | 0d 0a |\nA received line may end with 0a or with 0d 0a.',
    ],
    [
      'cobs',
      { codec: 'cobs' },
      '| payload, without zeros | 00 |\nCOBS writes the payload so that no byte of it is 00.',
    ],
    ['frames of one length', { codec: 'fixedLength', length: 8 }, '| 8 bytes |'],
    ['netstrings', { codec: 'netstrings' }, '| length in digits | 3a | * payload | 2c |'],
    [
      'contentLength',
      { codec: 'contentLength' },
      '| headers, Content-Length: length | 0d 0a 0d 0a | * payload |',
    ],
    [
      'messages',
      { codec: 'messages' },
      '| length u32be | * header in JSON | body |\nThe header gives the length of the body as bodyLength.',
    ],
    [
      'fragments',
      {
        codec: 'continued',
        frame: { codec: 'lengthPrefixed', prefix: { type: 'u32be', mask: '7fffffff' } },
        mark: { part: 'flags', mask: '80000000', means: 'last' },
        fragmentLength: 1024,
      },
      '| length u32be (bits 7fffffff) | * payload |\nA value is one fragment or several. Bits 80000000 of the length say that the fragment is the last one.',
    ],
  ])('%s', (_, framing, expected) => {
    expect(shown(framing)).toBe(expected);
  });
});

describe('a drawing', () => {
  test('has a frame around each box', () => {
    expect(drawCells(pictureOf({ codec: 'lengthPrefixed', prefix: 'u8' }).cells, 80)).toEqual([
      '┌───────────┬───────────┐',
      '│ length u8 │ * payload │',
      '└───────────┴───────────┘',
    ]);
  });

  test('goes on in the next row where the width ends', () => {
    const cells = ['one', 'two', 'three'].map((text) => ({ text, isCounted: false }));
    expect(drawCells(cells, 13).filter((line) => line.startsWith('│'))).toEqual([
      '│ one │ two │',
      '│ three │',
    ]);
  });

  test('gives a box that is wider than the width a row of its own', () => {
    const cells = ['a', 'b'.repeat(30)].map((text) => ({ text, isCounted: false }));
    expect(drawCells(cells, 10).filter((line) => line.startsWith('│'))).toEqual([
      '│ a │',
      `│ ${'b'.repeat(30)} │`,
    ]);
  });

  test.each(Object.entries(ROWS))('of %s has straight edges and fits', (_, row) => {
    const lines = drawCells(pictureOf(row).cells, 100);
    for (let at = 0; at < lines.length; at += 3) {
      const widths = lines.slice(at, at + 3).map((line) => line.length);
      expect(new Set(widths).size).toBe(1);
      expect(widths[0]).toBeLessThanOrEqual(100);
    }
    expect(lines.join('')).toMatch(/payload|text|bytes/);
  });
});
