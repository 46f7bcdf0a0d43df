// What a page can request from an inspection: rows by filter, details, and searches, within limits of memory.

import { describe, expect, test } from 'vitest';
import { BLOCK_ROWS } from '../../src/trace/block.ts';
import type { FrameRow, Row } from '../../src/trace/rows.ts';
import { hex, join, utf8 } from '../support/bytes.ts';
import { inspectionOf, say } from './tracing.ts';

const HELLO = hex('00000005 68656c6c6f');
const HI = hex('00000002 6869');
const ALL = { from: 0, count: 500 };

function frameRow(row: Row | undefined): FrameRow {
  if (row?.kind !== 'frame') {
    throw new Error(`${row?.kind} is no frame`);
  }
  return row;
}

/** Many frames of two bytes: the number of each as its payload. */
function numbered(count: number, first = 0): Uint8Array {
  const bytes = new Uint8Array(count * 3);
  for (let i = 0; i < count; i++) {
    bytes.set([2, ((first + i) >> 8) & 0xff, (first + i) & 0xff], i * 3);
  }
  return bytes;
}

describe('an inspection', () => {
  test('has a row for each frame, with its cuts and its neighbours', () => {
    const inspection = inspectionOf('u32be');
    say(inspection, [hex('0000'), hex('0005 68656c'), hex('6c6f 00000002 68'), hex('69')]);
    const { rows, first, end } = inspection.rows({ filter: {}, ...ALL });
    expect([first, end]).toEqual([0, 2]);
    expect(rows).toEqual([
      {
        kind: 'frame',
        id: 0,
        conversation: 0,
        direction: 'a>b',
        frame: 0,
        time: 1,
        offset: 0,
        length: 9,
        head: 4,
        payload: 5,
        pieces: [0, 2],
        isHalf: true,
        isSticky: false,
        preview: '0000000568656c6c6f',
      },
      expect.objectContaining({ frame: 1, pieces: [2, 3], isHalf: true, isSticky: true }),
    ]);
    expect(inspection.detail(1)?.around).toEqual([
      expect.objectContaining({ cuts: [2, 7], cutParts: ['head', 'payload'] }),
      expect.objectContaining({ cuts: [5], bytes: '000000026869', areBytesForgotten: false }),
    ]);
    expect(inspection.detail(2)).toBe(undefined);
  });

  test('keeps no payload byte unless it is asked to', () => {
    const inspection = inspectionOf('u32be', { showsPayload: false });
    say(inspection, [join([HELLO, HI])]);
    const { rows } = inspection.rows({ filter: {}, ...ALL });
    expect(rows.map((row) => frameRow(row).preview)).toEqual(['00000005', '00000002']);
    expect(inspection.detail(0)?.around).toEqual([
      expect.objectContaining({ bytes: '00000005' }),
      expect.objectContaining({ bytes: '00000002' }),
    ]);
    const find = { filter: {}, from: 0, isBackward: false };
    expect(inspection.find({ ...find, text: 'hello' })).toEqual({ kind: 'none' });
    expect(inspection.find({ ...find, text: '00 05' })).toEqual({
      kind: 'found',
      position: 0,
      id: 0,
    });
  });

  test('gives no frame of a file for sticky, whose pieces are those of the file system', () => {
    const inspection = inspectionOf('u32be', { arePiecesReal: () => false });
    say(inspection, [join([HELLO, HI])]);
    const { rows } = inspection.rows({ filter: {}, ...ALL });
    expect(rows.map((row) => frameRow(row).isSticky)).toEqual([false, false]);
  });

  test('filters rows by conversation, by direction, and by errors', () => {
    const inspection = inspectionOf('u32be');
    say(inspection, [HELLO, HI]);
    say(inspection, [HI], { index: 1 });
    say(inspection, [HI], { index: 1, direction: 'b>a', isGoingOn: true });
    say(inspection, [hex('7fffffff 00')], { index: 1, isGoingOn: true, how: 'fin' });
    const idsOf = (filter: object): number[] =>
      inspection.rows({ filter, ...ALL }).rows.map(({ id }) => id);
    expect(idsOf({ conversation: 0 })).toEqual([0, 1]);
    expect(idsOf({ conversation: 1, direction: 'a>b' })).toEqual([2, 4, 5]);
    expect(idsOf({ direction: 'b>a' })).toEqual([3]);
    expect(idsOf({ errors: true })).toEqual([4, 5]);
    expect(inspection.position({ conversation: 1 }, 3)).toBe(1);
    expect(inspection.conversations(0, 10).conversations).toEqual([
      expect.objectContaining({ index: 0, frames: 2, bytes: 15, errors: 0, isOpen: true }),
      expect.objectContaining({ index: 1, frames: 2, bytes: 17, errors: 1, isOpen: true }),
    ]);
  });

  test('has a row for a frame that is not finished, where it begins', () => {
    const inspection = inspectionOf('u32be');
    say(inspection, [HI, hex('00000009 6869')], { how: 'open' });
    const unfinished = { kind: 'unfinished', id: 1, conversation: 0, direction: 'a>b' };
    const row = { ...unfinished, frame: 1, offset: 6, received: 6, length: 13 };
    expect(inspection.rows({ filter: { errors: true }, ...ALL }).rows).toEqual([row]);
    expect(inspection.detail(1)?.around.at(-1)).toEqual({ row });
    for (const text of ['!', '#1', '@11', 'unfinished']) {
      const found = inspection.find({ filter: {}, text, from: 0, isBackward: false });
      expect(found).toMatchObject({ kind: 'found', id: 1 });
    }
  });

  test('gives a list what has come since it was asked for last', () => {
    const inspection = inspectionOf('u8');
    say(inspection, [numbered(3000)]);
    const filter = { direction: 'a>b' } as const;
    expect(inspection.rows({ filter, ...ALL }).end).toBe(3000);
    say(inspection, [numbered(3000)], { isGoingOn: true });
    const page = inspection.rows({ filter, from: 5999, count: 10 });
    expect(page).toMatchObject({ from: 5999, end: 6000, rows: [{ id: 5999, frame: 5999 }] });
  });
});

