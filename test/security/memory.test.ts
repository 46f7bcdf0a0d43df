// What SECURITY.md says of memory where no other test measures it: how much a frame takes while it is
// joined.

import { expect, test } from 'vitest';
import { lengthPrefixed } from '../../src/entries/main.ts';

const MIB = 2 ** 20;
const CHUNK_LENGTH = 64 * 1024;

test('a frame of maxPayloadLength is held twice while it is joined, and once afterwards', () => {
  const length = 8 * MIB;
  const decoder = lengthPrefixed({ maxPayloadLength: length }).decoder();
  const before = process.memoryUsage().arrayBuffers;
  const prefix = Buffer.alloc(4);
  prefix.writeUInt32BE(length);
  decoder.push(prefix);
  for (let at = 0; at < length; at += CHUNK_LENGTH) {
    expect(decoder.take()).toBeUndefined();
    decoder.push(new Uint8Array(CHUNK_LENGTH));
  }
  const waiting = process.memoryUsage().arrayBuffers - before;
  const frame = decoder.take();
  const joined = process.memoryUsage().arrayBuffers - before;
  expect(frame?.length).toBe(length);
  expect(frame?.buffer.byteLength).toBeLessThan(length + MIB);
  expect(waiting).toBeLessThan(length + MIB);
  expect(joined).toBeLessThan(2 * length + MIB);
  expect(decoder.bufferedLength).toBe(0);
});
