// The overload without a type came first and matched every parseHeader, so the header had the type
// JsonObject.

import { expectTypeOf, test } from 'vitest';
import type { Bytes } from '../../src/codec/byte-types.ts';
import type { Decoder } from '../../src/codec/codec.ts';
import type { JsonObject, StandardSchema } from '../../src/message/json-header.ts';
import { messageParts } from '../../src/message/message-parts.ts';
import type { MessagePart } from '../../src/message/message-parts.ts';
import { messages } from '../../src/message/messages.ts';
import type { Message } from '../../src/message/messages.ts';

interface Named {
  readonly name: string;
}

const parse = (header: JsonObject): Named => ({ name: String(header['name']) });
const schema: StandardSchema<Named> = {
  '~standard': { version: 1, vendor: 'test', validate: () => ({ value: { name: '' } }) },
};

test('parseHeader gives the header its type', () => {
  const decoders = {
    byFunction: messages({ parseHeader: parse }).decoder(),
    bySchema: messages({ prefix: 'i32le', parseHeader: schema }).decoder(),
    parts: messageParts({ parseHeader: parse }).decoder(),
    none: messages({ prefix: 'i32le' }).decoder(),
  };
  expectTypeOf(decoders.byFunction).toEqualTypeOf<Decoder<Message<Named, Bytes>>>();
  expectTypeOf(decoders.bySchema).toEqualTypeOf<Decoder<Message<Named, Bytes>>>();
  expectTypeOf(decoders.parts).toEqualTypeOf<Decoder<MessagePart<Named>>>();
  expectTypeOf(decoders.none).toEqualTypeOf<Decoder<Message<JsonObject, Bytes>>>();
});
