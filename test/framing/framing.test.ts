// Codecs of descriptions: what they are. What is refused: refusals.test.ts.

import { describe, expect, expectTypeOf, test } from 'vitest';
import type { Bytes } from '../../src/codec/byte-types.ts';
import type { FrameCodec, PackingCodec } from '../../src/codec/codec.ts';
import { formats } from '../../src/codec/formats/formats.ts';
import type { Framing, PrefixDescription } from '../../src/codec/formats/framing-types.ts';
import { cobs } from '../../src/codec/delimited/cobs.ts';
import { lines } from '../../src/codec/delimited/lines.ts';
import { contentLength } from '../../src/codec/content-length.ts';
import { lengthPrefixed } from '../../src/codec/length-prefixed.ts';
import { netstrings } from '../../src/codec/netstrings.ts';
import { framing } from '../../src/framing/framing.ts';
import type { AnyFramingCodec, MessagesCodec } from '../../src/framing/codec-types.ts';
import { messages } from '../../src/message/messages.ts';
import { hex, join, toHex, utf8 } from '../support/bytes.ts';
import { unstickErrorOf } from '../support/outcomes.ts';

/** The largest payload of a codec, as it says itself. */
function most(codec: FrameCodec): number {
  const { limit } = unstickErrorOf(() => codec.encode(new Uint8Array(2 ** 21)));
  return Number(limit);
}

function anyDescription(): Framing {
  return { codec: 'netstrings' };
}

