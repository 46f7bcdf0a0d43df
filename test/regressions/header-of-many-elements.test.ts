// The search for __proto__ passed all elements of an array as arguments of one call. A header with some
// hundred thousand elements threw a RangeError of the engine.

import { expect, test } from 'vitest';
import { messages } from '../../src/message/messages.ts';
import { join } from '../support/bytes.ts';

test('a header with very many elements and an escape in it is read', () => {
  const codec = messages({ maxHeaderLength: 8 * 1024 * 1024 });
  const header = { note: '\u0001', list: Array.from({ length: 400_000 }, () => []) };
  const decoder = codec.decoder();
  decoder.push(join(codec.encode({ header })));
  expect(decoder.take()?.header['list']).toHaveLength(400_000);
});
