// If chunks were large and tiny by turns, each tiny chunk cost a block of 64 KiB: 16 times the bytes.

import { expect, test } from 'vitest';
import { lengthPrefixed } from '../../src/codec/length-prefixed.ts';
import { hex } from '../support/bytes.ts';

test('tiny chunks between large ones cost no more than their bytes in memory', () => {
  // The frame is so long that its own memory is not due yet.
  const decoder = lengthPrefixed({ maxPayloadLength: 2 ** 30 }).decoder();
  decoder.push(hex('40000000'));
  for (let i = 0; i < 1000; i++) {
    decoder.push(new Uint8Array(4096));
    decoder.push(new Uint8Array(1));
    expect(decoder.take()).toBeUndefined();
  }
  const { bufferedLength } = decoder;
  const buffers = new Set(decoder.takeRest().map(({ buffer }) => buffer));
  const held = [...buffers].reduce((sum, { byteLength }) => sum + byteLength, 0);
  expect(held).toBeLessThan(1.1 * bufferedLength + 65_536);
});
