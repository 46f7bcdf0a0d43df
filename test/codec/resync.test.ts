// resync(): how it reports noise, when it gives up, and that noise costs little time.

import { describe, expect, test } from 'vitest';
import { CRC_16_MODBUS } from '../../src/codec/crc-presets.ts';
import { lengthPrefixed } from '../../src/codec/length-prefixed.ts';
import { resync } from '../../src/codec/resync.ts';
import type { ProtocolError } from '../../src/errors.ts';
import { hex, inPieces, join, toHex, utf8 } from '../support/bytes.ts';
import { unstickErrorOf } from '../support/outcomes.ts';

const options = { before: '23 23', prefix: 'u8' } as const;
const codec = lengthPrefixed({ ...options, resync: resync() });
const summed = lengthPrefixed({ ...options, trailer: CRC_16_MODBUS, resync: resync() });
const frame = hex('2323 02 6869');

interface Heard {
  readonly events: unknown[];
  readonly decoder: ReturnType<typeof codec.decoder>;
  readonly hear: (bytes: Uint8Array) => void;
}

/** A decoder, and the values and gaps in their order. */
function listening(from: typeof codec = codec): Heard {
  const events: unknown[] = [];
  const onSkip = ({ code, byteOffset, frameIndex, length, reason }: ProtocolError): void => {
    events.push({ code, byteOffset, frameIndex, length, reason });
  };
  const decoder = from.decoder({ onSkip });
  const hear = (bytes: Uint8Array): void => {
    decoder.push(bytes);
    for (const value of decoder) {
      events.push(toHex(value));
    }
  };
  return { events, decoder, hear };
}

const noise = (byteOffset: number, length: number, frameIndex: number, reason: string): object => ({
  code: 'ERR_NOISE',
  byteOffset,
  frameIndex,
  length,
  reason,
});

describe('a gap', () => {
  test.each([1, 3, 100])('is reported once, in order with the values, in chunks of %i', (size) => {
    const { events, hear, decoder } = listening();
    for (const chunk of inPieces(join([frame, hex('ff 23 00'), frame, frame, hex('ee')]), size)) {
      hear(chunk);
    }
    const [value, first] = ['6869', noise(5, 3, 1, 'ERR_FRAME_MAGIC')];
    expect(events).toEqual([value, first, value, value]);
    decoder.end();
    expect(decoder.done).toBe(false);
    hear(new Uint8Array(0));
    expect(events.slice(4)).toEqual([noise(18, 1, 3, 'ERR_FRAME_MAGIC')]);
    expect(decoder.done).toBe(true);
  });

  test('says what was wrong with its first bytes, also where they are a frame but for one byte', () => {
    const small = lengthPrefixed({ ...options, maxPayloadLength: 9, resync: resync() });
    const damaged = join(summed.encode(utf8('hi'))).with(3, 0x48);
    const cases: [typeof codec, Uint8Array, string, number][] = [
      [small, hex('2323 ff'), 'ERR_FRAME_TOO_LARGE', 3],
      [summed, damaged, 'ERR_FRAME_CHECKSUM', 7],
      [codec, hex('2324'), 'ERR_FRAME_MAGIC', 2],
    ];
    for (const [from, bytes, reason, length] of cases) {
      const { events, hear } = listening(from);
      hear(join([bytes, ...from.encode(utf8('hi'))]));
      expect(events).toEqual([noise(0, length, 0, reason), '6869']);
    }
  });

  test('does not hide a frame that begins inside a false one', () => {
    const { events, hear } = listening(summed);
    // The false frame claims the 7 bytes of the true one, and 2 more as its checksum.
    hear(join([hex('2323 07'), ...summed.encode(utf8('hi')), hex('0000')]));
    expect(events).toEqual([noise(0, 3, 0, 'ERR_FRAME_CHECKSUM'), '6869']);
  });

  test('is over where the input ends, and a frame cut off there is truncated', () => {
    const { events, hear, decoder } = listening(summed);
    hear(hex('ff 2323 05 6869'));
    expect(events).toEqual([]);
    decoder.end();
    expect(() => hear(new Uint8Array(0))).toThrow(
      expect.objectContaining({ code: 'ERR_FRAME_TRUNCATED', byteOffset: 1, received: 5 }),
    );
    expect(events).toEqual([noise(0, 1, 0, 'ERR_FRAME_MAGIC')]);
    expect(() => decoder.take()).toThrow(/truncated|ended/);
  });

  test('does not hold up the frames in it when the end cuts off a false one with a checksum', () => {
    const { events, hear, decoder } = listening(summed);
    hear(join([hex('2323 ff'), ...summed.encode(utf8('hi'))]));
    expect(events).toEqual([]);
    decoder.end();
    hear(new Uint8Array(0));
    expect(events).toEqual([noise(0, 3, 0, 'ERR_FRAME_TRUNCATED'), '6869']);
    expect(decoder.done).toBe(true);
  });

  test('goes to onNoise if there is one, and is no error without both', () => {
    const seen: string[] = [];
    const onNoise = ({ code }: ProtocolError): void => void seen.push(code);
    const onSkip = (): void => void seen.push('skip');
    const decoder = codec.decoder({ onNoise, onSkip });
    decoder.push(join([hex('ff'), frame]));
    expect(toHex(decoder.take() ?? hex(''))).toBe('6869');
    expect(seen).toEqual(['ERR_NOISE']);
    const silent = codec.decoder();
    silent.push(join([hex('ff'), frame]));
    expect([...silent].map(toHex)).toEqual(['6869']);
  });

  test('is reported once also where onSkip throws, and the frame behind it is not lost', () => {
    let calls = 0;
    const decoder = codec.decoder({
      onSkip: () => {
        calls++;
        throw new RangeError('mine');
      },
    });
    decoder.push(join([hex('ff'), frame, hex('ff')]));
    expect(() => decoder.take()).toThrow(RangeError);
    expect(toHex(decoder.take() ?? hex(''))).toBe('6869');
    decoder.end();
    expect(() => decoder.take()).toThrow(RangeError);
    expect(decoder.take()).toBeUndefined();
    expect([calls, decoder.done]).toEqual([2, true]);
  });
});

