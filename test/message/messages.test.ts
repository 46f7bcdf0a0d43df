// Messages by example: what a header may be, what a body length may be, and the bytes of the classic
// course programs.

import { describe, expect, test } from 'vitest';
import type { ProtocolError } from '../../src/errors.ts';
import type { ParseHeader, StandardSchema } from '../../src/message/json-header.ts';
import type { MessageOptions } from '../../src/message/message-layout.ts';
import { messageParts } from '../../src/message/message-parts.ts';
import { messages } from '../../src/message/messages.ts';
import { hex, join, toHex, utf8 } from '../support/bytes.ts';

/** The bytes of a message with this header text, in the default format. */
function stream(header: string | Uint8Array, body = ''): Uint8Array {
  const bytes = typeof header === 'string' ? utf8(header) : header;
  return join([Uint8Array.of(0, 0, bytes.length >> 8, bytes.length & 255), bytes, utf8(body)]);
}

function errorOf(bytes: Uint8Array, options: MessageOptions = {}, ended = false): ProtocolError {
  const codes = [messages(options), messageParts(options)].map((codec) => {
    const decoder = codec.decoder();
    decoder.push(bytes);
    if (ended) {
      decoder.end();
    }
    try {
      for (const part of decoder) {
        if (part === undefined) {
          break;
        }
      }
    } catch (error) {
      return error as ProtocolError;
    }
    throw new Error('it was accepted');
  });
  expect(codes[0]).toMatchObject({ code: codes[1]?.code, byteOffset: codes[1]?.byteOffset });
  return codes[0] as ProtocolError;
}

describe('a header', () => {
  test.each([
    ['utf8', 'bytes that are not UTF-8', hex('7b22ff223a317d')],
    ['utf8', 'half a character at its end', join([utf8('{}'), hex('e7b2')])],
    ['utf8', 'a surrogate written in UTF-8', join([utf8('{"a":"'), hex('eda080'), utf8('"}')])],
    ['json', 'a byte order mark', join([hex('efbbbf'), utf8('{}')])],
    ['json', 'no bytes at all', ''],
    ['json', 'text that is not JSON', "{'a':1}"],
    ['json', 'two objects', '{}{}'],
    ['json', 'a trailing comma', '{"a":1,}'],
    ['json', 'NaN', '{"a":NaN}'],
    ['not-an-object', 'an array', '[]'],
    ['not-an-object', 'null', 'null'],
    ['not-an-object', 'a number', '5'],
    ['not-an-object', 'text', '"{}"'],
    ['proto', '__proto__', '{"__proto__":{"admin":true}}'],
    ['proto', '__proto__ deep inside', '{"a":[{"b":{"__proto__":1}}]}'],
    ['proto', '__proto__ with escapes', '{"\\u005f\\u005fproto\\u005F_":1}'],
  ])('is refused with the reason %s: %s', (reason, _, header) => {
    const error = errorOf(stream(header));
    expect(error).toMatchObject({ code: 'ERR_MESSAGE_HEADER_INVALID', reason, byteOffset: 0 });
    expect(error).toMatchObject({ name: 'ProtocolError', frameIndex: 0 });
  });

  test('may have __proto__ as a value, and any other key', () => {
    const decoder = messages().decoder();
    decoder.push(stream('{"a":"__proto__","constructor":1,"\\u0041":"\\u005f_proto__"}'));
    expect(decoder.take()?.header).toEqual({ a: '__proto__', constructor: 1, A: '__proto__' });
    expect(({} as { admin?: unknown }).admin).toBeUndefined();
  });

  test('is refused before it comes when it is too large, with a hint of what it looks like', () => {
    const error = errorOf(utf8('GET / HTTP/1.1\r\n'));
    const facts = { code: 'ERR_MESSAGE_HEADER_TOO_LARGE', length: 1_195_725_856, limit: 65_536 };
    expect(error).toMatchObject(facts);
    expect(error.message).toContain(
      'maxHeaderLength 65536 (frame 0, byte 0). The first four bytes',
    );
    expect(errorOf(stream('{"a":1}'), { maxHeaderLength: 6 })).toMatchObject({
      length: 7,
      limit: 6,
    });
  });

  test('is judged in its place, behind the good messages before it', () => {
    const error = errorOf(join([stream('{"bodyLength":2}', 'hi'), stream('{}'), stream('[]')]));
    expect(error).toMatchObject({ byteOffset: 28, frameIndex: 2 });
  });

  test('that is negative or truncated is an error of its frame', () => {
    const options: MessageOptions = { prefix: 'i32be' };
    expect(errorOf(hex('ffffffff'), options)).toMatchObject({ code: 'ERR_FRAME_LENGTH_INVALID' });
    expect(errorOf(stream('{}').slice(0, 4), {}, true)).toMatchObject({
      code: 'ERR_FRAME_TRUNCATED',
      received: 4,
      length: 6,
    });
  });
});

