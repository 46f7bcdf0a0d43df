// headerPrefixed() with headers of varying length, and with bytes behind the payload.

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { headerPrefixed } from '../../src/codec/header-prefixed.ts';
import type { HeaderedFrame } from '../../src/codec/header-prefixed.ts';
import type { HeaderPrefixedOptions } from '../../src/codec/header-options.ts';
import { assertProven } from '../../src/prove/decoder/report.ts';
import { proveDecoder } from '../../src/prove/decoder/prove-decoder.ts';
import { hex, inPieces, join, toHex, utf8 } from '../support/bytes.ts';
import { atOnce, deliveriesOf, read } from '../support/deliveries.ts';
import { protocolErrorOf, unstickErrorOf, valuesOf } from '../support/outcomes.ts';
import { xorChecksum } from '../support/section-arbitraries.ts';
import { runs } from '../support/seed.ts';

interface WebSocketHeader {
  readonly opcode: number;
  readonly length: number;
}

const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** The header of an unmasked frame of WebSocket: 2, 4 or 10 bytes. (RFC 6455, 5.2) */
const webSocketOptions: HeaderPrefixedOptions<WebSocketHeader> = {
  headerLength(bytes) {
    const second = bytes[1];
    return second === undefined ? undefined : second < 126 ? 2 : second === 126 ? 4 : 10;
  },
  header: {
    parse(bytes) {
      const view = viewOf(bytes);
      const opcode = view.getUint8(0) & 15;
      const short = view.getUint8(1);
      if (short > 127) {
        throw new RangeError('masked');
      }
      const length =
        short < 126 ? short : short === 126 ? view.getUint16(2) : Number(view.getBigUint64(2));
      return { opcode, length };
    },
  },
  payloadLength: ({ length }) => length,
  write({ opcode }, length) {
    const bytes = new Uint8Array(length < 126 ? 2 : length < 65_536 ? 4 : 10);
    const view = viewOf(bytes);
    view.setUint8(0, 0x80 | opcode);
    view.setUint8(1, length < 126 ? length : length < 65_536 ? 126 : 127);
    if (bytes.length === 4) {
      view.setUint16(2, length);
    } else if (bytes.length === 10) {
      view.setBigUint64(2, BigInt(length));
    }
    return bytes;
  },
};

const webSocket = headerPrefixed(webSocketOptions);
const value = (payload: Uint8Array): HeaderedFrame<WebSocketHeader> => ({
  header: { opcode: 2, length: payload.length },
  payload,
});

describe('a header of varying length', () => {
  test.each([
    [5, '8205'],
    [126, '827e007e'],
    [65_536, '827f0000000000010000'],
  ])('is written and read for %d bytes', (length, head) => {
    const stream = join(webSocket.encode(value(new Uint8Array(length).fill(7))));
    expect(toHex(stream.slice(0, stream.length - length))).toBe(head);
    for (const size of [1, 4096]) {
      expect(valuesOf(webSocket, inPieces(stream, Math.max(size, length / 50)))).toEqual([
        value(new Uint8Array(length).fill(7)),
      ]);
    }
  });

  test('says the same however the stream is cut', () => {
    const pieces = fc.oneof(
      fc.uint8Array({ maxLength: 10 }),
      fc
        .integer({ min: 0, max: 200 })
        .map((length) => join(webSocket.encode(value(new Uint8Array(length))))),
      fc.constantFrom('82ff', '827f', '827f0020000000000000').map(hex),
    );
    const cases = fc.array(pieces, { maxLength: 5 }).chain((list) =>
      fc.record({
        stream: fc.constant(join(list)),
        delivery: deliveriesOf(join(list)),
        skips: fc.boolean(),
      }),
    );
    fc.assert(
      fc.property(cases, ({ stream, delivery, skips }) => {
        const whole = read(webSocket, { ...atOnce(stream), ended: delivery.ended }, skips);
        expect(read(webSocket, delivery, skips)).toEqual(whole);
      }),
      runs(500),
    );
  });

  test('is proven', async () => {
    const values = fc.uint8Array({ maxLength: 130 }).map(value);
    const report = await proveDecoder(webSocket, {
      values,
      frameOf: (length) => join(webSocket.encode(value(new Uint8Array(length)))),
      seed: 20_261_129,
    });
    expect(() => assertProven(report)).not.toThrow();
  });

  test('is truncated inside, and refused above its limit', () => {
    expect(protocolErrorOf(webSocket, [hex('827e')]).code).toBe('ERR_FRAME_TRUNCATED');
    const short = headerPrefixed({ ...webSocketOptions, maxHeaderLength: 4 });
    const error = protocolErrorOf(short, [hex('8200 827f')], 'open');
    expect(error).toMatchObject({ code: 'ERR_PREFIX_MALFORMED', byteOffset: 2, frameIndex: 1 });
    expect(error.message).toContain('a header of 10 bytes exceeds maxHeaderLength 4');
    const endless = headerPrefixed({
      ...webSocketOptions,
      maxHeaderLength: 4,
      headerLength: () => undefined,
    });
    expect(protocolErrorOf(endless, [hex('00000000')], 'open').code).toBe('ERR_PREFIX_MALFORMED');
    expect(unstickErrorOf(() => short.encode(value(new Uint8Array(65_536)))).code).toBe(
      'ERR_FRAME_UNENCODABLE',
    );
  });

  test.each([0, -1, 1.5, NaN, '2', null])('of %j bytes is a bug of headerLength', (length) => {
    const codec = headerPrefixed({
      ...webSocketOptions,
      write: undefined,
      headerLength: () => length as number,
    });
    const decoder = codec.decoder();
    decoder.push(hex('8200'));
    expect(unstickErrorOf(() => decoder.take()).code).toBe('ERR_OPTION');
  });

  test('may be refused by headerLength, at the byte that it refuses', () => {
    const refusing: HeaderPrefixedOptions<WebSocketHeader> = {
      ...webSocketOptions,
      headerLength(bytes) {
        if (bytes[0] !== undefined && bytes[0] < 128) {
          throw new RangeError('not final');
        }
        return typeof webSocketOptions.headerLength === 'function'
          ? webSocketOptions.headerLength(bytes)
          : undefined;
      },
    };
    const codec = headerPrefixed(refusing);
    for (const size of [1, 9]) {
      const error = protocolErrorOf(codec, inPieces(hex('8200 0200ffff'), size), 'open');
      expect(error).toMatchObject({ code: 'ERR_PREFIX_MALFORMED', byteOffset: 2 });
    }
  });

  test.each<[string, Partial<HeaderPrefixedOptions<WebSocketHeader>>]>([
    ['a write that is too short', { write: () => hex('82') }],
    ['a write that is too long', { write: () => hex('820000') }],
    ['a limit of 0', { maxHeaderLength: 0 }],
    ['a limit for a fixed length', { headerLength: 2, maxHeaderLength: 9, write: undefined }],
    ['no length', { headerLength: '2' as never }],
  ])('is refused when the codec is made: %s', (_, options) => {
    expect(unstickErrorOf(() => headerPrefixed({ ...webSocketOptions, ...options })).code).toBe(
      'ERR_OPTION',
    );
  });
});

