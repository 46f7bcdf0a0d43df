// delimited() by example: the protocols that it is for, limits, faults, and options that are refused.

import { describe, expect, expectTypeOf, test } from 'vitest';
import type { FrameCodec } from '../../src/codec/codec.ts';
import { CRC_16_IBM_SDLC } from '../../src/codec/crc-presets.ts';
import { delimited } from '../../src/codec/delimited/delimited.ts';
import { dle, hdlc, jt808, jt809, slip } from '../../src/codec/delimited/escapes.ts';
import type { DelimitedOptions } from '../../src/codec/delimited/layout.ts';
import type { Checksum } from '../../src/codec/sections.ts';
import { hex, inPieces, join, toHex, utf8 } from '../support/bytes.ts';
import { xor8 } from '../support/delimited-arbitraries.ts';
import { protocolErrorOf, unstickErrorOf, valuesOf } from '../support/outcomes.ts';

const sevenE = { start: '7e', end: '7e' };

interface Vector {
  readonly name: string;
  readonly options: DelimitedOptions;
  readonly payload: string;
  readonly frame: string;
}

const VECTORS: readonly Vector[] = [
  {
    name: 'SLIP (RFC 1055)',
    options: { end: 'c0', escape: slip },
    payload: '01 c0 02 db 03',
    frame: '01 db dc 02 db dd 03 c0',
  },
  {
    name: 'the flag and the escape of HDLC (RFC 1662, 4.2)',
    options: { ...sevenE, escape: hdlc },
    payload: '7e 7d 03',
    frame: '7e 7d 5e 7d 5d 03 7e',
  },
  {
    name: 'HDLC with the check value of its frame check sequence',
    options: { ...sevenE, escape: hdlc, checksum: { checksum: CRC_16_IBM_SDLC, order: 'le' } },
    payload: '31 32 33 34 35 36 37 38 39',
    frame: '7e 31 32 33 34 35 36 37 38 39 6e 90 7e',
  },
  {
    name: 'the example of JT/T 808, 4.4.2',
    options: { ...sevenE, escape: jt808 },
    payload: '30 7e 08 7d 55',
    frame: '7e 30 7d 02 08 7d 01 55 7e',
  },
  {
    name: 'JT/T 808 with its checksum',
    options: { ...sevenE, escape: jt808, checksum: xor8 },
    payload: '30 7e 08 7d 55',
    frame: '7e 30 7d 02 08 7d 01 55 6e 7e',
  },
  {
    name: 'a checksum that is escaped itself',
    options: { ...sevenE, escape: jt808, checksum: xor8 },
    payload: '7e',
    frame: '7e 7d 02 7d 02 7e',
  },
  {
    name: 'JT/T 809, with two escape bytes',
    options: { start: '5b', end: '5d', escape: jt809 },
    payload: '5b 5a 5d 5e 00',
    frame: '5b 5a 01 5a 02 5e 01 5e 02 00 5d',
  },
  {
    name: 'HL7 over MLLP',
    options: { start: '0b', end: '1c 0d' },
    payload: '4d 53 48 7c 0d 1c',
    frame: '0b 4d 53 48 7c 0d 1c 1c 0d',
  },
  {
    name: 'STX and ETX',
    options: { start: '02', end: '03' },
    payload: '02 41',
    frame: '02 02 41 03',
  },
  {
    name: 'DLE STX … DLE ETX',
    options: { start: '10 02', end: '10 03', escape: dle },
    payload: '10 03 10 10 02',
    frame: '10 02 10 10 03 10 10 10 10 02 10 03',
  },
  { name: 'a NUL behind each string', options: { end: '00' }, payload: '68 69', frame: '68 69 00' },
];

describe.each(VECTORS)('$name', ({ options, payload, frame }) => {
  const codec = delimited(options);

  test('is written and read, cut anywhere', () => {
    const stream = hex(`${frame} ${frame}`);
    expect(toHex(join(codec.encode(hex(payload))))).toBe(toHex(hex(frame)));
    for (const chunks of [[stream], inPieces(stream, 1), inPieces(stream, 3)]) {
      expect(valuesOf(codec, chunks).map(toHex)).toEqual(
        [payload, payload].map((p) => toHex(hex(p))),
      );
    }
  });

  test('is read whole with strip: false, and written again', () => {
    const whole = delimited({ ...options, strip: false });
    const values = valuesOf(whole, inPieces(hex(`${frame} ${frame}`), 2));
    expect(values.map(toHex)).toEqual([frame, frame].map((f) => toHex(hex(f))));
    expect(values.map((value) => toHex(join(whole.encode(value))))).toEqual(values.map(toHex));
  });
});

