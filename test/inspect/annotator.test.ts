// Pieces and frames together: where frames lie, which are cut, what is wrong with them, and where frames
// continue after a fault.

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Finding } from '../../src/inspect/lines.ts';
import { hex, inPieces, join, utf8 } from '../support/bytes.ts';
import { runs } from '../support/seed.ts';
import { inspect, words } from './inspecting.ts';

const U32 = { frames: 'u32be' };

/** A frame of `u32be`. */
function frame(text: string): Uint8Array {
  const payload = utf8(text);
  return join([hex('000000'), Uint8Array.of(payload.length), payload]);
}

/** Frames that differ, as those of a real program do. */
function frames(count: number, from = 0): readonly Uint8Array[] {
  return Array.from({ length: count }, (_, i) => frame(`say ${from + i} ${'.'.repeat(i % 7)}`));
}

function lengthOf(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, { length }) => sum + length, 0);
}

describe('frames', () => {
  test('are told with the pieces in which they lie', () => {
    const found = inspect(
      [hex('0000'), hex('0005 68656c'), hex('6c6f 00000002 68'), hex('69')],
      U32,
    );
    expect(words(found)).toEqual(['#0 @0 4+5 pieces 0-2', '#1 @9 4+2 pieces 2-3']);
    expect(found.findings[0]).toEqual({
      kind: 'frame',
      conversation: '10.0.0.1:40000>10.0.0.2:9000',
      direction: 'a>b',
      frame: 0,
      time: 2,
      offset: 0,
      length: 9,
      payloadOffset: 4,
      payloadLength: 5,
      pieces: [0, 2],
      cuts: [
        { offset: 2, part: 'head' },
        { offset: 7, part: 'payload' },
      ],
      bytes: hex('00000005 68656c6c6f'),
    });
    expect(found.summary).toEqual({
      kind: 'summary',
      conversations: 1,
      bytes: 15,
      pieces: 4,
      frames: 2,
      half: 2,
      sticky: 1,
      cuts: { head: 1, payload: 2, tail: 0 },
      unfinished: 0,
      errors: 0,
      gaps: 0,
      lostBytes: 0,
      noiseBytes: 0,
      conflicts: 0,
      shortest: 6,
      longest: 9,
      mean: 7.5,
      duration: 3,
    });
  });

  test('have a tail where their framing has one', () => {
    const netstring = { frames: '{"codec":"netstrings"}' };
    const found = inspect([utf8('2:hi'), utf8(','), utf8('0:,')], netstring);
    expect(words(found)).toEqual(['#0 @0 2+2 pieces 0-1', '#1 @5 2+0 pieces 2-2']);
    const lines = inspect([utf8('hi\r'), utf8('\nho\n')], { frames: '{"codec":"lines"}' });
    expect(words(lines)).toEqual(['#0 @0 0+2 pieces 0-1', '#1 @4 0+2 pieces 1-1']);
    expect(lines.summary.cuts).toEqual({ head: 0, payload: 0, tail: 1 });
  });

  test('are the same however the stream is cut', () => {
    const stream = join([...frames(12)]);
    const ends = frames(12).map((each, i, all) => lengthOf(all.slice(0, i)) + each.length);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), (length) => {
        const { findings, summary } = inspect(inPieces(stream, length), U32);
        const found = findings.map((each) => each.kind === 'frame' && each.offset + each.length);
        expect(found).toEqual(ends);
        const cuts = Object.values(summary.cuts).reduce((sum, count) => sum + count, 0);
        const between = inPieces(stream, length).length - 1;
        const atEnds = ends.filter((end) => end % length === 0 && end < stream.length).length;
        expect(cuts).toBe(between - atEnds);
      }),
      runs(40),
    );
  });

  test('of pieces that mean nothing are whole', () => {
    const found = inspect(inPieces(join([...frames(3)]), 2), { ...U32, arePiecesReal: false });
    expect(found.summary).toMatchObject({ frames: 3, half: 0, sticky: 0 });
  });
});