describe('framing', () => {
  test('gives the codec of a description, a row and a name', () => {
    const bytes = hex('00000002 6869');
    for (const codec of [
      framing({ codec: 'lengthPrefixed', prefix: 'i32be' }),
      framing(formats.kafka),
      framing('kafka'),
      framing('kafka', { maxPayloadLength: 2 }),
    ]) {
      expect(toHex(join(codec.encode(utf8('hi'))))).toBe(toHex(bytes));
    }
  });

  test('gives every codec that its table has', () => {
    const word = utf8('hi');
    expect(framing({ codec: 'netstrings' }).encode(word)).toEqual(netstrings().encode(word));
    expect(framing({ codec: 'contentLength' }).encode(word)).toEqual(contentLength().encode(word));
    const message = { header: { a: 1 }, body: 'hi' };
    expect(framing({ codec: 'messages', prefix: 'u16be' }).encode(message)).toEqual(
      messages({ prefix: 'u16be' }).encode(message),
    );
    const line = { newline: 'crlf', maxLength: 9 } as const;
    expect(framing({ codec: 'lines', ...line }).encode(word)).toEqual(lines(line).encode(word));
    expect(framing({ codec: 'cobs' }).encode(hex('0100'))).toEqual(cobs().encode(hex('0100')));
    expect(framing({ codec: 'fixedLength', length: 2 }).encode(word)).toEqual([word]);
    const marked = { start: '7e', end: '7e', escape: 'jt808', checksum: 'xor8' } as const;
    expect(toHex(join(framing({ codec: 'delimited', ...marked }).encode(hex('7e7d'))))).toBe(
      '7e 7d02 7d01 03 7e'.replaceAll(' ', ''),
    );
    const parts = { before: hex('0102'), payload: word };
    const spelt = { prefix: 'u8', before: 2, trailer: 'ff', deliver: 'parts' } as const;
    expect(framing({ codec: 'lengthPrefixed', ...spelt }).encode(parts)).toEqual(
      lengthPrefixed(spelt).encode(parts),
    );
  });

  test('takes checksums by name, of any part, in either order', () => {
    const codec = framing({
      codec: 'lengthPrefixed',
      before: '68',
      prefix: 'u8',
      trailer: [{ checksum: 'CRC-16/MODBUS', over: ['payload'], order: 'le' }, '16'],
    });
    expect(toHex(join(codec.encode(utf8('123456789'))))).toBe('6809313233343536373839374b16');
  });

  test('joins the fragments of ONC RPC, and cuts a message into them', () => {
    const codec = framing({
      codec: 'continued',
      frame: { codec: 'lengthPrefixed', prefix: { type: 'u32be', mask: '7fffffff' } },
      mark: { part: 'flags', mask: '80000000', means: 'last' },
      fragmentLength: 2,
    });
    const decoder = codec.decoder();
    decoder.push(hex('00000002 6162 80000001 63 80000000'));
    expect([...decoder].map(({ payload }) => toHex(payload))).toEqual(['616263', '']);
    expect(toHex(join(codec.encode({ payload: utf8('abc') })))).toBe('0000000261628000000163');
    expect(toHex(join(codec.encode({ payload: hex('') })))).toBe('80000000');
  });

  test('joins the packets of TDS by a bit of their status', () => {
    const mark = { part: 'before', at: 1, mask: '01', means: 'last' } as const;
    const codec = framing({ codec: 'continued', frame: formats.tds, mark, fragmentLength: 2 });
    const value = { before: hex('0104'), after: hex('00000000'), payload: utf8('abc') };
    const wire = '0104000a000000006162 01050009 00000000 63';
    expect(toHex(join(codec.encode(value)))).toBe(toHex(hex(wire)));
    const decoder = codec.decoder();
    decoder.push(hex(wire));
    expect(toHex(decoder.take()?.payload ?? hex(''))).toBe('616263');
  });

  test.each(['last', 'more'] as const)(
    'keeps flags above bit 31 where a set bit means %s',
    (means) => {
      const codec = framing({
        codec: 'continued',
        frame: { codec: 'lengthPrefixed', prefix: { type: 'u48be', mask: '0000000fffff' } },
        mark: { part: 'flags', mask: '80000000', means },
        fragmentLength: 1,
      });
      const value = { flags: 0x8000_0010_0000, payload: utf8('ab') };
      const last = means === 'last' ? '8000 8010 0001' : '8000 0010 0001';
      const more = means === 'last' ? '8000 0010 0001' : '8000 8010 0001';
      expect(toHex(join(codec.encode(value)))).toBe(toHex(hex(`${more} 61 ${last} 62`)));
      const decoder = codec.decoder();
      decoder.push(join(codec.encode(value)));
      expect(toHex(decoder.take()?.payload ?? hex(''))).toBe('6162');
    },
  );

  test('takes a checksum of a delimited frame in either order', () => {
    const marked = { codec: 'delimited', start: '7e', end: '7e', escape: 'hdlc' } as const;
    const encoded = (checksum: 'CRC-16/IBM-SDLC' | object): string =>
      toHex(join(framing({ ...marked, checksum } as typeof marked).encode(utf8('hi'))));
    const name = 'CRC-16/IBM-SDLC';
    const [be, le] = [encoded(name), encoded({ checksum: name, order: 'le' })];
    expect(encoded({ checksum: name, order: 'be' })).toBe(be);
    expect(be.slice(6, 10).match(/../g)?.toReversed().join('')).toBe(le.slice(6, 10));
    expect(be).not.toBe(le);
  });

  test('takes an escape map of hex', () => {
    const escape = { escape: '3d', codes: { '28': '15', '29': '14', '3d': '00' } };
    const codec = framing({ codec: 'delimited', start: '28', end: '29', escape });
    expect(toHex(join(codec.encode(utf8('a(=)'))))).toBe('28613d153d003d1429');
  });

  test('takes a list of escape maps, as jt809 is one', () => {
    const escape = [
      { escape: '5a', codes: { '5b': '01', '5a': '02' } },
      { escape: '5e', codes: { '5d': '01', '5e': '02' } },
    ];
    const marked = { codec: 'delimited', start: '5b', end: '5d' } as const;
    const payload = hex('5a5b5c5d5e');
    const wire = toHex(join(framing({ ...marked, escape }).encode(payload)));
    expect(wire).toBe('5b5a025a015c5e015e025d');
    expect(wire).toBe(toHex(join(framing({ ...marked, escape: 'jt809' }).encode(payload))));
  });

  test.each<[PrefixDescription, string]>([
    [{ digits: 4 }, '30303032'],
    [{ hexDigits: 4 }, '30303032'],
    [{ hexDigits: 4, letters: 'upper' }, '30303032'],
    [{ digitsUntil: '3a', leadingZeros: 'ignore' }, '323a'],
    [{ bcd: 2 }, '0002'],
    [{ digitsUntil: '3a' }, '323a'],
    ['berLength', '02'],
    [{ type: 'u16be', mask: '0f ff' }, '0002'],
    [{ type: 'u16le', unit: 2 }, '0100'],
    [{ type: 'u16be', swapIf: { at: 0, mask: '80' } }, '0200'],
  ])('takes the prefix %j', (prefix, head) => {
    const codec = framing({ codec: 'lengthPrefixed', before: '80', prefix, deliver: 'payload' });
    const value: unknown = utf8('hi');
    expect(toHex(join(codec.encode(value as never)))).toBe(`80${head}6869`);
  });

  test('searches behind noise where the description says so', () => {
    const marked = { codec: 'lengthPrefixed', before: 'aa55', prefix: 'u8' } as const;
    const noisy = hex('aa55 01 61 ff aa55 01 62');
    for (const resync of [true, { maxGap: 1 }]) {
      const decoder = framing({ ...marked, resync }).decoder();
      decoder.push(noisy);
      expect(Array.from(decoder, toHex)).toEqual(['61', '62']);
    }
    for (const strict of [
      framing(marked),
      framing({ ...marked, resync: true }, { resync: false }),
    ]) {
      const decoder = strict.decoder();
      decoder.push(noisy);
      expect(() => Array.from(decoder)).toThrow(
        expect.objectContaining({ code: 'ERR_FRAME_MAGIC', byteOffset: 4 }),
      );
    }
  });

  test('takes overrides; one that is undefined leaves the row as it is', () => {
    expect(most(framing('dnsOverTcp'))).toBe(65_535);
    expect(most(framing('minecraft', { maxPayloadLength: 9 }))).toBe(9);
    expect(most(framing('jtt808', { maxPayloadLength: 9 }))).toBe(9);
    expect(most(framing('jtt808', { maxLength: 8 }))).toBe(8);
    expect(() => framing('jtt808', { maxLength: 8, maxPayloadLength: 9 })).toThrow('Give one');
    expect(most(framing('zookeeper', { maxPayloadLength: undefined }))).toBe(1_048_575);
  });

  test('types the codec as the codec itself does', () => {
    interface Typed<B extends Uint8Array = Uint8Array> {
      readonly before: B;
      readonly payload: B;
    }
    expectTypeOf(framing('kafka')).toEqualTypeOf<FrameCodec>();
    expectTypeOf(framing('berTlv')).toEqualTypeOf<FrameCodec>();
    expectTypeOf(framing(formats.amqp091)).toEqualTypeOf<PackingCodec<Typed, Typed<Bytes>>>();
    expectTypeOf(framing('postgres')).toEqualTypeOf<PackingCodec<Typed, Typed<Bytes>>>();
    expectTypeOf(framing('postgres', { maxPayloadLength: 5 })).toEqualTypeOf<
      PackingCodec<Typed, Typed<Bytes>>
    >();
    expectTypeOf(framing('postgres', { deliver: 'payload' })).toEqualTypeOf<FrameCodec>();
    expectTypeOf(framing({ codec: 'netstrings' })).toEqualTypeOf<FrameCodec>();
    expectTypeOf(framing({ codec: 'messages' })).toEqualTypeOf<MessagesCodec>();
    expectTypeOf(framing(anyDescription())).toExtend<AnyFramingCodec>();
    expectTypeOf(
      framing({
        codec: 'lengthPrefixed',
        before: ['23 23', 2],
        trailer: { checksum: 'xor8' },
        deliver: 'parts',
      }),
    ).toEqualTypeOf<PackingCodec<Typed, Typed<Bytes>>>();
    expectTypeOf(
      framing({ codec: 'lengthPrefixed', trailer: [{ checksum: 'sum8' }, '16'] }),
    ).toEqualTypeOf<FrameCodec>();
    // @ts-expect-error an option of another codec
    expect(() => framing('kafka', { bodyLengthKey: 'n' })).toThrow('no option "bodyLengthKey"');
    // @ts-expect-error a name that is none
    expect(() => framing('kafak')).toThrow('Did you mean kafka?');
  });

  test('ignores facts, whatever they say', () => {
    const facts = { source: 'a letter', note: '', known: 'rumour', seen: 'nowhere' };
    expect(() => framing({ codec: 'netstrings', ...facts })).not.toThrow();
  });
});
