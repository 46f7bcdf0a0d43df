// resync() of delimited(): noise between frames with markers, in each way in which such frames are written.

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CRC_16_IBM_SDLC } from '../../src/codec/crc-presets.ts';
import { delimited } from '../../src/codec/delimited/delimited.ts';
import { dle, jt808, jt809 } from '../../src/codec/delimited/escapes.ts';
import type { DelimitedOptions } from '../../src/codec/delimited/layout.ts';
import { resync } from '../../src/codec/resync.ts';
import type { ProtocolError } from '../../src/errors.ts';
import { hex, inPieces, join, toHex } from '../support/bytes.ts';
import { unstickErrorOf } from '../support/outcomes.ts';
import { runs } from '../support/seed.ts';

const ways: Readonly<Record<string, DelimitedOptions>> = {
  'one marker for both ends': { start: '7e', end: '7e', escape: jt808, checksum: CRC_16_IBM_SDLC },
  'two markers': { start: '5b', end: '5d', escape: jt809, checksum: CRC_16_IBM_SDLC },
  'markers of two bytes': { start: '1002', end: '1003', escape: dle, checksum: CRC_16_IBM_SDLC },
  'markers that are not escaped': { start: '02', end: '03', checksum: CRC_16_IBM_SDLC },
};
const table = Object.entries(ways).map(([name, options]) => ({ name, options }));

/** What a decoder says of these bytes, in order: values, and gaps as [offset, length, reason]. */
function heard(options: DelimitedOptions, chunks: readonly Uint8Array[]): unknown[] {
  const events: unknown[] = [];
  const onSkip = ({ code, byteOffset, length, reason }: ProtocolError): void =>
    void events.push(code === 'ERR_NOISE' ? [byteOffset, length, reason] : code);
  const decoder = delimited({ resync: resync(), ...options }).decoder({ onSkip });
  const takeAll = (): void => {
    for (const value of decoder) {
      events.push(toHex(value));
    }
  };
  for (const chunk of chunks) {
    decoder.push(chunk);
    takeAll();
  }
  decoder.end();
  takeAll();
  expect(decoder.done).toBe(true);
  return events;
}

describe.each(table)('with $name', ({ options }) => {
  const codec = delimited(options);
  const frame = join(codec.encode(hex('00ff')));
  const { length } = frame;
  function isEncodable(payload: Uint8Array): boolean {
    try {
      return codec.encode(payload).length > 0;
    } catch {
      return false;
    }
  }
  // Its payload is another one than the checksum is of.
  const damaged = frame.with(frame.indexOf(0xff), 0xfe);

  test.each([1, 2, 1000])('a gap is reported once, in chunks of %i', (size) => {
    const noise = hex('aabbcc');
    const stream = join([noise, frame, damaged, frame, frame]);
    expect(heard(options, inPieces(stream, size))).toEqual([
      [0, 3, 'ERR_FRAME_MAGIC'],
      '00ff',
      // A shared end marker is that of the noise, or the start of what comes behind it.
      [3 + length, options.start === options.end ? length - 1 : length, 'ERR_FRAME_CHECKSUM'],
      '00ff',
      '00ff',
    ]);
  });

  test('a frame whose end is lost does not hide the next one', () => {
    const lost = frame.subarray(0, length - 2);
    const events = heard(options, [join([frame, lost, frame, frame])]);
    expect(events.filter((event) => event === '00ff')).toHaveLength(3);
  });

  test('a frame that stalls is given up, and what is buffered behind its first byte is read', () => {
    const decoder = delimited({ ...options, resync: resync() }).decoder();
    const begun = frame.subarray(0, length - 3);
    expect(decoder.giveUp?.()).toBe(false);
    decoder.push(begun);
    expect([...decoder]).toEqual([]);
    expect(decoder.giveUp?.()).toBe(true);
    decoder.push(frame);
    expect([...decoder].map(toHex)).toEqual(['00ff']);
    expect(decoder.giveUp?.()).toBe(false);
    expect(codec.decoder().giveUp).toBeUndefined();
  });

  test('no frame is lost behind any noise', () => {
    const evil = fc
      .array(fc.constantFrom(...hex('7e 7d 5b 5a 5d 10 02 03 01 00')), { maxLength: 15 })
      .map((bytes) => Uint8Array.from(bytes));
    const payloads = fc.uint8Array({ minLength: 4, maxLength: 30 });
    const search = resync({ maxTries: 200 });
    fc.assert(
      fc.property(fc.array(fc.tuple(evil, payloads), { maxLength: 6 }), (all) => {
        const sent = all.filter(([, payload]) => isEncodable(payload));
        const stream = join(sent.flatMap(([noise, payload]) => [noise, ...codec.encode(payload)]));
        const found = heard({ ...options, resync: search }, [stream]);
        expect(found).toEqual(expect.arrayContaining(sent.map(([, payload]) => toHex(payload))));
      }),
      runs(300),
    );
  });
});

test('noise full of markers costs each byte a bounded number of looks', () => {
  let summed = 0;
  const counting = {
    length: 1,
    compute: (bytes: Uint8Array) => {
      summed += bytes.length;
      return Uint8Array.of(0xaa);
    },
  };
  const maxTries = 5;
  const search = resync({ maxTries, maxGap: 1_000_000 });
  const codec = delimited({ start: '01', end: '03', checksum: counting, resync: search });
  // Each byte of a run is a marker, all reach to the one end, and no checksum is right.
  const run = join([new Uint8Array(2000).fill(1), hex('03')]);
  const stream = join(Array.from({ length: 10 }, () => run));
  const decoder = codec.decoder();
  decoder.push(stream);
  expect(decoder.take()).toBeUndefined();
  expect(summed).toBeGreaterThan((maxTries - 1) * (stream.length - 200));
  expect(summed).toBeLessThanOrEqual(2 * maxTries * stream.length);
});

test('a frame that is too long is read no further than the longest frame reaches', () => {
  const search = resync({ maxTries: 16, maxGap: 1e9 });
  const codec = delimited({ start: '01', end: '03', maxLength: 100, resync: search });
  /** Processor time, in ms: what else runs on the machine does not count. */
  const costOf = (length: number): number => {
    const decoder = codec.decoder();
    decoder.push(new Uint8Array(length).fill(1));
    const before = process.cpuUsage();
    expect(decoder.take()).toBeUndefined();
    const { user, system } = process.cpuUsage(before);
    expect(decoder.bufferedLength).toBeLessThan(300);
    return (user + system) / 1000;
  };
  // Eight times the noise, eight times the time. Were each candidate read to the end of its chunk, it were 64 times.
  costOf(50_000);
  let [small, large] = [Infinity, Infinity];
  for (let attempt = 0; attempt < 8 && !(large / small < 12); attempt++) {
    small = Math.min(small, costOf(50_000));
    large = Math.min(large, costOf(400_000));
  }
  expect(large / small).toBeLessThan(24);
});

test.each([
  ['no start marker', { end: '0a', resync: resync() }, /fixed bytes at the front/],
  ['a flag in its place', { start: '02', end: '03', resync: true as never }, /resync\(\)/],
])('resync with %s is refused', (_, options, facts) => {
  const error = unstickErrorOf(() => delimited(options));
  expect(error.code).toBe('ERR_OPTION');
  expect(error.message).toMatch(facts);
});
