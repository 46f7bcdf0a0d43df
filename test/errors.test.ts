// Provokes every error code that codecs and messages can throw, each by a short input, and checks that no
// error message contains bytes or text of a payload or a header.

import { describe, expect, test } from 'vitest';
import type { Codec } from '../src/codec/codec.ts';
import { lengthPrefixed } from '../src/codec/length-prefixed.ts';
import { errorCodes, isUnstickError, ProtocolError, UsageError } from '../src/errors.ts';
import type { ErrorCode, UnstickError } from '../src/errors.ts';
import { messageParts } from '../src/message/message-parts.ts';
import { messages } from '../src/message/messages.ts';
import { hex, join, utf8 } from './support/bytes.ts';

/** What the bytes behind it hold, in every way of provoking an error below. */
const SECRET = 'sWORDf1sh';
const secret = utf8(SECRET);

function decode(codec: Codec<never, unknown>, bytes: Uint8Array, ended = false): void {
  const decoder = codec.decoder();
  decoder.push(bytes);
  if (ended) {
    decoder.end();
  }
  for (const value of decoder) {
    if (value === undefined) {
      return;
    }
  }
}

function withHeader(header: string): Uint8Array {
  const bytes = utf8(header);
  return join([Uint8Array.of(0, 0, 0, bytes.length), bytes, secret]);
}

const sum = { length: 1, compute: (): Uint8Array => hex('00') };

const provoking: Partial<Record<ErrorCode, readonly (() => unknown)[]>> = {
  ERR_OPTION: [
    () => lengthPrefixed({ prefix: SECRET.length as never }),
    () => lengthPrefixed({ counts: [] }),
    () =>
      lengthPrefixed()
        .decoder()
        .push(SECRET as never),
    () => messages({ bodyLengthKey: '' }),
  ],
  ERR_FRAME_UNENCODABLE: [
    () => lengthPrefixed({ maxPayloadLength: 1 }).encode(secret),
    () => lengthPrefixed({ before: secret, deliver: 'frame' }).encode(new Uint8Array(99)),
    () => lengthPrefixed().encodeInto(secret, secret, 0),
    () => messages({ maxBodyLength: 1 }).encode({ header: { a: SECRET }, body: SECRET }),
    () => messages().encode({ header: { bodyLength: 1 }, body: SECRET }),
    () => messageParts().encode({ kind: 'body', bytes: SECRET as never }),
  ],
  ERR_DECODER_ENDED: [
    () => {
      const decoder = lengthPrefixed().decoder();
      decoder.end();
      decoder.push(secret);
    },
  ],
  ERR_DECODER_BUSY: [
    () => {
      const decoder = lengthPrefixed().decoder();
      decoder.scan(join([hex('00000009'), secret]), () => decoder.take());
    },
  ],
  ERR_FRAME_TOO_LARGE: [
    () => decode(lengthPrefixed({ prefix: 'u8', maxPayloadLength: 1 }), join([hex('09'), secret])),
  ],
  ERR_FRAME_LENGTH_INVALID: [
    () => decode(lengthPrefixed({ prefix: 'i32be' }), join([hex('80000000'), secret])),
    () =>
      decode(lengthPrefixed({ counts: ['prefix', 'payload'] }), join([hex('00000003'), secret])),
    () => decode(lengthPrefixed({ prefix: 'u64be' }), join([hex('0020000000000000'), secret])),
  ],
  ERR_PREFIX_MALFORMED: [
    () => decode(lengthPrefixed({ prefix: 'varint' }), join([hex('ffffffffff'), secret])),
    () => decode(lengthPrefixed({ prefix: 'varint' }), join([hex('8980808000'), secret])),
  ],
  ERR_FRAME_TRUNCATED: [
    () => decode(lengthPrefixed(), join([hex('0000000a'), secret]), true),
    () => decode(lengthPrefixed(), hex('00'), true),
    () => decode(messages(), withHeader('{"bodyLength":10}'), true),
    () => decode(messageParts(), withHeader('{"bodyLength":10}'), true),
  ],
  ERR_FRAME_MAGIC: [
    () => decode(lengthPrefixed({ after: hex('0000') }), join([hex('00000009'), secret])),
    () => decode(lengthPrefixed({ trailer: hex('00') }), join([hex('00000008'), secret])),
  ],
  ERR_FRAME_CHECKSUM: [
    () => decode(lengthPrefixed({ trailer: sum }), join([hex('00000008'), secret])),
  ],
  ERR_MESSAGE_HEADER_TOO_LARGE: [
    () => decode(messages({ maxHeaderLength: 5 }), withHeader(`{"a":"${SECRET}"}`)),
  ],
  ERR_MESSAGE_HEADER_INVALID: [
    () => decode(messages(), withHeader(SECRET)),
    () => decode(messages(), withHeader(`"${SECRET}"`)),
    () => decode(messages(), withHeader(`{"__proto__":"${SECRET}"}`)),
    () => decode(messages(), join([withHeader('').slice(0, 3), hex('0aff'), secret])),
    () =>
      decode(
        messages({
          parseHeader: (header) => {
            throw new Error(JSON.stringify(header));
          },
        }),
        withHeader(`{"a":"${SECRET}"}`),
      ),
  ],
  ERR_MESSAGE_BODY_LENGTH: [
    () => decode(messages(), withHeader(`{"bodyLength":"${SECRET}"}`)),
    () => decode(messages(), withHeader('{"bodyLength":-1}')),
  ],
  ERR_BODY_TOO_LARGE: [
    () => decode(messages({ maxBodyLength: 5 }), withHeader('{"bodyLength":9}')),
    () => decode(messageParts({ maxBodyLength: 5 }), withHeader('{"bodyLength":9}')),
  ],
};

