// takeRest() made a failed frame decoder look like a finished one. And messageParts still gave an `end` for
// the message whose bytes had been handed back.

import { expect, test } from 'vitest';
import { lengthPrefixed } from '../../src/codec/length-prefixed.ts';
import { messageParts } from '../../src/message/message-parts.ts';
import { messages } from '../../src/message/messages.ts';
import { hex, join, toHex } from '../support/bytes.ts';

test.each([
  ['lengthPrefixed', lengthPrefixed({ prefix: 'i32be' })],
  ['messages', messages({ prefix: 'i32be' })],
])('a failed decoder of %s stays failed when its rest was taken', (_, codec) => {
  const decoder = codec.decoder();
  decoder.push(hex('ffffffff 6869'));
  expect(() => decoder.take()).toThrow('Frame length -1');
  expect(toHex(join(decoder.takeRest?.() ?? []))).toBe('ffffffff6869');
  expect(() => decoder.take()).toThrow('Frame length -1');
  expect(decoder.done).toBe(false);
  expect(() => decoder.push(hex('00'))).toThrow('after its end');
});

test('messageParts gives no part after its rest was taken', () => {
  const decoder = messageParts().decoder();
  decoder.push(join(messages().encode({ header: {}, body: 'b' })));
  expect(decoder.take()?.kind).toBe('head');
  expect(decoder.take()?.kind).toBe('body');
  expect(decoder.takeRest?.()).toEqual([]);
  expect(decoder.take()).toBeUndefined();
  expect(decoder.done).toBe(true);
});
