// While messages() waited for a body, it kept the head for takeRest. That head kept the whole chunk alive in
// which it had come.

import { expect, test } from 'vitest';
import { messages } from '../../src/message/messages.ts';
import { join } from '../support/bytes.ts';

test('a head that waits for its body does not keep the chunk before it', () => {
  const codec = messages();
  const first = join(codec.encode({ header: { n: 1 }, body: new Uint8Array(60_000) }));
  const second = join(codec.encode({ header: { n: 2 }, body: new Uint8Array(500) }));
  const decoder = codec.decoder();
  decoder.push(join([first, second.subarray(0, 60)]));
  expect(decoder.take()?.header['n']).toBe(1);
  expect(decoder.take()).toBeUndefined();
  const rest = decoder.takeRest?.() ?? [];
  expect(join(rest)).toEqual(second.subarray(0, 60));
  expect(Math.max(...rest.map(({ buffer }) => buffer.byteLength))).toBeLessThan(1000);
});
