// The words of --frames: the grammar, its examples, and that printing and parsing undo each other.

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ROWS } from '../../src/codec/formats/formats.ts';
import type { Framing } from '../../src/codec/formats/framing-types.ts';
import { isPrefixName, PREFIX_NAMES } from '../../src/codec/prefixes.ts';
import { UsageError } from '../../src/errors.ts';
import { spotsOf } from '../../src/framing/framing.ts';
import { FrameScanner } from '../../src/framing/frame-scanner.ts';
import { nearest } from '../../src/framing/nearest.ts';
import { parseFraming, printFraming } from '../../src/framing/words.ts';
import { hex } from '../support/bytes.ts';
import { FORMAT_NAMES } from '../support/format-vectors.ts';
import { runs } from '../support/seed.ts';
import { WIDTHS } from '../support/slow-frames.ts';

const files: Readonly<Record<string, string>> = {
  'meter.json': '\uFEFF {"codec":"lengthPrefixed","prefix":"u8","before":"68"}\n',
  'name.txt': 'kafka\n',
  'empty.txt': '',
  'chain.txt': '@name.txt',
};
const parse = (word: string): Framing =>
  parseFraming(word, '--frames', (path) => files[path] ?? '');

describe('a word for a framing', () => {
  test.each<[string, Framing]>([
    ['kafka', ROWS.kafka],
    ['u32be', { codec: 'lengthPrefixed', prefix: 'u32be' }],
    ['berTagAndLength', { codec: 'lengthPrefixed', prefix: 'berTagAndLength' }],
    ['varint@1', { codec: 'lengthPrefixed', prefix: 'varint', before: 1, deliver: 'parts' }],
    ['u16be@4', { codec: 'lengthPrefixed', prefix: 'u16be', before: 4, deliver: 'parts' }],
    ['u16be@4+6', { codec: 'lengthPrefixed', prefix: 'u16be', before: 4, deliver: 'parts' }],
    [
      'u16le@2+24',
      { codec: 'lengthPrefixed', prefix: 'u16le', before: 2, after: 20, deliver: 'parts' },
    ],
    ['u32le+0', { codec: 'lengthPrefixed', prefix: 'u32le', counts: ['prefix', 'payload'] }],
    [
      'u32le@4+0',
      {
        codec: 'lengthPrefixed',
        prefix: 'u32le',
        before: 4,
        counts: ['before', 'prefix', 'payload'],
        deliver: 'parts',
      },
    ],
    [
      'i32be@1+1',
      {
        codec: 'lengthPrefixed',
        prefix: 'i32be',
        before: 1,
        counts: ['prefix', 'payload'],
        deliver: 'parts',
      },
    ],
    [
      'u32be@4+7',
      { codec: 'lengthPrefixed', prefix: 'u32be', before: 4, adjust: 1, deliver: 'parts' },
    ],
    ['u32be+1', { codec: 'lengthPrefixed', prefix: 'u32be', adjust: 3 }],
    ['{"codec":"netstrings"}', { codec: 'netstrings' }],
    ['@meter.json', { codec: 'lengthPrefixed', prefix: 'u8', before: '68' }],
    ['@name.txt', ROWS.kafka],
  ])('%s is what it says', (word, framing) => {
    expect(parse(word)).toEqual(framing);
  });

  test.each<[string, string]>([
    ['u16be@0', 'u16be'],
    ['u16be@4+6', 'u16be@4'],
    ['u16be+2', 'u16be'],
    ['u16be@00004+0010', 'u16be@4+10'],
    ['@name.txt', 'kafka'],
    ['{"deliver":"parts","before":4,"prefix":"u16be","codec":"lengthPrefixed"}', 'u16be@4'],
    ['{"prefix":"u8","codec":"lengthPrefixed"}', 'u8'],
    ['{"codec":"lengthPrefixed","before":"68"}', '{"codec":"lengthPrefixed","before":"68"}'],
  ])('%s is printed as %s', (word, printed) => {
    expect(printFraming(parse(word))).toBe(printed);
  });

  test.each(FORMAT_NAMES)('%s is printed as its name', (name) => {
    expect(printFraming(parse(name))).toBe(name);
  });

  test.each<[string, RegExp]>([
    ['', /--frames must be a frame format/],
    ['u33be', /must be a frame format, not the string "u33be".*Did you mean u32be\?.*u16be@4\+6/],
    ['kafak', /Did you mean kafka\? Write the name of a format/],
    ['Postgres', /Did you mean postgres\?/],
    ['toString', /frame format/],
    ['__proto__', /frame format/],
    ['u16be@', /frame format/],
    ['u16be@-1', /frame format/],
    ['u16be@1.5', /frame format/],
    ['u16be@4-2', /frame format/],
    ['u16be@1e3', /frame format/],
    ['u16be @4', /frame format/],
    ['kafka@4', /frame format/],
    ['varint+1', /the width of a varint varies/],
    ['{', /starts with \{ but is not JSON.*JSON, or @FILE/],
    ['{}', /--frames: codec must be the name of a codec/],
    ['{"codec":"netstrings","prefix":"u8"}', /--frames: netstrings has no option "prefix"/],
    ['[]', /frame format/],
    ['@empty.txt', /the text of the file must be a frame format/],
    ['@chain.txt', /the text of the file must be a frame format/],
  ])('%j is refused', (word, facts) => {
    const call = (): unknown => parse(word);
    expect(call).toThrow(UsageError);
    expect(call).toThrow(facts);
  });
});

const layouts = fc.record({
  type: fc.constantFrom(...PREFIX_NAMES.filter((name) => WIDTHS[name] !== undefined)),
  offset: fc.nat(20),
  more: fc.nat(60),
});

test('TYPE@OFFSET+N is a frame of the number at the offset, and N bytes more', () => {
  const property = fc.property(layouts, fc.nat(40), ({ type, offset, more }, extra) => {
    const width = WIDTHS[type] ?? 0;
    const total = Math.max(more, offset + width) + extra;
    fc.pre(total - more < 128);
    const frame = new Uint8Array(total);
    frame[offset + (type.endsWith('le') ? 0 : width - 1)] = total - more;
    const ends: number[] = [];
    const scanner = new FrameScanner(spotsOf(parse(`${type}@${offset}+${more}`)));
    scanner.push(frame, ({ end }) => ends.push(end));
    scanner.push(frame, ({ end }) => ends.push(end));
    expect(ends).toEqual([total, 2 * total]);
  });
  fc.assert(property, runs(200));
});

/** Descriptions that are accepted, with their keys in any order. */
const framings: fc.Arbitrary<Framing> = fc
  .oneof(
    layouts.map(({ type, offset, more }) => parse(`${type}@${offset}+${more}`)),
    fc.constantFrom(...FORMAT_NAMES.map((name) => ROWS[name])),
    fc
      .record(
        {
          prefix: fc.constantFrom(...PREFIX_NAMES.filter(isPrefixName)),
          before: fc.oneof(fc.nat(9), fc.constantFrom('68', '23 23')),
          after: fc.nat(9),
          maxPayloadLength: fc.nat(9),
          source: fc.string(),
        },
        { requiredKeys: [] },
      )
      .map((options): Framing => ({ codec: 'lengthPrefixed', deliver: 'parts', ...options })),
    fc.nat(99).map((maxPayloadLength): Framing => ({ codec: 'netstrings', maxPayloadLength })),
  )
  .map((framing) => Object.fromEntries(Object.entries(framing).toReversed()) as unknown as Framing);

test('printing and parsing undo each other', () => {
  const property = fc.property(framings, (framing) => {
    const word = printFraming(framing);
    expect(parse(word)).toEqual(framing);
    expect(printFraming(parse(word))).toBe(word);
  });
  fc.assert(property, runs(300));
});

describe('the nearest name', () => {
  test.each([
    ['postgress', 'postgres'],
    ['MQTT', 'mqtt'],
    ['psotgres', 'postgres'],
    ['u16bee', 'u16be'],
    ['modbus', undefined],
    ['x'.repeat(10_000), undefined],
  ])('of %s', (word, name) => {
    expect(nearest(word, ['postgres', 'mqtt', 'u16be', 'kafka'])).toBe(name);
  });
});

/** Start, payload and end of each frame, of a stream that comes byte by byte. */
function spans(word: string, bytes: string): number[][] {
  const found: number[][] = [];
  const scanner = new FrameScanner(spotsOf(parse(word)));
  for (const byte of hex(bytes)) {
    scanner.push(Uint8Array.of(byte), ({ start, payloadStart, end }) =>
      found.push([start, payloadStart, end]),
    );
  }
  scanner.end(() => undefined);
  return found;
}

test('a scanner says where the payload of each codec lies', () => {
  expect(spans('{"codec":"netstrings"}', '323a68692c 303a2c')).toEqual([
    [0, 2, 5],
    [5, 7, 8],
  ]);
  const header = `436f6e74656e742d4c656e6774683a20320d0a0d0a 6869`;
  expect(spans('{"codec":"contentLength"}', header)).toEqual([[0, 21, 23]]);
  expect(spans('{"codec":"messages"}', '00000010 7b22626f64794c656e677468223a327d 6869')).toEqual([
    [0, 20, 22],
  ]);
});
