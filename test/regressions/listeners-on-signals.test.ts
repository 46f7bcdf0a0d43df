// A closed proxy and a finished proof still listened to the signal that they were given. If one signal served
// a whole process, those listeners added up.

import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { chop, proveServer } from '../../src/entries/testing.ts';
import { freePort } from '../support/free-port.ts';

test('a closed proxy does not listen to its signal', async () => {
  const { signal } = new AbortController();
  const proxy = await chop({ listen: ':0', to: ':9', signal });
  expect(getEventListeners(signal, 'abort')).toHaveLength(1);
  await proxy.close();
  expect(getEventListeners(signal, 'abort')).toHaveLength(0);
});

test('a finished proof does not listen to its signal', async () => {
  const { signal } = new AbortController();
  const report = await proveServer({ to: `:${await freePort()}`, send: Uint8Array.of(1), signal });
  expect(report.verdict).toBe('INCONCLUSIVE');
  expect(getEventListeners(signal, 'abort')).toHaveLength(0);
});
