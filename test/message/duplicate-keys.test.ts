// A header with a key twice in one object is refused, because it is not clear which value counts.

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { messageParts } from '../../src/message/message-parts.ts';
import { messages } from '../../src/message/messages.ts';
import { join, utf8 } from '../support/bytes.ts';
import { protocolErrorOf, valuesOf } from '../support/outcomes.ts';
import { runs } from '../support/seed.ts';

const head = (json: string): Uint8Array => {
  const bytes = utf8(json);
  return join([Uint8Array.of(0, 0, bytes.length >> 8, bytes.length), bytes]);
};

test.each([
  '{"bodyLength":5,"bodyLength":0}',
  '{"bodyLength":0,"bodyLength":0}',
  '{"bodyLength":0,"body\\u004cength":0}',
  '{"a":1,"b":2,"a":3}',
  '{"a":{"b":1,"b":2}}',
  '{"a":[[{"b":1,"\\u0062":{}}]]}',
  '{"x:":":","x:":":"}',
  '{"":1,"":2}',
  '{"a\\"":1,"a\\u0022":2}',
  `{"deep":${'['.repeat(90)}{"a":1,"a":1}${']'.repeat(90)}}`,
])('is refused: %.60s', (json) => {
  for (const codec of [messages(), messageParts()]) {
    const error = protocolErrorOf(codec, [head(json)], 'open');
    expect(error).toMatchObject({ code: 'ERR_MESSAGE_HEADER_INVALID', reason: 'duplicate' });
    expect(error.message).toBe('The header has a key twice in one object (frame 0, byte 0).');
  }
});

test.each([
  '{"a":":","b":"\\":"}',
  '{"a:":1,"b":{"a:":1}}',
  '{"a":{"x":1},"b":{"x":1}}',
  '{"a":[{"x":1},{"x":1}]}',
  '{"a\\\\":"b","a":"\\\\"}',
  '{ "a" : 1 , "b" : [ "{\\"a\\":1,\\"a\\":2}" ] }',
  '{"toString":1,"constructor":2}',
])('is not seen where it is not: %s', (json) => {
  expect(valuesOf(messages(), [head(json)])[0]?.header).toEqual(JSON.parse(json));
});

test('is found in any header, and never in one that JSON.stringify wrote', () => {
  const objects = fc
    .dictionary(fc.string(), fc.jsonValue())
    .filter(
      (one) => !JSON.stringify(one).includes('"__proto__"') && !Object.hasOwn(one, 'bodyLength'),
    );
  fc.assert(
    fc.property(
      objects,
      fc.string().filter((key) => key !== '__proto__' && key !== 'bodyLength'),
      (one, key) => {
        const json = JSON.stringify(one);
        expect(valuesOf(messages(), [head(json)])).toHaveLength(1);
        const twice = `{${JSON.stringify(key)}:1,"x":${json},${JSON.stringify(key)}:1}`;
        expect(protocolErrorOf(messages(), [head(twice)]).reason).toBe('duplicate');
      },
    ),
    runs(300),
  );
});
