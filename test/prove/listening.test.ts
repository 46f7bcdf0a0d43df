// When to stop listening: every cut gives the same answer, and the cost grows only with the bytes.

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { untilCertain } from '../../src/prove/server/listening.ts';
import { resolveProveServerOptions } from '../../src/prove/server/options.ts';

const OPTIONS = resolveProveServerOptions({ to: ':9', send: Buffer.from('x') });

function certaintyOf(bytes: Uint8Array): ReturnType<typeof untilCertain> {
  return untilCertain(OPTIONS, { bytes, end: 'open', latency: 0, slowest: 0 }, 'full');
}

test('an answer that grows is judged as one that comes at once', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 8 });
  const cuts = fc.array(fc.nat(8), { maxLength: 8 });
  fc.assert(
    fc.property(text, text, cuts, (expected, answer, places) => {
      const growing = certaintyOf(Buffer.from(expected));
      for (const at of [...places.toSorted((one, other) => one - other), 8, 8]) {
        const bytes = Buffer.from(answer.slice(0, at));
        const once = certaintyOf(Buffer.from(expected));
        expect(growing.patience.satisfied(bytes)).toBe(once.patience.satisfied(bytes));
        expect(growing.isComplete(bytes)).toBe(once.isComplete(bytes));
      }
    }),
  );
});

test('each byte of an answer is compared once', () => {
  const expected = Buffer.alloc(16_384, 'a');
  let reads = 0;
  const counted = (bytes: Uint8Array): Uint8Array =>
    new Proxy(bytes, {
      get: (target, key): unknown => {
        if (key === 'subarray') {
          return (from: number, to: number) => counted(target.subarray(from, to));
        }
        reads += typeof key === 'string' && /^\d/.test(key) ? 1 : 0;
        return Reflect.get(target, key, target);
      },
    });
  const { patience } = certaintyOf(expected);
  for (let length = 0; length < expected.length; length += 64) {
    patience.satisfied(counted(expected.subarray(0, length)));
  }
  expect(reads).toBeLessThanOrEqual(expected.length);
});