/** Codes of streams, connections and schedules: provoked by the tests of those. */
const ELSEWHERE: readonly ErrorCode[] = [
  'ERR_FRAME_STALLED',
  'ERR_MESSAGE_BODY_MISMATCH',
  'ERR_BODY_DISCARDED',
  'ERR_CONNECTION_CLOSED',
  'ERR_CONNECTION_LOST',
  'ERR_IDLE',
  'ERR_TIMEOUT',
  'ERR_QUEUE_FULL',
  'ERR_SCHEDULE',
  'ERR_DIALOGUE',
  'ERR_CAPTURE',
  'ERR_CONCURRENT_READ',
];

const LOCAL: readonly string[] = [
  'ERR_OPTION',
  'ERR_FRAME_UNENCODABLE',
  'ERR_DECODER_ENDED',
  'ERR_DECODER_BUSY',
];

function errorOf(call: () => unknown): UnstickError {
  try {
    call();
  } catch (error) {
    if (isUnstickError(error)) {
      return error;
    }
    throw error;
  }
  throw new Error('nothing was thrown');
}

const rows = Object.entries(provoking).flatMap(([code, calls]) =>
  calls.map((call, i) => [`${code}, way ${i + 1}`, code, call] as const),
);

describe('an error', () => {
  test.each(rows)('%s says who must act, and quotes no payload', (_, code, call) => {
    const error = errorOf(call);
    expect(error.code).toBe(code);
    expect(error).toBeInstanceOf(LOCAL.includes(code) ? UsageError : ProtocolError);
    for (let i = 0; i + 3 <= SECRET.length; i++) {
      expect(error.message).not.toContain(SECRET.slice(i, i + 3));
    }
    expect(error.message).toMatch(/[.?]$/);
    expect(error.message.endsWith(error.hint ?? '')).toBe(true);
  });

  test('from the remote says where in the stream it was', () => {
    const places = rows
      .map(([, , call]) => errorOf(call))
      .filter((e) => e instanceof ProtocolError);
    expect(places.length).toBeGreaterThan(15);
    expect(places.every(({ byteOffset, frameIndex }) => byteOffset === 0 && frameIndex === 0)).toBe(
      true,
    );
    expect(places.every(({ message }) => message.includes('(frame 0, byte 0).'))).toBe(true);
  });

  test('is an Error with a name, a stack, and only the fields that were set', () => {
    const error = errorOf(() => lengthPrefixed({ maxPayloadLength: 1 }).encode(secret));
    expect(error).toBeInstanceOf(Error);
    expect(error.name).toBe('UsageError');
    expect(error.stack).toContain('UsageError');
    expect(Object.keys(error).toSorted()).toEqual(['code', 'length', 'limit', 'name']);
    expect(isUnstickError(new Error('other'))).toBe(false);
  });
});

describe('the table of codes', () => {
  test('is provoked here or named as the matter of another layer, each code once', () => {
    const here = [...Object.keys(provoking), ...ELSEWHERE];
    const core = Object.keys(errorCodes).filter((code) => here.includes(code));
    expect(new Set(here).size).toBe(here.length);
    expect(core.toSorted()).toEqual(here.toSorted());
  });
});
