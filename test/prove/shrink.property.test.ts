// The shrinker against servers that are functions. Its result must still break the server, and must be as
// small as possible.

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { byRequest, departures, slowed, toOps } from '../../src/prove/trials/departures.ts';
import { shrinkSchedule } from '../../src/prove/trials/shrink.ts';
import { steps } from '../../src/schedule/pieces.ts';
import { planSchedule, randomly } from '../../src/schedule/plans.ts';
import { describeOps, parseOp } from '../../src/schedule/schedule.ts';
import type { Schedule } from '../../src/schedule/schedule.ts';

const lengthLists = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 4 });
const seeds = fc.nat(0xffff_ffff);

function sum(lengths: readonly number[]): number {
  return lengths.reduce((total, length) => total + length, 0);
}

function ends(schedule: Schedule, lengths: readonly number[]): readonly number[] {
  return steps(schedule, lengths).flatMap((step) => (step.kind === 'piece' ? [step.end] : []));
}

/** Returns the smallest schedule that still breaks the server. */
async function smallestOf(
  schedule: Schedule,
  options: Parameters<typeof shrinkSchedule>[1],
): Promise<Schedule> {
  const [smallest] = await shrinkSchedule(schedule, options);
  return smallest ?? schedule;
}

function scheduleOf(...words: string[]): Schedule {
  return { v: 1, seed: 0, direction: 'to-server', ops: words.map(parseOp) };
}

describe('departures and toOps', () => {
  test('write the same delivery with the fewest ops', () => {
    fc.assert(
      fc.property(lengthLists, seeds, (lengths, seed) => {
        const schedule = planSchedule(randomly, { seed, length: sum(lengths) });
        const ops = toOps(departures(schedule, lengths), lengths);
        expect(ends({ ...schedule, ops }, lengths)).toEqual(ends(schedule, lengths));
      }),
    );
  });
});

describe('shrinkSchedule', () => {
  test('finds the one cut that a server cannot take', async () => {
    await fc.assert(
      fc.asyncProperty(lengthLists, seeds, fc.nat(), async (lengths, seed, place) => {
        const total = sum(lengths);
        fc.pre(total > 1);
        const bad = 1 + (place % (total - 1));
        const natural = new Set(ends({ v: 1, seed, direction: 'to-server', ops: [] }, lengths));
        fc.pre(!natural.has(bad));
        const schedule = planSchedule(randomly, { seed, length: total });
        const breaks = (candidate: Schedule): Promise<boolean> =>
          Promise.resolve(ends(candidate, lengths).includes(bad));
        if (!(await breaks(schedule))) {
          return;
        }
        const smallest = await smallestOf(schedule, { lengths, breaks });
        expect(describeOps(smallest.ops)).toBe(`cut ${bad}`);
      }),
    );
  });

  test('moves a cut to the beginning when its place does not matter', async () => {
    const lengths = [100];
    const schedule = planSchedule(randomly, { seed: 5, length: 100 });
    const breaks = (candidate: Schedule): Promise<boolean> =>
      Promise.resolve(ends(candidate, lengths).length > 1);
    const smallest = await smallestOf(schedule, { lengths, breaks });
    expect(describeOps(smallest.ops)).toBe('cut 1');
  });

  test('reduces joined requests to one hold', async () => {
    const lengths = [5, 5, 5];
    const schedule: Schedule = {
      v: 1,
      seed: 0,
      direction: 'to-server',
      ops: [
        { kind: 'cut', n: 2 },
        { kind: 'hold', n: 13 },
      ],
    };
    const breaks = (candidate: Schedule): Promise<boolean> =>
      Promise.resolve(!ends(candidate, lengths).includes(10));
    const smallest = await smallestOf(schedule, { lengths, breaks });
    expect(describeOps(smallest.ops)).toBe('cut 5, hold 10');
  });

  test('finds the least offset of a range that a buffer begins', async () => {
    const smallest = await smallestOf(scheduleOf('cut 310'), {
      lengths: [9, 404],
      breaks: ({ ops }) =>
        Promise.resolve(ops.length === 1 && ops.every((op) => op.kind === 'cut' && op.n >= 266)),
    });
    expect(describeOps(smallest.ops)).toBe('cut 266');
  });

  test('keeps the pause of a schedule that fails only with it, and shortens it', async () => {
    const smallest = await smallestOf(scheduleOf('cut 3', 'delay 1100'), {
      lengths: [5],
      breaks: ({ ops }) => Promise.resolve(ops.some((op) => op.kind === 'delay' && op.ms >= 50)),
    });
    expect(describeOps(smallest.ops)).toBe('cut 1, delay 60');
  });

  test('gives the accepted steps, the smallest first and the given one last', async () => {
    const schedule = scheduleOf(...Array.from({ length: 40 }, () => 'cut 1'));
    const accepted = await shrinkSchedule(schedule, {
      lengths: [40],
      breaks: (candidate) => Promise.resolve(ends(candidate, [40]).includes(7)),
    });
    const counts = accepted.map(({ ops }) => ops.length);
    expect(counts).toEqual(counts.toSorted((one, other) => one - other));
    expect(describeOps(accepted[0]?.ops ?? [])).toBe('cut 7');
    expect(accepted.at(-1)).toBe(schedule);
  });
});

test('a shrinker of many departures ends with its trials', async () => {
  const lengths = Array.from({ length: 4000 }, () => 1);
  let asked = 0;
  await shrinkSchedule(scheduleOf('hold 4000'), {
    lengths,
    trials: 5,
    breaks: () => Promise.resolve((asked += 1) === 1),
  });
  expect(asked).toBe(5);
});

describe('departures', () => {
  test('know the pause behind each cut, and can be slowed', () => {
    const found = departures(scheduleOf('cut 2', 'delay 60', 'cut 1'), [5]);
    expect(found.cuts).toEqual([
      { at: 2, delay: 60 },
      { at: 3, delay: 0 },
    ]);
    expect(describeOps(toOps(slowed(found, 30), [5]))).toBe('cut 2, delay 60, cut 1, delay 30');
  });

  test('fall apart into requests, where joins are gone', () => {
    const parts = byRequest(scheduleOf('cut 2', 'hold 5', 'cut 1'), [4, 6]);
    expect(parts.map(({ ops }) => describeOps(ops))).toEqual(['cut 2', 'cut 3, cut 1']);
  });
});
