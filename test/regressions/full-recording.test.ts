// A full recording still kept an empty schedule for each direction of each new connection, for as long as the
// proxy ran.

import { expect, test } from 'vitest';
import { Recorder } from '../../src/chop/plan/recorder.ts';
import { MAX_OPS } from '../../src/schedule/schedule.ts';

test('a full recording takes no more schedules', () => {
  const recorder = new Recorder();
  const note = recorder.begin({ seed: 1, direction: 'to-server', connection: 0 });
  for (let count = 1; count < MAX_OPS; count += 1) {
    note({ kind: 'hold', n: 1 });
  }
  expect(recorder.full).toBe(false);
  recorder.begin({ seed: 1, direction: 'to-client', connection: 0 })({ kind: 'hold', n: 1 });
  expect(recorder.full).toBe(true);
  expect(recorder.schedules().map(({ ops }) => ops.length)).toEqual([MAX_OPS - 1]);
});
