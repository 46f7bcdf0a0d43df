// Options of the wrong type threw a TypeError of the engine.

import { expect, test } from 'vitest';
import { lengthPrefixed } from '../../src/codec/length-prefixed.ts';
import { messageParts } from '../../src/message/message-parts.ts';
import { messages } from '../../src/message/messages.ts';

const wrong: [string, () => unknown][] = [
  ['lengthPrefixed(null)', () => lengthPrefixed(null as never)],
  ['counts: 4', () => lengthPrefixed({ counts: 4 as never })],
  ["counts: 'payload'", () => lengthPrefixed({ counts: 'payload' as never })],
  ['messages(null)', () => messages(null as never)],
  ['messageParts(7)', () => messageParts(7 as never)],
  ['parseHeader: null', () => messages({ parseHeader: null as never })],
  ['parseHeader: 7', () => messages({ parseHeader: 7 as never })],
];

test.each(wrong)('%s is refused with ERR_OPTION', (_, call) => {
  expect(call).toThrow(expect.objectContaining({ name: 'UsageError', code: 'ERR_OPTION' }));
});