describe('markers', () => {
  test('that overlap themselves end a frame at the first place', () => {
    const codec = delimited({ end: '0d 0a 0d' });
    const stream = hex('61 0d 0a 0d 0a 0d 0d 0a 0d');
    for (const chunks of [[stream], inPieces(stream, 1)]) {
      expect(valuesOf(codec, chunks).map(toHex)).toEqual(['61', '0a0d']);
    }
  });

  test('that overlap themselves are refused where a value and its end would be read otherwise', () => {
    const codec = delimited({ end: '0d 0a 0d' });
    const error = unstickErrorOf(() => codec.encode(hex('61 0d 0a')));
    expect(error).toMatchObject({ code: 'ERR_FRAME_UNENCODABLE', length: 3 });
    expect(error.message).toMatch(/look like another end/);
    expect(unstickErrorOf(() => codec.encode(hex('0d 0a 0d 61'))).message).toMatch(/holds the end/);
  });

  const flags = delimited({ ...sevenE, escape: hdlc });

  test.each([
    ['each frame has its own', '7e 61 7e 7e 62 7e', ['61', '62']],
    ['two frames share one', '7e 61 7e 62 7e', ['61', '62']],
    ['idle time is filled with them', '7e 7e 7e 61 7e 7e 7e 7e 62 7e 7e', ['61', '62']],
    ['nothing else comes', '7e', []],
    ['an escape stands at the end', '7e 61 7e', ['61']],
  ])('that are the same at both ends: %s', (_, stream, values) => {
    for (const chunks of [[hex(stream)], inPieces(hex(stream), 1)]) {
      expect(valuesOf(flags, chunks).map(toHex)).toEqual(values);
    }
  });

  test('that are the same at both ends are both in a whole frame, also when shared', () => {
    const whole = delimited({ ...sevenE, strip: false });
    expect(valuesOf(whole, [hex('7e 61 7e 62 7e')]).map(toHex)).toEqual(['7e617e', '7e627e']);
  });

  test('in front of a frame are given back with it', () => {
    const decoder = flags.decoder();
    decoder.push(hex('7e 61 7e 7e 62'));
    expect(decoder.take()).toEqual(hex('61'));
    expect(decoder.take()).toBeUndefined();
    expect(decoder.atBoundary).toBe(false);
    const rest = join(decoder.takeRest());
    expect(toHex(rest)).toBe('7e62');
    expect(valuesOf(flags, [rest, hex('7e')]).map(toHex)).toEqual(['62']);
  });

  test('alone are no begun frame', () => {
    const decoder = flags.decoder();
    decoder.push(hex('7e 61 7e 7e'));
    expect([...decoder].map(toHex)).toEqual(['61']);
    expect(decoder).toMatchObject({ atBoundary: true, bufferedLength: 1 });
  });

  test('that do not begin a frame are refused at their first wrong byte', () => {
    const codec = delimited({ start: '40 40', end: '0d 0a' });
    const error = protocolErrorOf(codec, [hex('4040 61 0d0a 40 47')], 'open');
    expect(error).toMatchObject({
      code: 'ERR_FRAME_MAGIC',
      byteOffset: 5,
      frameIndex: 1,
      reason: 'start',
    });
    expect(protocolErrorOf(flags, [utf8('GET / HTTP/1.1')], 'open').hint).toContain('HTTP');
  });

  test('with nothing between them are values, unless skipEmpty', () => {
    const stream = hex('c0 61 c0 c0 c0');
    expect(valuesOf(delimited({ end: 'c0' }), [stream]).map(toHex)).toEqual(['', '61', '', '']);
    const rfc1055 = delimited({ end: 'c0', escape: slip, skipEmpty: true });
    expect(valuesOf(rfc1055, [stream]).map(toHex)).toEqual(['61']);
    expect(unstickErrorOf(() => rfc1055.encode(new Uint8Array(0))).message).toMatch(/empty/);
  });
});

