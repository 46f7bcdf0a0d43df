// Length fields of the caller. They are tried out when the codec is made, and read back when a frame is
// written. A bug of a field and its refusal of bytes are different errors.

import { describe, expect, test } from 'vitest';
import { headerPrefixed } from '../../src/codec/header-prefixed.ts';
import type { LengthField } from '../../src/codec/length-field.ts';
import { lengthPrefixed } from '../../src/codec/length-prefixed.ts';
import { isUnstickError } from '../../src/errors.ts';
import { messages } from '../../src/message/messages.ts';
import { hex, join, toHex } from '../support/bytes.ts';
import { unstickErrorOf } from '../support/outcomes.ts';

const u16: LengthField = {
  maxWidth: 2,
  fixed: true,
  read: (b, at) =>
    b.length < at + 2 ? undefined : { length: (b[at] ?? 0) * 256 + (b[at + 1] ?? 0), width: 2 },
  write: (length) => Uint8Array.of(length >> 8, length),
};

describe('a field whose halves disagree', () => {
  test.each<[string, LengthField]>([
    ['in the byte order', { ...u16, write: (n) => Uint8Array.of(n, n >> 8) }],
    ['by one', { ...u16, write: (n) => u16.write(n + 1, hex('')) }],
    ['in the width', { ...u16, fixed: false, write: (n) => Uint8Array.of(n) }],
    [
      'above 255, which it says it can write',
      { ...u16, maxLength: 65_535, write: (n) => Uint8Array.of(0, n) },
    ],
    ['so that nothing can be read', { ...u16, read: () => JSON.parse('{') as never }],
    ['as it gives no bytes', { ...u16, write: () => 'text' as never }],
  ])('is refused when the codec is made: %s', (_, prefix) => {
    expect(unstickErrorOf(() => lengthPrefixed({ prefix })).code).toBe('ERR_OPTION');
    expect(unstickErrorOf(() => messages({ prefix })).code).toBe('ERR_OPTION');
  });

  test.each<[string, LengthField]>([
    [
      'it only decodes',
      {
        ...u16,
        write: () => {
          throw new Error('decodes only');
        },
      },
    ],
    [
      'it counts from 1',
      {
        ...u16,
        read: (b, at) => {
          const one = u16.read(b, at);
          return one && { ...one, length: one.length + 1 };
        },
        write: (n) => u16.write(n - 1, hex('')),
      },
    ],
    [
      'all frames are of one size',
      {
        maxWidth: 1,
        fixed: true,
        maxLength: 4,
        read: (b, at) => (b.length > at ? { length: 4, width: 1 } : undefined),
        write: () => Uint8Array.of(0),
      },
    ],
    [
      'it does not say how far it counts',
      {
        ...u16,
        maxWidth: 1,
        read: (b, at) => (b.length > at ? { length: b[at] ?? 0, width: 1 } : undefined),
        write: (n) => Uint8Array.of(n),
      },
    ],
  ])('is not found where %s', (_, prefix) => {
    expect(() => lengthPrefixed({ prefix })).not.toThrow();
  });

  test('beyond what was tried is found when the frame is written', () => {
    const wraps = { ...u16, write: (n: number) => Uint8Array.of(0, n) };
    const codec = lengthPrefixed({ prefix: wraps });
    expect(toHex(join(codec.encode(hex('41'))))).toBe('000141');
    const error = unstickErrorOf(() => codec.encode(new Uint8Array(300)));
    expect(error.code).toBe('ERR_FRAME_UNENCODABLE');
    expect(error.length).toBe(300);
  });
});

function isLittle(head: Uint8Array): boolean {
  return ((head[6] ?? 0) & 1) === 1;
}

describe('a field that looks at the bytes in front', () => {
  const byFlag: LengthField = {
    ...u16,
    read: (b, at) => {
      const read = u16.read(b, at);
      const swapped =
        isLittle(b) && read ? (read.length % 256) * 256 + (read.length >> 8) : read?.length;
      return read && { ...read, length: swapped ?? 0 };
    },
    write: (n, head) => (isLittle(head) ? Uint8Array.of(n, n >> 8) : Uint8Array.of(n >> 8, n)),
  };
  const frames = ['47494f50 0102 00 00 0003 616263', '47494f50 0102 01 00 0300 616263'];

  test.each(['parts', 'frame'] as const)('writes what it reads, as %s', (deliver) => {
    const codec = lengthPrefixed({ before: 8, prefix: byFlag, deliver: 'parts' });
    const whole = lengthPrefixed({ before: 8, prefix: byFlag, deliver: 'frame' });
    for (const frame of frames) {
      const bytes = hex(frame);
      const again = [codec, whole].map((one) => {
        const decoder = one.decoder();
        decoder.push(bytes);
        return decoder;
      });
      const [parts, frames_] = again;
      const value = deliver === 'parts' ? parts?.take() : frames_?.take();
      const written =
        deliver === 'parts' ? codec.encode(value as never) : whole.encode(value as never);
      expect(toHex(join(written))).toBe(toHex(bytes));
    }
  });

  test('sees fixed bytes too, and cannot change them', () => {
    const seen: string[] = [];
    const nosy: LengthField = {
      ...u16,
      write: (n, head) => {
        seen.push(toHex(head));
        head.fill(0);
        return u16.write(n, head);
      },
    };
    const codec = lengthPrefixed({ before: hex('cafe'), prefix: nosy });
    seen.length = 0;
    expect(toHex(join(codec.encode(hex('41'))))).toBe('cafe000141');
    expect(toHex(join(codec.encode(hex('41'))))).toBe('cafe000141');
    expect(seen).toEqual(['cafe', 'cafe']);
  });

  test('that writes without looking is refused before a wrong length goes out', () => {
    const blind = { ...byFlag, write: (n: number) => Uint8Array.of(n >> 8, n) };
    const codec = lengthPrefixed({ before: 8, prefix: blind, deliver: 'parts' });
    const value = { before: hex('47494f50 0102 01 00'), payload: hex('616263') };
    expect(unstickErrorOf(() => codec.encode(value)).code).toBe('ERR_FRAME_UNENCODABLE');
  });
});

