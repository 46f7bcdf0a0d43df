// Behind a large payload the fixed trailer was written as the codec's own array. A caller that changed this
// piece changed the codec.

import { expect, test } from 'vitest';
import { lengthPrefixed } from '../../src/codec/length-prefixed.ts';

test('a piece of an encoded frame is not the fixed trailer of the codec itself', () => {
  const codec = lengthPrefixed({ trailer: Uint8Array.of(13, 10) });
  const payload = new Uint8Array(5000);
  codec.encode(payload).at(-1)?.fill(0);
  expect(codec.encode(payload).at(-1)).toEqual(Uint8Array.of(13, 10));
});
