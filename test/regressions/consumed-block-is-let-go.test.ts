// A block of memory that the queue had made was kept as long as a byte of the next frame lay in it. So three
// bytes kept the ten megabytes of an earlier frame in memory.

import { expect, test } from 'vitest';
import { lengthPrefixed } from '../../src/codec/length-prefixed.ts';
import { hex, join } from '../support/bytes.ts';

test('the rest behind a large scanned frame does not keep that frame', () => {
  const decoder = lengthPrefixed({ maxPayloadLength: 2 ** 24 }).decoder();
  decoder.scan(join([hex('00a00000'), new Uint8Array(10 * 1024 * 1024 - 5)]), () => undefined);
  let shown = 0;
  decoder.scan(new Uint8Array(8), (_, start, end) => {
    shown += end - start;
  });
  expect(shown).toBe(10 * 1024 * 1024);
  const buffers = decoder.takeRest().map(({ buffer }) => buffer.byteLength);
  expect(Math.max(...buffers)).toBeLessThan(1000);
});
