// A header is nested at most 100 deep, for receivers and senders alike. So a handler that sends back what it
// has received cannot fail because of a remote's nesting.

import { isDeepStrictEqual } from 'node:util';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { lengthPrefixed } from '../../src/codec/length-prefixed.ts';
import { ProtocolError } from '../../src/errors.ts';
import type { JsonObject } from '../../src/message/json-header.ts';
import { messageParts } from '../../src/message/message-parts.ts';
import { messages } from '../../src/message/messages.ts';
import { join, utf8 } from '../support/bytes.ts';
import { protocolErrorOf, unstickErrorOf, valuesOf } from '../support/outcomes.ts';
import { runs } from '../support/seed.ts';

const framed = (json: string): Uint8Array => join(lengthPrefixed().encode(utf8(json)));

const SHAPES: Readonly<Record<string, (depth: number) => string>> = {
  arrays: (depth) => `{"a":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`,
  objects: (depth) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`,
  'arrays and objects': (depth) =>
    depth % 2 === 0
      ? `{"a":[`.repeat(depth / 2) + ']}'.repeat(depth / 2)
      : `{"b":${`[{"a":`.repeat((depth - 1) / 2)}0${'}]'.repeat((depth - 1) / 2)}}`,
  'arrays beside a text of brackets': (depth) =>
    `{"text":"${'[{'.repeat(500)}\\"]","a":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`,
};

const large = messages({ maxHeaderLength: 2 ** 20 });

function headerOrReason(json: string): JsonObject | 'nesting' {
  try {
    return valuesOf(large, [framed(json)])[0]?.header ?? {};
  } catch (error) {
    if (error instanceof ProtocolError && error.reason === 'nesting') {
      return 'nesting';
    }
    throw error;
  }
}

const sentBack = (header: JsonObject = {}): JsonObject | undefined =>
  valuesOf(large, large.encode({ header }))[0]?.header;

const shapes = Object.entries(SHAPES);

test.each(shapes)('100 levels of %s pass in both directions', (_, of) => {
  for (const depth of [2, 3, 99, 100]) {
    const [value] = valuesOf(messages(), [framed(of(depth))]);
    expect(value?.header).toEqual(JSON.parse(of(depth)));
    expect(sentBack(value?.header)).toMatchObject(JSON.parse(of(depth)));
  }
});

test.each(shapes)('101 levels of %s are refused in both directions', (_, of) => {
  for (const depth of [101, 1001, 10_000]) {
    for (const codec of [messages(), messageParts()]) {
      const error = protocolErrorOf(codec, [framed(of(depth))], 'open');
      expect(error).toMatchObject({ code: 'ERR_MESSAGE_HEADER_INVALID', reason: 'nesting' });
      expect(error.message).toBe('The header is nested more than 100 deep (frame 0, byte 0).');
    }
  }
  const error = unstickErrorOf(() => messages().encode({ header: JSON.parse(of(101)) }));
  expect(error).toMatchObject({ code: 'ERR_FRAME_UNENCODABLE' });
  expect(error.message).toMatch(/^The header is nested more than 100 deep\. /);
});

test('many brackets beside each other are not deep', () => {
  const wide = { a: Array.from({ length: 500 }, () => [{}]) };
  expect(sentBack(wide)).toMatchObject(wide);
});

test('every header that is accepted can be sent back', () => {
  fc.assert(
    fc.property(
      fc.jsonValue({ maxDepth: 120 }),
      fc.integer({ min: 1, max: 110 }),
      (inner, deep) => {
        const json = `{"a":${'['.repeat(deep)}${JSON.stringify(inner)}${']'.repeat(deep)}}`;
        fc.pre(!json.includes('__proto__'));
        const received = headerOrReason(json);
        return (
          received === 'nesting' || isDeepStrictEqual(sentBack(received)?.['a'], received['a'])
        );
      },
    ),
    runs(200),
  );
});
