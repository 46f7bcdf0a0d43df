// Rules of the schedule file: strict on the way in, the same text on the way out.

import { describe, expect, test } from 'vitest';
import { UsageError } from '../../src/errors.ts';
import {
  describeOps,
  formatSchedule,
  formatSchedules,
  parseOp,
  parseSchedule,
  parseSchedules,
} from '../../src/schedule/schedule.ts';

const good = { v: 1, seed: 7, direction: 'to-server', ops: ['cut 2', 'delay 5', 'rst@9'] };

function refusal(text: string): UsageError {
  try {
    parseSchedules(text);
  } catch (error) {
    if (error instanceof UsageError) {
      return error;
    }
    throw error;
  }
  throw new Error(`accepted ${text}`);
}

describe('parseSchedule', () => {
  test('reads ops as values', () => {
    expect(parseSchedule(JSON.stringify(good)).ops).toEqual([
      { kind: 'cut', n: 2 },
      { kind: 'delay', ms: 5 },
      { kind: 'rst', at: 9 },
    ]);
  });

  test('refuses a list where one schedule is meant', () => {
    expect(() => parseSchedule(JSON.stringify([good, good]))).toThrow('found 2');
  });

  test('reads a recording of several connections', () => {
    const text = JSON.stringify([good, { ...good, connection: 1, direction: 'to-client' }]);
    expect(parseSchedules(text).map((schedule) => schedule.connection)).toEqual([undefined, 1]);
  });

  test('names both versions when a schedule is of another one', () => {
    const error = refusal(JSON.stringify({ ...good, v: 2 }));
    expect(error.code).toBe('ERR_SCHEDULE');
    expect(error.message).toContain('has version 2, but this program reads version 1');
  });

  test.each([
    ['nothing', ''],
    ['half a file', '{"v":1,'],
    ['a number', '7'],
    ['null', 'null'],
    ['a list inside a list', '[[]]'],
    ['a seed that is a string', JSON.stringify({ ...good, seed: '7' })],
    ['a seed above 32 bits', JSON.stringify({ ...good, seed: 2 ** 32 })],
    ['a direction of no meaning', JSON.stringify({ ...good, direction: 'up' })],
    ['a key it does not know', JSON.stringify({ ...good, speed: 1 })],
    ['a negative connection', JSON.stringify({ ...good, connection: -1 })],
    ['ops that are no list', JSON.stringify({ ...good, ops: 'cut 2' })],
  ])('refuses %s', (_, text) => {
    expect(refusal(text).code).toBe('ERR_SCHEDULE');
  });

  test.each(['slice 2', 'cut', 'cut 0', 'cut -1', 'cut 1.5', 'hold 0', 'fin 3', 'rst@', 'stall 3'])(
    'refuses the op %s',
    (op) => {
      expect(refusal(JSON.stringify({ ...good, ops: [op] })).code).toBe('ERR_SCHEDULE');
    },
  );

  test('refuses numbers and delays that are too large', () => {
    expect(() => parseOp('cut 9999999999999999')).toThrow('too large');
    expect(() => parseOp('delay 3600001')).toThrow('use "stall"');
    expect(() => parseOp(3)).toThrow('An op cannot be 3');
  });
});

describe('formatSchedule', () => {
  test('gives the text that parseSchedule reads', () => {
    const text = formatSchedule(parseSchedule(JSON.stringify(good)));
    expect(JSON.parse(text)).toEqual(good);
    expect(text.endsWith('}\n')).toBe(true);
  });

  test('gives a list that parseSchedules reads', () => {
    const schedules = parseSchedules(JSON.stringify([good, { ...good, ops: ['stall'] }]));
    expect(parseSchedules(formatSchedules(schedules))).toEqual(schedules);
  });

  test('says of no ops that the bytes pass as they came', () => {
    expect(describeOps([])).toBe('as it came');
    expect(describeOps([parseOp('hold 3'), parseOp('fin@3')])).toBe('hold 3, fin@3');
  });
});