describe('noise', () => {
  const fatal: [string, Uint8Array, RegExp][] = [
    ['HTTP', utf8('GET / HTTP/1.1'), /is the remote speaking HTTP/],
    ['TLS', hex('160301 02000100'), /is the remote speaking TLS/],
    ['SSH', utf8('SSH-2.0-x'), /is the remote speaking SSH/],
  ];

  test.each(fatal)('that is %s is fatal before the first frame', (_, bytes, hint) => {
    for (const size of [1, 100]) {
      const { events, hear } = listening();
      const error = unstickErrorOf(() => inPieces(bytes, size).forEach(hear));
      expect(error).toMatchObject({ code: 'ERR_NOISE', byteOffset: 0, length: 4 });
      expect(error.hint).toMatch(hint);
      expect(events).toEqual([]);
    }
  });

  test.each(fatal)('that is %s is noise behind a frame', (_, bytes) => {
    const { events, hear } = listening();
    hear(join([frame, bytes, frame]));
    expect(events).toEqual(['6869', noise(5, bytes.length, 1, 'ERR_FRAME_MAGIC'), '6869']);
  });

  test('of more than maxGap bytes is fatal at the first byte too many', () => {
    const strict = lengthPrefixed({ ...options, resync: resync({ maxGap: 10 }) });
    for (const size of [1, 4, 100]) {
      const { events, hear } = listening(strict);
      inPieces(join([frame, new Uint8Array(10), frame]), size).forEach(hear);
      expect(events).toEqual(['6869', noise(5, 10, 1, 'ERR_FRAME_MAGIC'), '6869']);
      const error = unstickErrorOf(() => inPieces(new Uint8Array(11), size).forEach(hear));
      expect(error).toMatchObject({ code: 'ERR_NOISE', byteOffset: 20, length: 11, limit: 10 });
      expect(events).toHaveLength(3);
    }
  });

  test('is dropped as it comes, and what is left begins with the candidate', () => {
    const { events, hear, decoder } = listening();
    hear(join([frame, new Uint8Array(50_000), hex('23')]));
    expect([decoder.bufferedLength, decoder.atBoundary]).toEqual([1, false]);
    hear(hex('23 05 aa'));
    expect(decoder.takeRest().map(toHex).join('')).toBe('232305aa');
    expect(events).toEqual(['6869', noise(5, 50_000, 1, 'ERR_FRAME_MAGIC')]);
  });

  test('leaves the decoder at a boundary, so that a remote that rests is not one that stalls', () => {
    const { hear, decoder } = listening();
    hear(hex('ff ff'));
    expect([decoder.atBoundary, decoder.bufferedLength]).toEqual([true, 0]);
  });

  test('full of markers costs each byte at most maxTries checksums', () => {
    let summedBytes = 0;
    const counting = {
      length: 1,
      compute: (bytes: Uint8Array) => {
        summedBytes += bytes.length;
        return Uint8Array.of(0xaa);
      },
    };
    const maxTries = 5;
    const search = resync({ maxTries, maxGap: 1_000_000 });
    const evil = lengthPrefixed({
      before: '01',
      prefix: 'u16be',
      trailer: counting,
      resync: search,
    });
    // Each byte is a marker with a length of 257 behind it, and no checksum is right.
    const stream = new Uint8Array(20_000).fill(1);
    const decoder = evil.decoder();
    decoder.push(stream);
    expect(decoder.take()).toBeUndefined();
    expect(summedBytes).toBeGreaterThan((maxTries - 1) * (stream.length - 300));
    expect(summedBytes).toBeLessThanOrEqual(maxTries * stream.length);
  });

  test('does not cost frames of up to 64 bytes their tries', () => {
    const { events, hear } = listening(
      lengthPrefixed({
        before: '01',
        prefix: 'u8',
        trailer: CRC_16_MODBUS,
        resync: resync({ maxTries: 1 }),
      }),
    );
    // 40 false frames of 4 bytes, and 2 of 40 that reach over the true one.
    const evil = join([new Uint8Array(40).fill(1), hex('0124 0124')]);
    hear(
      join([evil, hex('01 02 6869'), CRC_16_MODBUS.compute(hex('01 02 6869')), new Uint8Array(60)]),
    );
    expect(events).toEqual([noise(0, 44, 0, 'ERR_FRAME_CHECKSUM'), '6869']);
  });
});