describe('a search', () => {
  const inspection = inspectionOf('u32be');
  say(inspection, [HELLO, HI, HELLO]);
  say(inspection, [hex('7fffffff 00')], { isGoingOn: true, how: 'fin' });

  test.each([
    ['hello', 0, false, 0],
    ['hello', 1, false, 2],
    ['hello', 1, true, 0],
    ['00 02 68', 0, false, 1],
    ['0x0002', 0, false, 1],
    ['#2', 0, false, 2],
    ['@10', 0, false, 1],
    ['!', 0, false, 3],
    ['err_frame_too', 0, false, 3],
  ])('for %s from row %i on, backward: %s, finds row %i', (text, from, isBackward, id) => {
    expect(inspection.find({ filter: {}, text, from, isBackward })).toMatchObject({
      kind: 'found',
      id,
    });
  });

  test.each([
    ['hello', 3, false],
    ['hello', -1, true],
    ['@9999', 0, false],
    ['', 0, false],
    ['x'.repeat(1000), 0, false],
  ])('for %s from row %i on, backward: %s, finds nothing', (text, from, isBackward) => {
    expect(inspection.find({ filter: {}, text, from, isBackward })).toEqual({ kind: 'none' });
  });

  test('of many rows goes on where it stopped', () => {
    const many = inspectionOf('u8');
    say(many, [numbered(40_000), Uint8Array.of(3, 1, 2, 3)]);
    const query = { filter: {}, text: '01 02 03', from: 0, isBackward: false };
    const first = many.find(query);
    expect(first.kind).toBe('onward');
    const from = first.kind === 'onward' ? first.next : 0;
    expect(many.find({ ...query, from })).toEqual({ kind: 'found', position: 40_000, id: 40_000 });
  });
});

