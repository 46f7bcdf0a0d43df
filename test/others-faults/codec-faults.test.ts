// Faults of other implementations that concern framing. A test is named after the fault, and asserts that
// this package does not have it. The number is that of the table which collects them.

import { describe, expect, test } from 'vitest';
import type { Decoder } from '../../src/codec/codec.ts';
import type { LengthPrefixedOptions } from '../../src/codec/frame-layout.ts';
import { lengthPrefixed } from '../../src/codec/length-prefixed.ts';
import { messageParts } from '../../src/message/message-parts.ts';
import { messages } from '../../src/message/messages.ts';
import { hex, inPieces, join, toHex, utf8 } from '../support/bytes.ts';
import { copiesOf } from '../support/counting-array.ts';
import { bytesCodec } from '../support/frame-arbitraries.ts';

const MIB = 1024 * 1024;

function codeOf(call: () => unknown): string | undefined {
  try {
    call();
    return undefined;
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
}

/** Takes all there is after the end of `bytes`: the values, then the code of the error if there is one. */
function readAll(options: LengthPrefixedOptions, bytes: Uint8Array, piece = Infinity): unknown[] {
  const seen: unknown[] = [];
  const decoder = bytesCodec(options).decoder();
  for (const chunk of inPieces(bytes, Math.min(piece, bytes.length))) {
    decoder.push(chunk);
  }
  decoder.end();
  const code = codeOf(() => {
    for (const frame of decoder) {
      seen.push(toHex(frame));
    }
  });
  return code === undefined ? seen : [...seen, code];
}

function heldBy(decoder: Decoder<unknown>): number {
  const buffers = new Set((decoder.takeRest?.() ?? []).map(({ buffer }) => buffer));
  return [...buffers].reduce((sum, { byteLength }) => sum + byteLength, 0);
}

describe('the end of a stream', () => {
  test('1: exactly behind a prefix is not a clean end', () => {
    expect(readAll({}, hex('00000001 61 00000005'))).toEqual(['61', 'ERR_FRAME_TRUNCATED']);
    expect(readAll({ prefix: 'varint' }, hex('05'))).toEqual(['ERR_FRAME_TRUNCATED']);
  });

  test('2: inside a frame does not drop that frame in silence', () => {
    expect(readAll({}, hex('00000001 61 00000005 6162'))).toEqual(['61', 'ERR_FRAME_TRUNCATED']);
  });

  test('11: inside a frame that is too long reports that frame', () => {
    const codes: string[] = [];
    const codec = lengthPrefixed({ maxPayloadLength: 3 });
    const decoder = codec.decoder({ onSkip: ({ code }) => codes.push(code) });
    decoder.push(hex('00000004 61'));
    decoder.end();
    codes.push(codeOf(() => decoder.take()) ?? '');
    expect(codes).toEqual(['ERR_FRAME_TOO_LARGE', 'ERR_FRAME_TRUNCATED']);
  });

  test('21: inside a body does not deliver it as a whole message', () => {
    const stream = join(messages().encode({ header: {}, body: new Uint8Array(1000) }));
    const decoder = messages().decoder();
    decoder.push(stream.subarray(0, stream.length - 402));
    decoder.end();
    expect(codeOf(() => decoder.take())).toBe('ERR_FRAME_TRUNCATED');
  });
});

describe('memory', () => {
  test('3: a declared length of 4 GiB is not allocated before its bytes come', () => {
    const decoder = lengthPrefixed({ maxPayloadLength: 2 ** 32 - 1 }).decoder();
    const before = process.memoryUsage().arrayBuffers;
    decoder.push(hex('ffffffff'));
    expect(decoder.take()).toBeUndefined();
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(MIB);
    expect(heldBy(decoder)).toBeLessThan(1024);
  });

  test('13: tiny chunks do not cost an object each', () => {
    const decoder = lengthPrefixed().decoder();
    decoder.push(hex('00100000'));
    for (let i = 0; i < 50_000; i++) {
      decoder.push(new Uint8Array(1));
      decoder.take();
    }
    const rest = decoder.takeRest();
    expect(rest.length).toBeLessThan(40);
    expect(join(rest)).toHaveLength(50_004);
  });

  test('26: a kept rest of 16 bytes does not pin the 64 KiB chunk that it came in', () => {
    const whole = join(lengthPrefixed().encode(new Uint8Array(65_000)));
    const decoder = lengthPrefixed().decoder();
    decoder.push(join([whole, hex('00000040'), new Uint8Array(12)]));
    expect(decoder.take()).toHaveLength(65_000);
    expect(decoder.take()).toBeUndefined();
    expect(heldBy(decoder)).toBeLessThan(1024);
  });
});

describe('decoding', () => {
  test('4: a frame in 1-byte chunks is not put together again for each of them', () => {
    const payload = new Uint8Array(MIB / 2).fill(7);
    const stream = join(lengthPrefixed().encode(payload));
    const { copies, last } = copiesOf(lengthPrefixed(), stream, 1);
    expect(copies).toBeLessThan(3.2);
    expect(last?.length).toBe(payload.length);
    expect(last?.every((byte) => byte === 7)).toBe(true);
  });

  test('5: bytes that were pushed and not taken are not lost', () => {
    const decoder = lengthPrefixed().decoder();
    for (const byte of inPieces(hex('00000001 61 00000001 62'), 1)) {
      decoder.push(byte);
    }
    expect([...decoder].map(toHex)).toEqual(['61', '62']);
    decoder.push(hex('00000001 63'));
    const iterator = decoder[Symbol.iterator]();
    decoder.push(hex('00000001 64'));
    expect(iterator.next().value).toEqual(hex('63'));
    expect(decoder.take()).toEqual(hex('64'));
  });

  test('6: empty frames do not vanish', () => {
    expect(readAll({}, hex('00000000 00000000 00000001 61'))).toEqual(['', '', '61']);
    expect(readAll({ prefix: 'varint' }, hex('00 00'), 1)).toEqual(['', '']);
  });

  test('9: a 2 MiB varint frame cut behind its third prefix byte is one frame', () => {
    const decoder = lengthPrefixed({ prefix: 'varint' }).decoder();
    decoder.push(hex('808080'));
    expect(decoder.take()).toBeUndefined();
    decoder.push(join([hex('01'), new Uint8Array(2 * MIB)]));
    expect(decoder.take()).toHaveLength(2 * MIB);
    expect(decoder.atBoundary).toBe(true);
  });

  test('10: the good frame behind one that is too long comes with the same read', () => {
    const decoder = lengthPrefixed({ maxPayloadLength: 3 }).decoder({ onSkip: () => undefined });
    decoder.push(hex('00000004 61616161 00000001 62'));
    expect(decoder.take()).toEqual(hex('62'));
  });

  test('12: a length that is less than what is stripped does not wedge the decoder', () => {
    const options: LengthPrefixedOptions = {
      prefix: 'u16be',
      after: 2,
      counts: ['after', 'payload'],
      deliver: 'payload',
    };
    const seen = readAll(options, hex('0001 61 0004abcdef01'));
    expect(seen).toEqual(['ERR_FRAME_LENGTH_INVALID']);
  });

  test('19: a thousand frames are a thousand values', () => {
    const stream = join(Array.from({ length: 1000 }, () => hex('00000001 61')));
    expect(readAll({}, stream)).toHaveLength(1000);
    expect(readAll({}, stream, 7)).toHaveLength(1000);
  });

  test('24: half a character on one connection swallows nothing on another', () => {
    const codec = messages();
    const stream = join(codec.encode({ header: { name: '粘包' }, body: '半包' }));
    const [one, other] = [codec.decoder(), codec.decoder()];
    one.push(stream.subarray(0, 14));
    expect(one.take()).toBeUndefined();
    other.push(stream);
    expect(other.take()?.header['name']).toBe('粘包');
    one.push(stream.subarray(14));
    expect(one.take()?.header['name']).toBe('粘包');
  });

  test('25: a chunk of ten thousand frames is decoded only as far as it is taken', () => {
    const decoder = lengthPrefixed().decoder();
    decoder.push(join(Array.from({ length: 10_000 }, () => hex('00000001 61'))));
    decoder.take();
    expect(decoder.bufferedLength).toBe(9_999 * 5);
  });
});

describe('long streams', () => {
  test('31: a read full of the shortest frames does not overflow the stack', () => {
    expect(readAll({ prefix: 'u8' }, new Uint8Array(64 * 1024))).toHaveLength(64 * 1024);
  });

  test('32: what was delivered is let go, also when no chunk ends where a frame ends', () => {
    const decoder = lengthPrefixed().decoder();
    const frames = join(
      Array.from({ length: 1000 }, () => join([hex('000003fc'), new Uint8Array(1020)])),
    );
    for (const chunk of inPieces(frames.subarray(0, -1), 1001)) {
      decoder.push(chunk);
      while (decoder.take() !== undefined) {
        // Delivered, and let go.
      }
    }
    expect(decoder.bufferedLength).toBeLessThan(1024);
    expect(heldBy(decoder)).toBeLessThan(4096);
  });
});

describe('encoding and options', () => {
  test('8: a payload that is too long does not go out with a truncated length', () => {
    const codes = (['u8', 'u16be', 'u24le'] as const).map((prefix, i) =>
      codeOf(() => lengthPrefixed({ prefix }).encode(new Uint8Array(2 ** (8 * (i + 1))))),
    );
    expect(new Set(codes)).toEqual(new Set(['ERR_FRAME_UNENCODABLE']));
  });

  test('14: the encoder obeys every option that the decoder obeys', () => {
    const codec = lengthPrefixed({
      before: hex('ca'),
      prefix: 'u16le',
      counts: ['before', 'prefix', 'payload'],
      after: hex('fe'),
      trailer: hex('0d0a'),
    });
    expect(toHex(join(codec.encode(hex('6869'))))).toBe('ca0500fe68690d0a');
  });

  test('15: options that contradict each other are refused before the first frame', () => {
    expect(codeOf(() => lengthPrefixed({ prefix: 'varint', counts: ['prefix', 'payload'] }))).toBe(
      'ERR_OPTION',
    );
    expect(
      codeOf(() =>
        lengthPrefixed({
          prefix: 'u8',
          trailer: 300,
          counts: ['payload', 'trailer'],
          deliver: 'payload',
        }),
      ),
    ).toBe('ERR_OPTION');
  });

  test('23: a length counts bytes, not characters', () => {
    const [bytes = hex('')] = messages().encode({ header: { 名: '粘包' } });
    expect(new DataView(bytes.buffer, bytes.byteOffset).getUint32(0)).toBe(bytes.length - 4);
    const decoder = messages().decoder();
    decoder.push(join(messages().encode({ header: {}, body: '黏包 🧲' })));
    expect(decoder.take()?.body).toEqual(utf8('黏包 🧲'));
  });

  test('29: what cannot be written, and a bad varint, are typed errors and nothing else', () => {
    expect(codeOf(() => lengthPrefixed().encode(new Uint8Array(9 * MIB)))).toBe(
      'ERR_FRAME_UNENCODABLE',
    );
    const decoder = lengthPrefixed({ prefix: 'varint' }).decoder();
    expect(codeOf(() => decoder.push(hex('ffffffffffffffffffffff')))).toBeUndefined();
    expect(codeOf(() => decoder.take())).toBe('ERR_PREFIX_MALFORMED');
  });

  test('30: there is a limit, it can be set, and the sender is told', () => {
    expect(codeOf(() => lengthPrefixed().encode(new Uint8Array(8 * MIB + 1)))).toBe(
      'ERR_FRAME_UNENCODABLE',
    );
    const codec = lengthPrefixed({ maxPayloadLength: 16 * MIB });
    expect(codec.encodedLength(new Uint8Array(8 * MIB + 1))).toBe(8 * MIB + 5);
    expect(readAll({}, hex('00800001'))).toEqual(['ERR_FRAME_TOO_LARGE']);
  });
});

/** The kind of the last part of `bytes`, or the code of the error behind it. */
function lastPart(bytes: Uint8Array): string {
  const decoder = messageParts().decoder();
  decoder.push(bytes);
  decoder.end();
  let last = '';
  const code = codeOf(() => {
    for (const { kind } of decoder) {
      last = kind;
    }
  });
  return code ?? last;
}

describe('messages', () => {
  test('17: a header length that comes as 2 bytes and the rest is read at message 0', () => {
    const stream = join(messages({ prefix: 'i32le' }).encode({ header: { n: 0 }, body: 'x' }));
    const decoder = messages({ prefix: 'i32le' }).decoder();
    decoder.push(stream.subarray(0, 2));
    expect(decoder.take()).toBeUndefined();
    decoder.push(stream.subarray(2));
    expect(decoder.take()?.header['n']).toBe(0);
  });

  test('18: a large body ends with an end or with an error, never with less in silence', () => {
    const body = new Uint8Array(200_000);
    const stream = join(messages().encode({ header: {}, body }));
    expect(lastPart(stream)).toBe('end');
    expect(lastPart(stream.subarray(0, -1))).toBe('ERR_FRAME_TRUNCATED');
  });

  test('22: four zero bytes are no endless loop, and __proto__ is no prototype', () => {
    const decoder = messages().decoder();
    decoder.push(hex('00000000'));
    expect(codeOf(() => decoder.take())).toBe('ERR_MESSAGE_HEADER_INVALID');
    const header = utf8('{"__proto__":{"admin":true}}');
    const fresh = messages().decoder();
    fresh.push(join([Uint8Array.of(0, 0, 0, header.length), header]));
    expect(codeOf(() => fresh.take())).toBe('ERR_MESSAGE_HEADER_INVALID');
  });

  test('28: a header that never ends is refused by its length, and read once', () => {
    const decoder = messages().decoder();
    decoder.push(hex('01900000'));
    expect(codeOf(() => decoder.take())).toBe('ERR_MESSAGE_HEADER_TOO_LARGE');
  });
});