describe('a body length', () => {
  test.each([
    ['-1', -1],
    ['1.5', 1.5],
    ['1e400', Infinity],
    ['-1e400', -Infinity],
    ['9007199254740992', 2 ** 53],
    ['"3"', undefined],
    ['null', undefined],
    ['true', undefined],
    ['[3]', undefined],
    ['{}', undefined],
  ])('of %s is refused', (value, length) => {
    const error = errorOf(stream(`{"bodyLength":${value}}`));
    expect(error).toMatchObject({ code: 'ERR_MESSAGE_BODY_LENGTH', byteOffset: 0 });
    expect(error.length).toBe(length);
  });

  test('that is missing is 0, also where every object inherits something of that name', () => {
    const decoder = messages({ bodyLengthKey: 'toString' }).decoder();
    decoder.push(join([stream('{}'), stream('{}')]));
    expect([...decoder].map(({ body }) => body.length)).toEqual([0, 0]);
  });

  test('may be up to 2^53-1 in parts, and of a whole body up to its limit', () => {
    const huge = stream(`{"bodyLength":${Number.MAX_SAFE_INTEGER}}`);
    const decoder = messageParts().decoder();
    decoder.push(huge);
    expect(decoder.take()).toMatchObject({ kind: 'head', bodyLength: Number.MAX_SAFE_INTEGER });
    expect(errorOf(huge, { maxBodyLength: 10 })).toMatchObject({
      code: 'ERR_BODY_TOO_LARGE',
      length: Number.MAX_SAFE_INTEGER,
      limit: 10,
    });
  });

  test('that is too large is reported and skipped where somebody listens', () => {
    const skipped: unknown[] = [];
    const decoder = messages({ maxBodyLength: 3 }).decoder({
      onSkip: (error) => skipped.push(error),
    });
    decoder.push(join([stream('{"bodyLength":4}', 'four'), stream('{"n":1,"bodyLength":1}', 'x')]));
    expect(decoder.take()).toMatchObject({ header: { n: 1 } });
    expect(skipped).toMatchObject([{ code: 'ERR_BODY_TOO_LARGE', byteOffset: 0, frameIndex: 0 }]);
  });

  test('that the bytes do not reach at the end is a truncation', () => {
    const error = errorOf(stream('{"bodyLength":9}', 'half'), {}, true);
    const facts = { code: 'ERR_FRAME_TRUNCATED', received: 24, length: 29, byteOffset: 0 };
    expect(error).toMatchObject(facts);
  });
});

function schema(validate: StandardSchema<unknown>['~standard']['validate']): {
  parseHeader: StandardSchema<unknown>;
} {
  return { parseHeader: { '~standard': { version: 1, vendor: 'test', validate } } };
}

describe('parseHeader', () => {
  test('gives the header, as a function or a Standard Schema', () => {
    const byFunction = messages({ parseHeader: (header) => ({ name: String(header['name']) }) });
    const bySchema = messages(schema((value) => ({ value: { seen: value } })));
    const bytes = stream('{"name":7}');
    const first = byFunction.decoder();
    first.push(bytes);
    expect(first.take()?.header.name).toBe('7');
    const second = bySchema.decoder();
    second.push(bytes);
    expect(second.take()?.header).toEqual({ seen: { name: 7 } });
  });

  test.each<[string, { parseHeader: ParseHeader<unknown> }]>([
    ['a function that throws', { parseHeader: () => JSON.parse('{') as unknown }],
    ['a schema with issues', schema(() => ({ issues: [{ message: 'no' }] }))],
    ['a schema that throws', schema(() => JSON.parse('{') as never)],
  ])('refuses by %s', (_, options) => {
    const decoder = messages(options).decoder();
    decoder.push(stream('{"secret":"s3cr3t"}'));
    const refusal = { code: 'ERR_MESSAGE_HEADER_INVALID', reason: 'schema', byteOffset: 0 };
    expect(() => decoder.take()).toThrow(expect.objectContaining(refusal));
    expect(() => decoder.take()).not.toThrow('s3cr3t');
  });
});