describe('memory', () => {
  test('of a live source holds the last rows, and says how many are forgotten', () => {
    const inspection = inspectionOf('u8', { isLive: true, maxRows: 2 * BLOCK_ROWS });
    const filter = { direction: 'a>b' } as const;
    say(inspection, [numbered(BLOCK_ROWS)]);
    expect(inspection.rows({ filter, from: 0, count: 1 }).first).toBe(0);
    say(inspection, [numbered(2 * BLOCK_ROWS)], { isGoingOn: true });
    const { first, end, notKept } = inspection.state();
    expect([first, end, notKept]).toEqual([BLOCK_ROWS, 3 * BLOCK_ROWS, BLOCK_ROWS]);
    // Positions of a list that a page knows stay the same.
    const page = inspection.rows({ filter, from: BLOCK_ROWS + 7, count: 1 });
    expect(page).toMatchObject({ first: BLOCK_ROWS, rows: [{ frame: BLOCK_ROWS + 7 }] });
    expect(inspection.detail(0)).toBe(undefined);
  });

  test('of a file holds the first rows, and the errors behind them', () => {
    const inspection = inspectionOf('u32be', { maxRows: 1 });
    say(inspection, [HELLO, HI, hex('7fffffff')], { how: 'fin' });
    expect(inspection.rows({ filter: {}, ...ALL }).rows).toMatchObject([
      { kind: 'frame', frame: 0 },
      { kind: 'error', frame: 2 },
      { kind: 'gap', why: 'noise' },
    ]);
    expect(inspection.state().notKept).toBe(1);
  });

  test('forgets bytes of old frames before it forgets rows', () => {
    const inspection = inspectionOf('u8', { isLive: true, maxHeld: 4 * BLOCK_ROWS });
    say(inspection, [numbered(3 * BLOCK_ROWS)]);
    expect(inspection.state()).toMatchObject({ first: 0, notKept: 0 });
    const details = [0, 3 * BLOCK_ROWS - 1].map((id) => inspection.detail(id)?.around);
    expect(details[0]?.[0]).toMatchObject({ bytes: '', areBytesForgotten: true });
    expect(details[1]?.at(-1)).toMatchObject({ areBytesForgotten: false });
    expect(frameRow(inspection.rows({ filter: {}, from: 0, count: 1 }).rows[0]).length).toBe(3);
  });

  test('forgets rows when a hostile stream has nothing but errors', () => {
    const inspection = inspectionOf('u8', { isLive: true, maxHeld: 100_000, maxRows: 1e6 });
    const bad = hex('ff');
    for (let index = 0; index < 3 * BLOCK_ROWS; index++) {
      say(inspection, [bad], { index, how: 'fin' });
    }
    const { first, end, notKept } = inspection.state();
    expect(end).toBe(3 * BLOCK_ROWS);
    expect(first).toBe(notKept);
    expect(end - first).toBeLessThanOrEqual(BLOCK_ROWS);
  });

  test('asks for no more rows than a question may have', () => {
    const inspection = inspectionOf('u8');
    say(inspection, [numbered(1000)]);
    expect(inspection.rows({ filter: {}, from: 0, count: 1e9 }).rows).toHaveLength(500);
  });
});

describe('the head of a frame', () => {
  test.each([
    ['u32be', '00000002 6869', [['length (u32be)', 0, 4, '2']]],
    ['varint', '8001'.padEnd(260, '0'), [['length (varint)', 0, 2, '128']]],
    [
      'u16be@1+3',
      '41 0002 6869',
      [
        ['before', 0, 1, '41 "A"'],
        ['length (u16be)', 1, 2, '2'],
      ],
    ],
    [
      '{"codec":"lengthPrefixed","before":["2323",2],"prefix":"u8","after":1,"trailer":{"checksum":"xor8"},"deliver":"parts"}',
      '2323 0102 02 07 6869 05',
      [
        ['fixed bytes', 0, 2, '23 23 "##"'],
        ['before', 2, 2, '01 02'],
        ['length (u8)', 4, 1, '2'],
        ['after', 5, 1, '07'],
        ['checksum', 8, 1, expect.any(String)],
      ],
    ],
    ['netstrings', Buffer.from('2:hi,').toString('hex'), [['head', 0, 2, '32 3a "2:"']]],
    ['{"codec":"lines"}', Buffer.from('hi\n').toString('hex'), []],
  ])('of %s is told by the description', (word, digits, fields) => {
    const framing = word === 'netstrings' ? '{"codec":"netstrings"}' : word;
    const inspection = inspectionOf(framing);
    const bytes = hex(digits);
    if (word.includes('xor8')) {
      bytes[8] = bytes.subarray(0, 8).reduce((sum, byte) => sum ^ byte, 0);
    }
    say(inspection, [bytes]);
    const [detail] = inspection.detail(0)?.around ?? [];
    const found = detail !== undefined && 'fields' in detail ? detail.fields : [];
    expect(found.map(({ name, offset, length, value }) => [name, offset, length, value])).toEqual(
      fields,
    );
  });

  test('is told by the function of the caller, for heads that it knows', () => {
    const inside = { name: 'low', offset: 3, length: 1, value: '2' };
    const inspection = inspectionOf('u32be', {
      readHead: ({ payload }) =>
        payload === 2
          ? [{ name: 'size', offset: 0, length: 4, value: '', fields: [inside] }]
          : undefined,
    });
    say(inspection, [HI, HELLO]);
    expect(inspection.detail(0)?.around).toMatchObject([
      { fields: [{ name: 'size', fields: [inside] }] },
      { fields: [{ name: 'length (u32be)' }] },
    ]);
  });

  test('of hostile bytes is printable', () => {
    const inspection = inspectionOf('u8@4');
    say(inspection, [join([utf8('\u001b[2J'), hex('00')])]);
    const [detail] = inspection.detail(0)?.around ?? [];
    expect(JSON.stringify(detail)).not.toContain('\\u001b');
  });
});