describe('bytes behind the payload', () => {
  const options = {
    header: { parse: ([kind = 0, length = 0]: Uint8Array) => ({ kind, length }) },
    headerLength: 2,
    payloadLength: ({ length }: { readonly length: number }) => length,
    write: ({ kind }: { readonly kind: number }, length: number) => Uint8Array.of(kind, length),
  };
  const header = { kind: 9, length: 2 };
  const payload = utf8('hi');

  test('may be fixed', () => {
    const codec = headerPrefixed({ ...options, trailer: '0d 0a' });
    expect(toHex(join(codec.encode({ header, payload })))).toBe('090268690d0a');
    expect(valuesOf(codec, [hex('090268690d0a')])).toEqual([{ header, payload }]);
    const error = protocolErrorOf(codec, [hex('090268690d0b')]);
    expect(error).toMatchObject({ code: 'ERR_FRAME_MAGIC', reason: 'trailer' });
  });

  test("may be the caller's", () => {
    const codec = headerPrefixed({ ...options, trailer: 2 });
    const whole = { header, payload, trailer: hex('a1a2') };
    expect(toHex(join(codec.encode(whole)))).toBe('09026869a1a2');
    expect(valuesOf(codec, inPieces(hex('09026869a1a2'), 1))).toEqual([whole]);
    expect(unstickErrorOf(() => codec.encode({ header, payload })).code).toBe(
      'ERR_FRAME_UNENCODABLE',
    );
  });

  test('may be a checksum of header and payload, and a frame that fails it can be skipped', () => {
    const codec = headerPrefixed({ ...options, trailer: xorChecksum });
    const good = join(codec.encode({ header, payload }));
    expect(toHex(good)).toBe('0902686950');
    const codes: string[] = [];
    const stream = join([good, hex('0902686951'), good]);
    const onSkip = ({ code, byteOffset }: { code: string; byteOffset: number }): void => {
      codes.push(`${code} ${byteOffset}`);
    };
    expect(valuesOf(codec, inPieces(stream, 2), { onSkip })).toHaveLength(2);
    expect(codes).toEqual(['ERR_FRAME_CHECKSUM 5']);
    expect(protocolErrorOf(codec, [stream])).toMatchObject({
      code: 'ERR_FRAME_CHECKSUM',
      byteOffset: 5,
    });
  });

  test('may be all of these, behind a header of varying length', () => {
    const codec = headerPrefixed({ ...webSocketOptions, trailer: [1, xorChecksum, '0a'] });
    const whole = { ...value(payload), trailer: hex('ff') };
    const stream = join(codec.encode(whole));
    expect(toHex(stream.slice(0, 5))).toBe('82026869ff');
    expect(valuesOf(codec, inPieces(stream, 1))).toEqual([whole]);
    expect(codec.encodedLength(whole)).toBe(stream.length);
  });
});
