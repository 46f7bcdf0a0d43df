// What SECURITY.md says of memory where no other test measures it: how much a frame takes while it is
// joined, and what a header costs however deep it is.

import { expect, test } from 'vitest';
import { isUnstickError, lengthPrefixed, messages } from '../../src/entries/main.ts';
import type { Decoder, Message } from '../../src/entries/main.ts';
import { join, utf8 } from '../support/bytes.ts';

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

const DEEP: Readonly<Record<string, (depth: number) => string>> = {
  arrays: (depth) => `{"a":${'['.repeat(depth)}${']'.repeat(depth)}}`,
  objects: (depth) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`,
  'arrays that never end': (depth) => `{"a":${'['.repeat(depth)}`,
};

/** What became of a header: a typed error is as good as a value. */
function outcomeOf(decoder: Decoder<Message>): string {
  try {
    return decoder.take()?.header['a'] === undefined ? 'nothing' : 'fine';
  } catch (error) {
    const isTyped = isUnstickError(error) && error.code === 'ERR_MESSAGE_HEADER_INVALID';
    return isTyped ? 'fine' : String(error);
  }
}

test.each(Object.entries(DEEP))('a header of nested %s gives a value or an error', (_, nested) => {
  for (const depth of [10, 1000, 10_000]) {
    const decoder = messages({ maxHeaderLength: 100_000 }).decoder();
    decoder.push(join(lengthPrefixed().encode(utf8(nested(depth)))));
    expect(outcomeOf(decoder)).toBe('fine');
  }
});
