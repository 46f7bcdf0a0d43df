// encodeInto let a RangeError out for a negative offset, and wrote at 0 for an offset that is no number.

import { describe, expect, test } from 'vitest';
import { lengthPrefixed } from '../../src/codec/length-prefixed.ts';
import { rawBytes } from '../../src/codec/raw-bytes.ts';
import { hex } from '../support/bytes.ts';

const bytes = hex('6869');
const ways = {
  lengthPrefixed: (target: Uint8Array, at: number) =>
    lengthPrefixed().encodeInto(bytes, target, at),
  rawBytes: (target: Uint8Array, at: number) => rawBytes().encodeInto(bytes, target, at),
  'lengthPrefixed with parts': (target: Uint8Array, at: number) =>
    lengthPrefixed({ deliver: 'parts' }).encodeInto({ payload: bytes }, target, at),
};

describe.each(Object.entries(ways))('encodeInto of %s', (_, encodeInto) => {
  test.each([-1, 0.5, NaN, 1e9, 64])('refuses offset %d and writes nothing', (at) => {
    const target = new Uint8Array(64);
    const call = (): unknown => encodeInto(target, at);
    expect(call).toThrow(expect.objectContaining({ code: 'ERR_FRAME_UNENCODABLE' }));
    expect(target).toEqual(new Uint8Array(64));
  });

  test('refuses a target that is no bytes', () => {
    const target: unknown = 'text'.repeat(20);
    const call = (): unknown => encodeInto(target as Uint8Array, 0);
    expect(call).toThrow(expect.objectContaining({ code: 'ERR_FRAME_UNENCODABLE' }));
  });
});