describe('an encoder of messages', () => {
  const circular: Record<string, unknown> = {};
  circular['self'] = circular;
  const refused: [string, unknown][] = [
    ['a header that is an array', { header: [] }],
    ['a header that is text', { header: 'x' }],
    ['no header', {}],
    ['a header with a circle', { header: circular }],
    ['a header with a BigInt', { header: { n: 1n } }],
    ['a header with __proto__', { header: JSON.parse('{"a":{"__proto__":1}}') }],
    ['a header that says another body length', { header: { bodyLength: 3 }, body: 'hi' }],
    ['a header that says its body length as text', { header: { bodyLength: '2' }, body: 'hi' }],
    ['a header that is too large', { header: { pad: 'x'.repeat(70_000) } }],
    ['a body that is too large', { header: {}, body: new Uint8Array(101) }],
    ['a body that is a number', { header: {}, body: 5 }],
    ['a body that is null', { header: {}, body: null }],
  ];

  test.each(refused)('refuses %s', (_, message) => {
    const codec = messages({ maxBodyLength: 100 });
    const refusal = expect.objectContaining({ code: 'ERR_FRAME_UNENCODABLE' });
    expect(() => codec.encode(message as never)).toThrow(refusal);
    expect(() => codec.encodedLength(message as never)).toThrow(refusal);
  });

  test.each([
    ['no kind', {}],
    ['an unknown kind', { kind: 'tail' }],
    ['a head without a length', { kind: 'head', header: {} }],
    ['a head of a fractional length', { kind: 'head', header: {}, bodyLength: 0.5 }],
    ['a head of a negative length', { kind: 'head', header: {}, bodyLength: -1 }],
    ['a body that is text', { kind: 'body', bytes: 'x' }],
  ])('refuses a part with %s', (_, part) => {
    const call = (): unknown => messageParts().encode(part as never);
    expect(call).toThrow(expect.objectContaining({ code: 'ERR_FRAME_UNENCODABLE' }));
  });

  test('writes parts that are the same bytes as the whole message', () => {
    const body = utf8('粘包');
    const parts = [
      { kind: 'head', header: { n: 1 }, bodyLength: 6 },
      { kind: 'body', bytes: body.slice(0, 2) },
      { kind: 'body', bytes: body.slice(2) },
      { kind: 'end' },
    ] as const;
    const codec = messageParts();
    const bytes = join(parts.flatMap((part) => codec.encode(part)));
    expect(bytes).toEqual(join(messages().encode({ header: { n: 1 }, body: '粘包' })));
    expect(parts.reduce((sum, part) => sum + codec.encodedLength(part), 0)).toBe(bytes.length);
  });

  test('passes a large body by reference', () => {
    const body = new Uint8Array(100_000);
    expect(messages().encode({ header: {}, body }).at(-1)).toBe(body);
  });
});

describe('options of messages', () => {
  test.each([
    ['an unknown one', { maxLength: 1 }],
    ['an empty key', { bodyLengthKey: '' }],
    ['a forbidden key', { bodyLengthKey: '__proto__' }],
    ['a limit without room for {}', { maxHeaderLength: 1 }],
    ['a fractional limit', { maxBodyLength: 1.5 }],
    ['an unknown prefix', { prefix: 'i64le' }],
  ])('refuse %s', (_, options) => {
    const refusal = expect.objectContaining({ name: 'UsageError', code: 'ERR_OPTION' });
    expect(() => messages(options as MessageOptions)).toThrow(refusal);
    expect(() => messageParts(options as MessageOptions)).toThrow(refusal);
  });
});

describe('the classic course layout', () => {
  // Python: head = json.dumps({"filename": name, "md5": md5, "total_size": len(body)}).encode()
  //         struct.pack('i', len(head)) + head + body
  const classic: MessageOptions = { prefix: 'i32le', bodyLengthKey: 'total_size' };
  const python = hex(
    '37000000 ' +
      '7b2266696c656e616d65223a2022612e747874222c20226d6435223a202261626331' +
      '32222c2022746f74616c5f73697a65223a2031317d ' +
      '68656c6c6f0a776f726c64 ' +
      '5c000000 ' +
      '7b2266696c656e616d65223a20225c75376339385c75353330352e747874222c20226d6435223a2022643431643863' +
      '6439386630306232303465393830303939386563663834323765222c2022746f74616c5f73697a65223a20307d',
  );

  test('is read as Python writes it', () => {
    const decoder = messages(classic).decoder();
    decoder.push(python);
    decoder.end();
    const all = [...decoder].map(({ header, body }) => [header, new TextDecoder().decode(body)]);
    const md5 = 'd41d8cd98f00b204e9800998ecf8427e';
    expect(all).toEqual([
      [{ filename: 'a.txt', md5: 'abc12', total_size: 11 }, 'hello\nworld'],
      [{ filename: '粘包.txt', md5, total_size: 0 }, ''],
    ]);
    expect(decoder.done).toBe(true);
  });

  test('is written with the length as struct.pack("i") writes it, and the keys as they were given', () => {
    const header = { filename: 'a.txt', total_size: 2 };
    const bytes = join(messages(classic).encode({ header, body: 'hi' }));
    expect(toHex(bytes.slice(0, 4))).toBe('23000000');
    expect(new TextDecoder().decode(bytes.slice(4))).toBe('{"filename":"a.txt","total_size":2}hi');
  });
});
