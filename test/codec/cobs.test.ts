// cobs() by example: published vectors, and frames that are refused.

import { describe, expect, expectTypeOf, test } from 'vitest';
import type { FrameCodec } from '../../src/codec/codec.ts';
import { cobs } from '../../src/codec/delimited/cobs.ts';
import type { CobsOptions } from '../../src/codec/delimited/cobs.ts';
import { hex, inPieces, join, toHex } from '../support/bytes.ts';
import { protocolErrorOf, unstickErrorOf, valuesOf } from '../support/outcomes.ts';

/** The bytes from one number up to another, as hex. */
function upTo(from: number, to: number): string {
  return toHex(Uint8Array.from({ length: to - from + 1 }, (_, i) => from + i));
}

/** The examples of en.wikipedia.org/wiki/Consistent_Overhead_Byte_Stuffing, and the empty payload. */
const VECTORS: readonly (readonly [payload: string, frame: string])[] = [
  ['', '01 00'],
  ['00', '01 01 00'],
  ['00 00', '01 01 01 00'],
  ['00 11 00', '01 02 11 01 00'],
  ['11 22 00 33', '03 11 22 02 33 00'],
  ['11 22 33 44', '05 11 22 33 44 00'],
  ['11 00 00 00', '02 11 01 01 01 00'],
  [upTo(1, 254), `ff ${upTo(1, 254)} 00`],
  [upTo(0, 254), `01 ff ${upTo(1, 254)} 00`],
  [upTo(1, 255), `ff ${upTo(1, 254)} 02 ff 00`],
  [`${upTo(2, 255)} 00`, `ff ${upTo(2, 255)} 01 01 00`],
  [`${upTo(3, 255)} 00 01`, `fe ${upTo(3, 255)} 02 01 00`],
];

describe('cobs', () => {
  const codec = cobs();

  test.each(VECTORS)('writes %s as %s, and reads it, cut anywhere', (payload, frame) => {
    expect(toHex(join(codec.encode(hex(payload))))).toBe(toHex(hex(frame)));
    const stream = hex(`${frame} ${frame}`);
    for (const chunks of [[stream], inPieces(stream, 1), inPieces(stream, 100)]) {
      expect(valuesOf(codec, chunks).map(toHex)).toEqual(
        [payload, payload].map((p) => toHex(hex(p))),
      );
    }
    expectTypeOf(codec).toEqualTypeOf<FrameCodec>();
  });

  test('reads a full block with an empty one behind it, as some encoders write', () => {
    const values = valuesOf(codec, [hex(`ff ${upTo(1, 254)} 01 00`)]);
    expect(values.map(toHex)).toEqual([upTo(1, 254)]);
  });

  test('takes zeros between frames for fill', () => {
    expect(valuesOf(codec, [hex('00 00 02 61 00 00 02 62 00')]).map(toHex)).toEqual(['61', '62']);
  });

  test('refuses a block that the zero cuts short, or skips it', () => {
    const stream = hex('02 61 00 05 62 00 02 63 00');
    for (const chunks of [[stream], inPieces(stream, 1)]) {
      expect(protocolErrorOf(codec, chunks)).toMatchObject({
        code: 'ERR_FRAME_ESCAPE',
        reason: 'unfinished',
        byteOffset: 3,
        frameIndex: 1,
      });
      const skipped: number[] = [];
      const onSkip = ({ frameIndex }: { frameIndex: number }): void =>
        void skipped.push(frameIndex);
      expect(valuesOf(codec, chunks, { onSkip }).map(toHex)).toEqual(['61', '63']);
      expect(skipped).toEqual([1]);
    }
  });

  test('judges the plain length, as soon as it is too long', () => {
    const small = cobs({ maxLength: 3 });
    expect(valuesOf(small, [hex('01 01 01 01 00')]).map(toHex)).toEqual(['000000']);
    const decoder = small.decoder();
    decoder.push(hex('09 61 61 61'));
    expect(decoder.take()).toBeUndefined();
    decoder.push(hex('61'));
    expect(() => decoder.take()).toThrow(/maxLength 3/);
    expect(unstickErrorOf(() => small.encode(new Uint8Array(4))).code).toBe(
      'ERR_FRAME_UNENCODABLE',
    );
  });

  test.each([[null], [{ maxLength: -1 }], [{ end: '00' }]])('refuses the options %j', (options) => {
    expect(unstickErrorOf(() => cobs(options as CobsOptions)).code).toBe('ERR_OPTION');
  });
});
