// Messages of several frames as MySQL, ONC RPC and HTTP/2 send them, with the bytes of their specifications.

import { describe, expect, test } from 'vitest';
import { continued } from '../../src/codec/continued.ts';
import { lengthPrefixed } from '../../src/codec/length-prefixed.ts';
import { hex, inPieces, join, toHex, utf8 } from '../support/bytes.ts';
import { HEADERS, http2, mysql, oncRpc, PING, withControl } from '../support/continued-codecs.ts';
import { protocolErrorOf, valuesOf } from '../support/outcomes.ts';

describe('a record of ONC RPC', () => {
  const codec = oncRpc(4);

  test('is split, marked, and joined', () => {
    const bytes = '00000004 61626364 80000002 6566';
    expect(toHex(join(codec.encode({ payload: utf8('abcdef') })))).toBe(toHex(hex(bytes)));
    for (const size of [1, 3, 100]) {
      expect(valuesOf(codec, inPieces(hex(bytes), size))).toEqual([
        { flags: 0, payload: utf8('abcdef') },
      ]);
    }
  });

  test('may be empty, whole, or end in an empty fragment', () => {
    const stream = hex('80000000 80000001 61 00000001 62 80000000');
    expect(valuesOf(codec, [stream]).map(({ payload }) => toHex(payload))).toEqual([
      '',
      '61',
      '62',
    ]);
    expect(toHex(join(codec.encode({ payload: hex('') })))).toBe('80000000');
  });
});

describe('a packet of MySQL', () => {
  test.each([
    [3, '03000000616263 00000001'],
    [4, '0300000061626301000001 64'],
    [6, '03000000616263 03000001646566 00000002'],
  ])('of %d bytes counts its parts', (length, bytes) => {
    const codec = mysql(3);
    const value = { after: hex('00'), payload: utf8('abcdef').slice(0, length) };
    expect(toHex(join(codec.encode(value)))).toBe(toHex(hex(bytes)));
    expect(valuesOf(codec, [hex(bytes)])).toEqual([value]);
  });

  test('of 2^24-1 bytes is followed by an empty one, as the protocol has it', () => {
    const full = 2 ** 24 - 1;
    const codec = continued(
      lengthPrefixed({ prefix: 'u24le', after: 1, deliver: 'parts', maxPayloadLength: full }),
      {
        isMore: ({ payload }) => payload.length === full,
        split: ({ payload }) => [
          { after: hex('00'), payload },
          { after: hex('01'), payload: hex('') },
        ],
      },
    );
    const frames = codec.encode({ after: hex('00'), payload: new Uint8Array(full) });
    expect(frames.map(({ length }) => length)).toEqual([4, full, 4]);
    expect(frames.map((piece) => toHex(piece.slice(0, 4)))).toEqual([
      'ffffff00',
      '00000000',
      '00000001',
    ]);
    expect(valuesOf(codec, frames).map(({ payload }) => payload.length)).toEqual([full]);
  });
});

describe('headers of HTTP/2', () => {
  const start = '000002 01 00 00000001 6162';
  const rest = '000001 09 04 00000001 63';

  test('are continued, and other frames stay alone', () => {
    const ping = '000000 06 00 00000000';
    const values = valuesOf(http2, [hex(`${ping}${start}${rest}${ping}`)]);
    expect(values.map(({ after, payload }) => [after[0], toHex(payload)])).toEqual([
      [PING, ''],
      [HEADERS, '616263'],
      [PING, ''],
    ]);
  });

  test('are cut at the size of a frame', () => {
    const value = { after: hex('01 01 00000001'), payload: new Uint8Array(20_000) };
    const stream = join(http2.encode(value));
    expect(toHex(stream.slice(0, 9))).toBe(toHex(hex('004000 01 01 00000001')));
    expect(toHex(stream.slice(9 + 16_384, 18 + 16_384))).toBe(toHex(hex('000e20 09 04 00000001')));
    expect(valuesOf(http2, [stream])).toEqual([value]);
  });

  test.each([
    ['a ping between them', `${start} 000000 06 00 00000000`, 11],
    ['a continuation of another stream', `${start} 000001 09 04 00000003 63`, 11],
    ['a continuation of nothing', rest, 0],
  ])('do not allow %s', (_, bytes, byteOffset) => {
    const error = protocolErrorOf(http2, [hex(bytes)], 'open');
    expect(error).toMatchObject({ code: 'ERR_FRAME_MALFORMED', byteOffset });
  });
});

describe('control frames', () => {
  test('pass between fragments, in their order', () => {
    const stream = hex('01 02 6162 02 01 ff 00 01 63');
    expect(valuesOf(withControl, inPieces(stream, 1)).map(({ payload }) => toHex(payload))).toEqual(
      ['ff', '616263'],
    );
    const control = { before: hex('02'), payload: utf8('not split').slice(0, 5) };
    expect(toHex(join(withControl.encode(control)))).toBe('02056e6f742073');
  });
});
