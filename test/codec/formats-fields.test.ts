// The length fields of formats that are not plain numbers: cases that the golden frames do not have.

import { describe, expect, test } from 'vitest';
import { i32OrU64 } from '../../src/codec/formats/format-fields.ts';
import { formats } from '../../src/codec/formats/formats.ts';
import { lengthPrefixed } from '../../src/codec/length-prefixed.ts';
import { framing } from '../../src/framing/framing.ts';
import { hex, join, toHex, utf8 } from '../support/bytes.ts';
import { protocolErrorOf, unstickErrorOf, valuesOf } from '../support/outcomes.ts';

describe('the length of Python multiprocessing', () => {
  const codec = framing('pythonMultiprocessing');

  test('may be 64 bits wide behind -1', () => {
    const stream = hex('ffffffff 0000000000000002 6869 00000000');
    expect(valuesOf(codec, [stream]).map(toHex)).toEqual(['6869', '']);
    expect(
      valuesOf(
        codec,
        Array.from(stream, (byte) => Uint8Array.of(byte)),
      ).map(toHex),
    ).toEqual(['6869', '']);
  });

  test('is written as -1 and 64 bits above 2^31-1', () => {
    expect(toHex(i32OrU64.write(2 ** 31 - 1, hex('')))).toBe('7fffffff');
    expect(toHex(i32OrU64.write(2 ** 31, hex('')))).toBe('ffffffff0000000080000000');
    expect(i32OrU64.read(hex('ffffffff 0000000080000000'), 0)).toEqual({
      length: 2 ** 31,
      width: 12,
    });
  });

  test.each([
    ['any other negative number', 'fffffffe', 'ERR_FRAME_LENGTH_INVALID'],
    ['64 bits above 2^53-1', 'ffffffff 0020000000000000', 'ERR_FRAME_LENGTH_INVALID'],
    ['64 bits above the limit', 'ffffffff 0000000100000000', 'ERR_FRAME_TOO_LARGE'],
  ])('refuses %s', (_, bytes, code) => {
    const error = protocolErrorOf(codec, [hex(`00000000 ${bytes}`)], 'open');
    expect(error).toMatchObject({ code, byteOffset: 4, frameIndex: 1 });
    expect(error.hint).toMatch(/\w/);
  });

  test('is truncated between -1 and the 64 bits', () => {
    expect(protocolErrorOf(codec, [hex('ffffffff 00')]).code).toBe('ERR_FRAME_TRUNCATED');
  });
});

describe('ONC RPC record marking', () => {
  const codec = framing('oncRpc');

  test('keeps the top bit of a mark, also when its length is filled in', () => {
    expect(toHex(join(codec.encode(hex('00000001 61'))))).toBe('0000000161');
    expect(toHex(join(codec.encode(hex('80000001 61'))))).toBe('8000000161');
    expect(toHex(join(codec.encode(hex('00000000 6162'))))).toBe('000000026162');
    expect(toHex(join(codec.encode(hex('80000000 6162'))))).toBe('800000026162');
  });
});

describe('a BER tag and length', () => {
  const codec = framing('berTlv');

  test('may be of several bytes each, which stay as they are', () => {
    for (const frame of [
      '1f8f7f 00',
      '1f8181818101 8200 01 61',
      '30 87 00000000000001 61',
      '0500',
    ]) {
      expect(valuesOf(codec, [hex(frame)]).map(toHex)).toEqual([toHex(hex(frame))]);
      expect(toHex(join(codec.encode(hex(frame))))).toBe(toHex(hex(frame)));
    }
  });

  test.each([
    ['the indefinite form', '3080 0000'],
    ['a length of eight bytes', '3088 0000000000000001'],
    ['a tag of seven bytes', '1f818181818101 00'],
  ])('is refused in %s', (_, bytes) => {
    const error = protocolErrorOf(codec, [hex(`0500 ${bytes}`)], 'open');
    expect(error).toMatchObject({ code: 'ERR_PREFIX_MALFORMED', byteOffset: 2, frameIndex: 1 });
    expect(error.hint).toMatch(/\w/);
  });

  test('must be right in a frame to encode', () => {
    const error = unstickErrorOf(() => codec.encode(hex('3005 61')));
    expect(error.code).toBe('ERR_FRAME_UNENCODABLE');
  });
});

describe('octet counting', () => {
  const codec = framing('syslogOctetCounting');

  test('has no empty messages, in either direction', () => {
    expect(unstickErrorOf(() => codec.encode(hex(''))).code).toBe('ERR_FRAME_UNENCODABLE');
    expect(protocolErrorOf(codec, [utf8('0 ')]).code).toBe('ERR_PREFIX_MALFORMED');
  });

  test.each(['<34>1 no length', '05 hello', ' 5 hello', '5\thello', '-5 hello', '5hello'])(
    'refuses %j with a hint',
    (words) => {
      const error = protocolErrorOf(codec, [utf8(`1 a${words}`)], 'open');
      expect(error).toMatchObject({ code: 'ERR_PREFIX_MALFORMED', byteOffset: 3 });
      expect(error.hint).toMatch(/newline/);
    },
  );
});

