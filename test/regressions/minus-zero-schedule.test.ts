// A schedule with `"connection":-0` or `"seed":-0` was read as -0, and written as 0.

import { expect, test } from 'vitest';
import { formatSchedule, parseSchedule } from '../../src/schedule/schedule.ts';

test('a minus zero in a schedule is the zero that it is written as', () => {
  const text = '{"v":1,"seed":-0,"direction":"to-server","connection":-0,"ops":["cut 1"]}';
  const schedule = parseSchedule(text);
  expect(schedule.connection).toBe(0);
  expect(schedule.seed).toBe(0);
  expect(parseSchedule(formatSchedule(schedule))).toEqual(schedule);
});