describe('what a function of the caller throws', () => {
  const bugs: [string, () => never][] = [
    [
      'a TypeError',
      () => {
        throw new TypeError('x is not a function');
      },
    ],
    [
      'a ReferenceError',
      () => {
        throw new ReferenceError('x is not defined');
      },
    ],
    ['a read behind the end of a Buffer', () => Buffer.alloc(1).readUInt32BE(0) as never],
    [
      'a read behind the end of a DataView',
      () => new DataView(new ArrayBuffer(1)).getUint32(0) as never,
    ],
  ];
  const refusals: [string, () => never][] = [
    [
      'an Error',
      () => {
        throw new Error('no');
      },
    ],
    [
      'a RangeError',
      () => {
        throw new RangeError('no');
      },
    ],
    ['what JSON.parse throws', () => JSON.parse('{') as never],
    [
      'an error of a schema library',
      () => {
        throw Object.assign(new Error('no'), { name: 'ZodError' });
      },
    ],
  ];
  const message = join(messages().encode({ header: {} }));
  const taking: [string, (call: () => never) => () => unknown, string][] = [
    [
      'LengthField.read',
      (call) =>
        taken(lengthPrefixed({ prefix: { ...u16, read: call, write: call } }), hex('0001 41')),
      'ERR_PREFIX_MALFORMED',
    ],
    [
      'header.parse',
      (call) =>
        taken(
          headerPrefixed({ header: { parse: call }, headerLength: 1, payloadLength: () => 0 }),
          hex('00'),
        ),
      'ERR_PREFIX_MALFORMED',
    ],
    [
      'payloadLength',
      (call) =>
        taken(
          headerPrefixed({ header: { parse: () => 0 }, headerLength: 1, payloadLength: call }),
          hex('00'),
        ),
      'ERR_PREFIX_MALFORMED',
    ],
    [
      'parseHeader',
      (call) => taken(messages({ parseHeader: call }), message),
      'ERR_MESSAGE_HEADER_INVALID',
    ],
    [
      'a schema',
      (call) =>
        taken(
          messages({
            parseHeader: { '~standard': { version: 1, vendor: 'test', validate: call } },
          }),
          message,
        ),
      'ERR_MESSAGE_HEADER_INVALID',
    ],
  ];

  describe.each(taking)('%s', (_, of, code) => {
    test.each(bugs)('%s is a bug of ours, and stays the error', (__, call) => {
      const take = of(call);
      const error = unstickErrorOf(take);
      expect(error).toMatchObject({ name: 'UsageError', code: 'ERR_OPTION' });
      expect(error.cause).toBeInstanceOf(Error);
      expect(unstickErrorOf(take)).toBe(error);
    });

    test.each(refusals)('%s refuses what the remote sent', (__, call) => {
      const take = of(call);
      const error = unstickErrorOf(take);
      expect(error).toMatchObject({ name: 'ProtocolError', code, byteOffset: 0 });
      expect(error.cause).toBeInstanceOf(Error);
      expect(unstickErrorOf(take)).toBe(error);
    });
  });

  test('a checksum cannot refuse: whatever it throws is a bug of ours', () => {
    for (const [, call] of [...bugs, ...refusals]) {
      const take = taken(
        lengthPrefixed({ trailer: { length: 1, compute: call } }),
        hex('00000000 00'),
      );
      expect(unstickErrorOf(take)).toMatchObject({ name: 'UsageError', code: 'ERR_OPTION' });
    }
  });
});

function taken(
  codec: { decoder(): { push(b: Uint8Array): void; take(): unknown } },
  bytes: Uint8Array,
): () => unknown {
  const decoder = codec.decoder();
  decoder.push(bytes);
  return () => decoder.take();
}

test('an error of another installed copy is known, and a stranger is not', () => {
  const brand = Symbol.for('unstick.error');
  expect(isUnstickError(Object.create({ [brand]: true }))).toBe(true);
  for (const other of [new Error('x'), null, undefined, 'x', {}, { code: 'ERR_OPTION' }]) {
    expect(isUnstickError(other)).toBe(false);
  }
});