describe('giveUp', () => {
  test('skips a frame that stalls, and what is buffered behind its first byte is read', () => {
    const { events, hear, decoder } = listening();
    hear(join([hex('2323 ff'), frame, hex('23')]));
    expect(decoder.giveUp?.()).toBe(true);
    hear(new Uint8Array(0));
    expect(events).toEqual([noise(0, 3, 0, 'ERR_FRAME_STALLED'), '6869']);
    hear(hex('23 00'));
    expect(events.slice(2)).toEqual(['']);
  });

  test('does nothing where no frame was begun, and is absent without resync', () => {
    const { decoder, hear } = listening();
    expect(decoder.giveUp?.()).toBe(false);
    hear(frame);
    expect(decoder.giveUp?.()).toBe(false);
    decoder.takeRest();
    expect(decoder.giveUp?.()).toBe(false);
    expect(lengthPrefixed(options).decoder().giveUp).toBeUndefined();
  });
});

describe('resync', () => {
  test.each([
    ['a gap of no bytes', () => resync({ maxGap: 0 }), /maxGap must be/],
    ['a try that is half', () => resync({ maxTries: 0.5 }), /maxTries must be/],
    ['a misspelt limit', () => resync({ maxgap: 1 } as object), /no option "maxgap"/],
    [
      'a flag in its place',
      () => lengthPrefixed({ ...options, resync: true as never }),
      /resync\(\)/,
    ],
    ['no fixed bytes', () => lengthPrefixed({ resync: resync() }), /fixed bytes at the front/],
    [
      'own bytes in front of the fixed ones',
      () => lengthPrefixed({ before: [1, '23'], deliver: 'payload', resync: resync() }),
      /fixed bytes at the front/,
    ],
  ])('refuses %s', (_, make, facts) => {
    const error = unstickErrorOf(make);
    expect(error.code).toBe('ERR_OPTION');
    expect(error.message).toMatch(facts);
  });
});