describe('a frame that is too long', () => {
  test.each([
    ['a marker of one byte', { end: '0a' }, '61*9', 6],
    ['a marker of two, and the last byte may begin it', { end: '0d 0a' }, '61*5 + 0d*2', 7],
    ['a marker of two, and the last byte may not', { end: '0d 0a' }, '61*6', 6],
    ['its plain length counts', { end: '7e', escape: jt808 }, '7d01*6', 12],
    ['the checksum does not count', { end: '7e', checksum: xor8 }, '61*9', 7],
  ])('is refused as soon as that is sure: %s', (_, options, bytes, needed) => {
    const codec = delimited({ ...options, maxLength: 5 });
    const decoder = codec.decoder();
    const stream = hex(bytes);
    for (let i = 0; i < needed - 1; i++) {
      decoder.push(stream.subarray(i, i + 1));
      expect(decoder.take()).toBeUndefined();
      expect(decoder.bufferedLength).toBe(i + 1);
    }
    decoder.push(stream.subarray(needed - 1, needed));
    expect(() => decoder.take()).toThrow(
      expect.objectContaining({ code: 'ERR_FRAME_TOO_LARGE', length: 6, limit: 5, byteOffset: 0 }),
    );
  });

  test('in escaped but not in plain form is accepted', () => {
    const codec = delimited({ ...sevenE, escape: jt808, maxLength: 5 });
    const frame = join(codec.encode(hex('7d*5')));
    expect(frame).toHaveLength(12);
    expect(valuesOf(codec, inPieces(frame, 1)).map(toHex)).toEqual(['7d7d7d7d7d']);
  });

  test('is skipped up to its end marker where somebody listens, and is not held meanwhile', () => {
    const codec = delimited({ end: '0d 0a', maxLength: 3 });
    const skipped: unknown[] = [];
    const decoder = codec.decoder({
      onSkip: ({ code, byteOffset, frameIndex }) => skipped.push([code, byteOffset, frameIndex]),
    });
    decoder.push(hex('610d0a'));
    for (let i = 0; i < 1000; i++) {
      decoder.push(hex('62*1000 + 0d'));
      expect([...decoder]).toHaveLength(i === 0 ? 1 : 0);
      expect(decoder.bufferedLength).toBe(0);
    }
    expect(unstickErrorOf(() => decoder.takeRest()).code).toBe('ERR_SKIP_UNFINISHED');
    expect(decoder.atBoundary).toBe(false);
    decoder.push(hex('0a 63 0d0a'));
    decoder.end();
    expect([...decoder].map(toHex)).toEqual(['63']);
    expect(skipped).toEqual([['ERR_FRAME_TOO_LARGE', 3, 1]]);
    expect(decoder.done).toBe(true);
  });

  test('is HTTP where it looks like that', () => {
    const codec = delimited({ end: '7e', maxLength: 10 });
    expect(protocolErrorOf(codec, [utf8('GET / HTTP/1.1\r\n')]).hint).toContain('HTTP');
  });
});

describe('escape sequences', () => {
  const codec = delimited({ ...sevenE, escape: jt808 });

  test.each([
    ['no code', '7e 61 7d 62 63 7e', 'unknown', 3],
    ['a code of another map', '7e 7d 5e 7e', 'unknown', 2],
    ['the end', '7e 61 7d 7e', 'unfinished', 3],
  ])('with %s behind the escape byte are refused', (_, stream, reason, at) => {
    const bytes = hex(`7e 41 7e ${stream}`);
    for (const chunks of [[bytes], inPieces(bytes, 1)]) {
      const error = protocolErrorOf(codec, chunks);
      expect(error).toMatchObject({
        code: 'ERR_FRAME_ESCAPE',
        reason,
        byteOffset: 3,
        frameIndex: 1,
      });
      expect(error.message).toContain(`at byte ${at} of the frame`);
    }
  });

  test('that are wrong cost their frame alone where somebody listens', () => {
    const skipped: unknown[] = [];
    const values = valuesOf(codec, inPieces(hex('7e 61 7d 62 7d 7e 63 7e 7e 7d 7e 7e 64 7e'), 1), {
      onSkip: ({ reason, frameIndex }) => skipped.push([reason, frameIndex]),
    });
    expect(values.map(toHex)).toEqual(['63', '64']);
    expect(skipped).toEqual([
      ['unknown', 0],
      ['unfinished', 2],
    ]);
  });

  test('of HDLC may stand for any byte but the flag', () => {
    const ppp = delimited({ ...sevenE, escape: hdlc });
    const stream = hex('7e 7d 23 7d 31 7d 33 7d 5d 7e');
    expect(valuesOf(ppp, [stream]).map(toHex)).toEqual(['0311137d']);
    expect(protocolErrorOf(ppp, [hex('7e 61 7d 7e')]).reason).toBe('unfinished');
  });

  test('at the end of the input are a truncation', () => {
    const error = protocolErrorOf(codec, [hex('7e 61 7d')]);
    expect(error).toMatchObject({ code: 'ERR_FRAME_TRUNCATED', received: 3 });
  });
});

