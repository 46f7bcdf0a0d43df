/** @jest-environment jsdom */
import { lengthPrefixed, messages } from 'unstick/codec';
import * as unstick from 'unstick';
import * as web from 'unstick/web';

test('imports every name, and frames bytes', () => {
  expect(typeof document).toBe('object');
  expect([typeof unstick.serve, typeof web.decodeStream]).toEqual(['function', 'function']);
  const decoder = lengthPrefixed().decoder();
  for (const piece of lengthPrefixed().encode(new Uint8Array([7]))) decoder.push(piece);
  expect(Array.from(decoder, (frame) => frame[0])).toEqual([7]);
});

test('says what text needs there', () => {
  expect(() => messages().encode({ header: {} })).toThrow(/globalThis.TextEncoder = require/);
});