describe('an end', () => {
  test('inside a frame is an error where the stream ends, and none where the capture does', () => {
    const half = [frame('hi'), hex('00000009 68')];
    expect(words(inspect(half, U32))).toEqual([
      '#0 @0 4+2 pieces 0-0',
      'wrong #1 @6 ERR_FRAME_TRUNCATED good never',
    ]);
    const open = inspect(half, { ...U32, how: 'open' });
    expect(words(open)).toEqual(['#0 @0 4+2 pieces 0-0', 'unfinished #1 @6 5 of 13']);
    expect(open.summary).toMatchObject({ errors: 0, unfinished: 1 });
  });

  test.each([
    ['in a head', 'u32be', hex('00000002 6869 0000'), 'unfinished #1 @6 2 of ?'],
    ['in front of a marker', '{"codec":"lines"}', utf8('hi\nho'), 'unfinished #1 @3 2 of ?'],
    ['in the first frame', 'u32be', hex('00000009 6869'), 'unfinished #0 @0 6 of 13'],
    // The whole capture is one frame that a wrong length made long: its place is where to look.
    [
      'in a long frame',
      'u32be',
      hex('00000002 6869 00001000 + 61*1000'),
      'unfinished #1 @6 1004 of 4100',
    ],
  ])('of the capture %s says where the frame begins', (_, format, bytes, expected) => {
    const found = inspect([bytes], { frames: format, how: 'open' });
    expect(words(found).at(-1)).toBe(expected);
    expect(found.summary).toMatchObject({ errors: 0, unfinished: 1 });
  });

  test('at a boundary leaves no frame unfinished', () => {
    const found = inspect([frame('hi')], { ...U32, how: 'open' });
    expect(words(found)).toEqual(['#0 @0 4+2 pieces 0-0']);
    expect(found.summary).toMatchObject({ unfinished: 0 });
  });
});

describe('a wrong length', () => {
  const good = frames(20);
  const offset = lengthOf(good.slice(0, 10));
  const next = lengthOf(good.slice(0, 11));

  /** The pieces with another byte in the length of frame 10. */
  const damaged = (at: number, value: number): Uint8Array[] =>
    good.map((each, i) => {
      const changed = Uint8Array.from(each);
      changed[at] = i === 10 ? value : (changed[at] ?? 0);
      return changed;
    });

  test.each([
    ['too large for the limit', 0, 0x70],
    ['too large for the stream', 2, 0x40],
  ])('%s is the error, and the next frame is found', (_, at, value) => {
    const found = inspect(damaged(at, value), U32);
    const [error] = found.findings.filter(({ kind }) => kind === 'error');
    expect(error).toMatchObject({ frame: 10, offset, goodAgainAt: next });
    expect(error).not.toHaveProperty('suspect');
    expect(found.summary).toMatchObject({ errors: 1, noiseBytes: next - offset });
    expect(words(found).at(-1)).toBe(
      `#19 @${lengthOf(good.slice(0, 19))} 4+${(good[19]?.length ?? 0) - 4} pieces 19-19`,
    );
  });

  test.each([
    ['a little too small', 1],
    ['a little too large', -2],
  ])('%s is noticed later, and the frame before is the suspect', (_, less) => {
    const right = good[10]?.[3] ?? 0;
    const found = inspect(damaged(3, right - less), U32);
    const [error] = found.findings.filter(({ kind }) => kind === 'error');
    expect(error).toMatchObject({ suspect: 10, goodAgainAt: next });
    expect(found.summary.errors).toBe(1);
  });

  test('gives messages with the places of the stream, also behind a first error', () => {
    const twice = [...damaged(0, 0x70), ...damaged(0, 0x70)];
    const errors = inspect(twice, U32).findings.filter((each) => each.kind === 'error');
    expect(errors).toHaveLength(2);
    for (const { message, frame: number, offset: at } of errors) {
      expect(message).toContain(`(frame ${number}, byte ${at})`);
    }
  });
});