describe('a checksum', () => {
  const codec = delimited({ ...sevenE, escape: jt808, checksum: xor8 });

  test('that is wrong is told with the length of what it covers, and itself', () => {
    const facts = { code: 'ERR_FRAME_CHECKSUM', length: 3, byteOffset: 0 };
    expect(protocolErrorOf(codec, [hex('7e 61 62 04 7e')])).toMatchObject(facts);
  });

  test('that is longer than the frame is told', () => {
    const checksum: Checksum = { length: 2, compute: () => new Uint8Array(2) };
    const error = protocolErrorOf(delimited({ ...sevenE, checksum }), [hex('7e 01 7e')]);
    expect(error).toMatchObject({ code: 'ERR_FRAME_CHECKSUM', length: 1 });
    expect(error.message).toMatch(/shorter than its checksum/);
  });

  test('that is wrong costs its frame alone where somebody listens', () => {
    const skipped: string[] = [];
    const values = valuesOf(codec, inPieces(hex('7e 61 62 7e 61 61 7e'), 2), {
      onSkip: (error) => skipped.push(error.code),
    });
    expect(values.map(toHex)).toEqual(['61']);
    expect(skipped).toEqual(['ERR_FRAME_CHECKSUM']);
  });

  test.each([
    [
      'throws',
      () => {
        throw new Error('no');
      },
    ],
    ['gives another length', () => new Uint8Array(2)],
  ])('that %s is a bug of the caller, for ever', (_, compute) => {
    const broken = delimited({ end: '0a', checksum: { length: 1, compute } });
    const decoder = broken.decoder();
    decoder.push(hex('61 61 0a 62 62 0a'));
    for (let i = 0; i < 2; i++) {
      expect(unstickErrorOf(() => decoder.take()).code).toBe('ERR_OPTION');
    }
    expect(unstickErrorOf(() => broken.encode(hex('61'))).code).toBe('ERR_OPTION');
  });
});

describe('delimited()', () => {
  test('is a codec of byte frames that no caller can change', () => {
    expectTypeOf(delimited({ end: '0a' })).toEqualTypeOf<FrameCodec>();
    const end = hex('0a');
    const codec = delimited({ end });
    end[0] = 0x62;
    join(codec.encode(new Uint8Array(2000)));
    const [, , written] = delimited({ start: '02', end: '03' }).encode(new Uint8Array(2000));
    written?.fill(9);
    expect(Object.isFrozen(codec)).toBe(true);
    expect(valuesOf(codec, [hex('62 0a')]).map(toHex)).toEqual(['62']);
    expect(toHex(codec.encode(new Uint8Array(2000)).at(-1) ?? end)).toBe('0a');
  });

  test('passes a large payload by reference', () => {
    const payload = new Uint8Array(2000);
    expect(delimited({ start: '02', end: '03' }).encode(payload)[1]).toBe(payload);
  });

  test('does not encode what it would not decode', () => {
    const codec = delimited({ end: '0a', maxLength: 3 });
    for (const value of [hex('61*4'), hex('61 0a'), 'a', undefined]) {
      expect(unstickErrorOf(() => codec.encode(value as Uint8Array)).code).toBe(
        'ERR_FRAME_UNENCODABLE',
      );
    }
    const whole = delimited({ ...sevenE, escape: jt808, checksum: xor8, strip: false });
    for (const value of [
      '7e 61 61',
      '7e 61 62 7e',
      '61 61 7e',
      '7e 7e',
      '7e 61 61 7e 7e 61 61 7e',
      '',
    ]) {
      expect(unstickErrorOf(() => whole.encode(hex(value))).code).toBe('ERR_FRAME_UNENCODABLE');
    }
  });
});