describe('bytes that a format does not allow', () => {
  test.each([
    ['bgp', `${'fe'.repeat(16)} 0013 04`, 'ERR_FRAME_MAGIC', 'before'],
    ['diameter', '02 000014', 'ERR_FRAME_MAGIC', 'before'],
    ['iec104', '69 04 07000000', 'ERR_FRAME_MAGIC', 'before'],
    ['tpkt', '0301 0004', 'ERR_FRAME_MAGIC', 'before'],
    ['directTcpSmb', '81 000044', 'ERR_FRAME_MAGIC', 'before'],
    ['amqp091', '080000 00000001 ce cd', 'ERR_FRAME_MAGIC', 'trailer'],
    ['postgres', '52 00000003', 'ERR_FRAME_LENGTH_INVALID', undefined],
    ['kafka', 'ffffffff', 'ERR_FRAME_LENGTH_INVALID', undefined],
    ['minecraft', '80808001', 'ERR_FRAME_TOO_LARGE', undefined],
    ['minecraft', '80808000', 'ERR_PREFIX_MALFORMED', undefined],
    ['minecraft', 'ffffffffff', 'ERR_PREFIX_MALFORMED', undefined],
    ['mqtt', '30 ffffffffff', 'ERR_PREFIX_MALFORMED', undefined],
    ['mqtt', '30 8080808000', 'ERR_PREFIX_MALFORMED', undefined],
    ['mqtt', '30 80808000', 'ERR_PREFIX_MALFORMED', undefined],
    ['mqtt', '30 8200', 'ERR_PREFIX_MALFORMED', undefined],
  ] as const)('of %s (%s) are %s, with offset and hint', (name, bytes, code, reason) => {
    const error = protocolErrorOf(
      lengthPrefixed({ ...formats[name], deliver: 'payload' }),
      [hex(bytes)],
      'open',
    );
    expect(error).toMatchObject({ code, byteOffset: 0, frameIndex: 0 });
    expect(error.reason).toBe(reason);
    expect(error.hint).toMatch(/\w/);
  });

  test('include a reserved flag of gRPC, where the flag is fixed', () => {
    const plain = lengthPrefixed({
      ...formats.grpc,
      before: Uint8Array.of(0),
      deliver: 'payload',
    });
    expect(valuesOf(plain, [hex('00 00000001 61')]).map(toHex)).toEqual(['61']);
    const error = protocolErrorOf(plain, [hex('00 00000001 61 02 00000001 61')], 'open');
    expect(error).toMatchObject({ code: 'ERR_FRAME_MAGIC', reason: 'before', byteOffset: 6 });
  });
});

describe('what the page of formats says of phases', () => {
  test('a handshake of BitTorrent is one frame with 48 bytes behind it', () => {
    const decoder = lengthPrefixed({ prefix: 'u8', trailer: 48, deliver: 'parts' }).decoder();
    const handshake = join([hex('13'), utf8('BitTorrent protocol'), new Uint8Array(48)]);
    expect(handshake).toHaveLength(68);
    decoder.push(join([handshake, hex('00000001 02 00000000')]));
    const parts = decoder.take();
    expect(new TextDecoder().decode(parts?.payload)).toBe('BitTorrent protocol');
    expect(parts?.trailer).toHaveLength(48);
    const rest = decoder.takeRest?.() ?? [];
    expect(valuesOf(lengthPrefixed(formats.bittorrent), rest).map(toHex)).toEqual(['02', '']);
  });

  test('a version of AMQP that is refused is a frame too large', () => {
    const error = protocolErrorOf(lengthPrefixed(formats.amqp091), [hex('414d5150 00000901')]);
    expect(error.code).toBe('ERR_FRAME_TOO_LARGE');
  });

  test('compressed MySQL is a stream of frames inside of frames', () => {
    const outer = lengthPrefixed({ prefix: 'u24le', after: 4, deliver: 'parts' });
    // Two frames of MySQL, cut in two, not compressed: the last three bytes of a head are zero.
    const stream = hex('030000 00 000000 010000  070000 01 000000 00 0e 010000 00 0e');
    const inner = valuesOf(outer, [stream]).map(({ payload }) => payload);
    const values = valuesOf(lengthPrefixed(formats.mysql), inner);
    expect(values.map(({ payload }) => toHex(payload))).toEqual(['0e', '0e']);
  });
});
