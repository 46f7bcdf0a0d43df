// Whether a decoder refuses a frame, told by the first bytes of the frame.

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Framing } from '../../src/codec/formats/framing-types.ts';
import { ROWS } from '../../src/codec/formats/formats.ts';
import type { Spots } from '../../src/framing/codecs.ts';
import { spotsOf } from '../../src/framing/framing.ts';
import { hex } from '../support/bytes.ts';
import { FORMAT_NAMES, framesOf } from '../support/format-vectors.ts';
import { runs } from '../support/seed.ts';

function isRefused({ codec }: Spots, bytes: Uint8Array): boolean {
  const decoder = codec.decoder();
  decoder.push(bytes);
  try {
    decoder.take();
    return false;
  } catch {
    return true;
  }
}

describe('a head that is refused', () => {
  test.each(FORMAT_NAMES)('is one that the decoder of %s refuses', (name) => {
    const spots = spotsOf(ROWS[name]);
    const frame = fc.constantFrom(...framesOf(name));
    const bytes = fc.oneof(
      fc.tuple(fc.uint8Array({ maxLength: 24 }), frame).map((parts) => Buffer.concat(parts)),
      fc.tuple(frame, fc.nat(15), fc.nat(255)).map(([whole, at, byte]) => {
        const changed = Uint8Array.from(whole);
        changed[at] = byte;
        return changed;
      }),
      fc.tuple(frame, fc.nat(15)).map(([whole, length]) => whole.subarray(0, length)),
    );
    fc.assert(
      fc.property(bytes, fc.nat(8), (given, skipped) => {
        const at = Math.min(skipped, given.length);
        const isSaid = spots.refuses?.(given, at) === true;
        expect(isSaid && !isRefused(spots, given.subarray(at))).toBe(false);
      }),
      runs(200),
    );
  });

  const magic = { codec: 'lengthPrefixed', before: ['23 23', 1, '01'], prefix: 'u16be' } as const;
  const adjusted = { codec: 'lengthPrefixed', prefix: 'u16be', adjust: 4 } as const;
  const u32be = { codec: 'lengthPrefixed', prefix: 'u32be' } as const;
  const checked = { ...u32be, after: [{ checksum: 'xor8' }] } as const;

  test.each<readonly [string, Framing, string, boolean]>([
    ['has a length above the limit', u32be, '00800001', true],
    ['has the longest length', u32be, '00800000', false],
    ['has a length that is less than it counts', adjusted, '0003', true],
    ['has the least length', adjusted, '0004', false],
    ['has a length of which a byte is missing', adjusted, '00', false],
    ['has a long length, and no checksum of it yet', checked, 'ffffffff', false],
    ['has a wrong marker', magic, '2324', true],
    ['has a wrong byte behind bytes of the caller', magic, '23230002', true],
    ['has any bytes of the caller', magic, '2323ff01', false],
    ['has a part of a marker', magic, '23', false],
    ['may be noise', { ...magic, resync: true }, '2424', false],
    ['has a wrong start marker', { codec: 'delimited', start: '02', end: '03' }, '03', true],
    ['has a start marker', { codec: 'delimited', start: '02', end: '03' }, '02', false],
    ['may be noise', { codec: 'delimited', start: '02', end: '03', resync: true }, '03', false],
    ['has no start marker in its format', { codec: 'delimited', end: '0a' }, '03', false],
  ])('%s', (_, framing, bytes, isWrong) => {
    expect(spotsOf(framing).refuses?.(hex(bytes), 0)).toBe(isWrong);
  });
});