describe('another format', () => {
  test('is an error with its reason, and the work is bounded', () => {
    const text = Array.from({ length: 2000 }, (_, i) => utf8(`GET /${i} HTTP/1.1\r\n`));
    const found = inspect(text, U32);
    expect(found.summary).toMatchObject({ frames: 0, noiseBytes: lengthOf(text) });
    expect(found.summary.errors).toBeLessThanOrEqual(8);
    const [error] = found.findings;
    expect(error).toMatchObject({ kind: 'error', offset: 0 });
    expect(error?.kind === 'error' && error.message).toContain('HTTP');
  });
});

describe('memory', () => {
  test('has a limit: the direction with the largest unfinished frame is given up', () => {
    const pieces = [
      frame('hi'),
      hex('00010000'),
      ...Array.from({ length: 9 }, () => hex('61*1000')),
    ];
    const found = inspect(pieces, { ...U32, maxHeld: 4000 });
    expect(words(found)).toEqual([
      '#0 @0 4+2 pieces 0-0',
      'wrong #1 @6 ERR_FRAME_TOO_LARGE good never',
      'gap @6+9004 noise',
    ]);
  });
});

describe('a gap', () => {
  const good = frames(30);

  test('inside a payload loses one frame', () => {
    const [start, rest] = [good.slice(0, 10), good.slice(11)];
    const lost = good[10] ?? hex('');
    const pieces = [...start, lost.subarray(0, 6), 2, lost.subarray(8), ...rest];
    const found = inspect(pieces, U32);
    const at = lengthOf(start) + 6;
    expect(words(found)[10]).toBe(`gap @${at}+2 lost`);
    expect(words(found)[11]).toContain(`#10 @${lengthOf(good.slice(0, 11))} `);
    expect(found.summary).toMatchObject({ frames: 29, errors: 0, lostBytes: 2, noiseBytes: 0 });
  });

  test('across boundaries is searched behind', () => {
    const pieces = [...good.slice(0, 10), lengthOf(good.slice(10, 12)), ...good.slice(12)];
    const found = inspect(pieces, U32);
    expect(found.summary).toMatchObject({ frames: 28, errors: 0, noiseBytes: 0 });
  });
});

describe('a start in the middle', () => {
  test('is in step with the first whole frame', () => {
    const good = frames(30);
    const [first = hex(''), ...rest] = good;
    const found = inspect([first.subarray(5), ...rest], { ...U32, isMidStream: true, how: 'open' });
    const cut = first.length - 5;
    expect(words(found)[0]).toBe(`gap @0+${cut} noise`);
    expect(found.summary).toMatchObject({ frames: 29, errors: 0 });
  });

  test('at a boundary loses nothing', () => {
    const found = inspect(frames(5), { ...U32, isMidStream: true });
    expect(found.summary).toMatchObject({ frames: 5, errors: 0, noiseBytes: 0 });
  });

  test('with one frame is believed', () => {
    const found = inspect([frame('hi')], { ...U32, isMidStream: true });
    expect(words(found)).toEqual(['#0 @0 4+2 pieces 0-0']);
  });
});

/** Whether each frame begins at or behind the end of the one before, or where an error says. */
function followed(findings: readonly Finding[]): { next: number; isOrdered: boolean } {
  let next = 0;
  let isOrdered = true;
  for (const finding of findings) {
    if (finding.kind === 'error') {
      next = Math.min(next, finding.goodAgainAt ?? next);
    } else if (finding.kind === 'frame') {
      isOrdered &&= finding.offset >= next;
      next = finding.offset + finding.length;
    }
  }
  return { next, isOrdered };
}

describe('any bytes', () => {
  test('are frames and gaps, each byte at most once from error to error, and end', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.uint8Array({ maxLength: 80 }), fc.integer({ min: 1, max: 50 })), {
          maxLength: 30,
        }),
        fc.constantFrom('u32be', 'u8', 'u16le@1+3', 'varint', 'ndjson', 'modbusTcp', 'mqtt'),
        fc.boolean(),
        (pieces, format, isMidStream) => {
          const { findings, summary } = inspect(pieces, { frames: format, isMidStream });
          const { next, isOrdered } = followed(findings);
          expect(isOrdered).toBe(true);
          expect(next).toBeLessThanOrEqual(summary.bytes + summary.lostBytes);
        },
      ),
      runs(300),
    );
  });
});
