// Formats, messages and streams for the properties of messages() and messageParts().

import * as fc from 'fast-check';
import type { LengthField } from '../../src/codec/length-field.ts';
import type { LengthPrefix } from '../../src/codec/prefixes.ts';
import type { MessageOptions } from '../../src/message/message-layout.ts';
import type { OutgoingMessage } from '../../src/message/messages.ts';
import { join, utf8 } from './bytes.ts';
import { changes, digitsField } from './frame-arbitraries.ts';
import { slowFormat } from './slow-frames.ts';
import { slowNumber } from './slow-write.ts';

const prefixes = fc.constantFrom<LengthPrefix | LengthField>(
  'u32be',
  'i32le',
  'u16be',
  'varint',
  'u64le',
  digitsField,
);

export const messageOptions: fc.Arbitrary<MessageOptions> = fc.record(
  {
    prefix: prefixes,
    bodyLengthKey: fc.constantFrom('bodyLength', 'total_size', '长度', 'hasOwnProperty'),
    maxHeaderLength: fc.constantFrom(40, 65_536),
    maxBodyLength: fc.constantFrom(5, 20, 1000),
  },
  { requiredKeys: [] },
);

const keys = fc.oneof(fc.string(), fc.constantFrom('名', 'constructor', 'prototype', 'toString'));
const headers = fc
  .dictionary(
    keys.filter((key) => key !== '__proto__'),
    fc.jsonValue({ maxDepth: 2 }),
    { maxKeys: 3 },
  )
  .filter((header) => !/"__proto__":/.test(JSON.stringify(header)));

export const outgoing: fc.Arbitrary<OutgoingMessage> = fc.record(
  { header: headers, body: fc.oneof(fc.uint8Array({ maxLength: 12 }), fc.string()) },
  { requiredKeys: ['header'] },
);

/** Header texts, valid and invalid. KEY stands for the key of the body length. */
const texts = fc.constantFrom(
  '{"KEY":3}',
  '{"KEY": 0}',
  '{ "KEY" : 12, "name": "粘包" }',
  '{"KEY":30}',
  '{"KEY":1e1}',
  '{"KEY":-0}',
  '{}',
  '{"other":5}',
  '{"KEY":-1}',
  '{"KEY":1.5}',
  '{"KEY":1e400}',
  '{"KEY":9007199254740991}',
  '{"KEY":9007199254740992}',
  '{"KEY":"3"}',
  '{"KEY":null}',
  '{"KEY":[3]}',
  '{"KEY":3,"KEY":4}',
  '{"KEY":3,"KEY":3}',
  '{"a":{"b":1,"\\u0062":2}}',
  '{"a":[{"x":":"},{"x":"\\":"}]}',
  '{"a:":1,"b":"a\\\\","a":":"}',
  '[]',
  'null',
  '3',
  '"{}"',
  '',
  '{',
  '{}{}',
  "{'KEY':3}",
  '\uFEFF{}',
  '{"__proto__":{}}',
  '{"a":[{"__proto__":1}]}',
  '{"\\u005f_proto__":{}}',
  '{"a":{"b":{"_\\u005Fproto__":null}}}',
  '{"a":"__proto__"}',
  '{"a":"\\u005f_proto__"}',
);

/** The bytes of a valid or invalid head, and random bytes after it. */
function heads(options: MessageOptions): fc.Arbitrary<Uint8Array> {
  const { prefix = 'u32be', bodyLengthKey = 'bodyLength' } = options;
  const format = slowFormat({ prefix });
  const headerBytes = fc.oneof(
    { weight: 9, arbitrary: texts.map((one) => utf8(one.replaceAll('KEY', bodyLengthKey))) },
    { weight: 1, arbitrary: fc.constant(Uint8Array.of(0x7b, 0xff, 0x7d)) },
    { weight: 1, arbitrary: fc.constant(utf8(`{"pad":"${'x'.repeat(60)}"}`)) },
  );
  return fc
    .tuple(headerBytes, fc.uint8Array({ maxLength: 14 }))
    .map(([header, behind]) => join([slowNumber(format, header.length), header, behind]));
}

/** The bytes of a message, made without the code of src. */
function written(options: MessageOptions, { header, body = '' }: OutgoingMessage): Uint8Array {
  const { prefix = 'u32be', bodyLengthKey = 'bodyLength' } = options;
  const bytes = typeof body === 'string' ? utf8(body) : body;
  const head = utf8(JSON.stringify({ ...header, [bodyLengthKey]: bytes.length }));
  return join([slowNumber(slowFormat({ prefix }), head.length), head, bytes]);
}

export interface MessageCase {
  readonly options: MessageOptions;
  readonly stream: Uint8Array;
}

export const messageCases: fc.Arbitrary<MessageCase> = messageOptions.chain((options) => {
  const good = outgoing.map((message) => written(options, message));
  const streams = fc.array(fc.oneof(good, heads(options)), { maxLength: 4 }).map(join);
  const broken = fc
    .tuple(streams, fc.array(changes, { minLength: 1, maxLength: 2 }))
    .map(([stream, all]) => all.reduce((bytes, change) => change(bytes), stream));
  return fc
    .oneof(streams, broken, fc.uint8Array({ maxLength: 30 }))
    .map((stream) => ({ options, stream }));
});
