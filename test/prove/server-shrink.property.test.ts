// The shrinker against servers that are functions: the result still breaks, and is as small as it can be.

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { candidates } from '../../src/prove/server/candidates.ts';
import { departures, shrinkSchedule, toOps } from '../../src/prove/server/shrink.ts';
import { steps } from '../../src/schedule/pieces.ts';
import { planSchedule, randomly } from '../../src/schedule/plans.ts';
import { describeOps } from '../../src/schedule/schedule.ts';
import type { Schedule } from '../../src/schedule/schedule.ts';

const lengthLists = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 4 });
const seeds = fc.nat(0xffff_ffff);

function sum(lengths: readonly number[]): number {
  return lengths.reduce((total, length) => total + length, 0);
}

function ends(schedule: Schedule, lengths: readonly number[]): readonly number[] {
  return steps(schedule, lengths).flatMap((step) => (step.kind === 'piece' ? [step.end] : []));
}

function take(lengths: readonly number[], runs: number): readonly Schedule[] {
  const taken: Schedule[] = [];
  for (const schedule of candidates({ lengths, seed: 9, runs, frames: [] })) {
    taken.push(schedule);
    if (taken.length >= runs) {
      break;
    }
  }
  return taken;
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
        const smallest = await shrinkSchedule(schedule, { lengths, breaks });
        expect(describeOps(smallest.ops)).toBe(`cut ${bad}`);
      }),
    );
  });

  test('moves a cut to the beginning when its place does not matter', async () => {
    const lengths = [100];
    const schedule = planSchedule(randomly, { seed: 5, length: 100 });
    const breaks = (candidate: Schedule): Promise<boolean> =>
      Promise.resolve(ends(candidate, lengths).length > 1);
    const smallest = await shrinkSchedule(schedule, { lengths, breaks });
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
    const smallest = await shrinkSchedule(schedule, { lengths, breaks });
    expect(describeOps(smallest.ops)).toBe('cut 5, hold 10');
  });

  test('keeps a schedule that fails only with its waits', async () => {
    const schedule: Schedule = {
      v: 1,
      seed: 0,
      direction: 'to-server',
      ops: [
        { kind: 'cut', n: 2 },
        { kind: 'delay', ms: 3 },
      ],
    };
    const options = {
      lengths: [5],
      breaks: ({ ops }: Schedule) => Promise.resolve(ops.some(({ kind }) => kind === 'delay')),
    };
    expect(await shrinkSchedule(schedule, options)).toBe(schedule);
  });
});

describe('candidates', () => {
  test('fit the requests, and none comes twice', () => {
    fc.assert(
      fc.property(lengthLists, (lengths) => {
        const keys = take(lengths, 80).map((schedule) => ends(schedule, lengths).join());
        expect(new Set(keys).size).toBe(keys.length);
      }),
    );
  });

  test('begin with every single cut of a short request, then byte by byte', () => {
    const ops = take([6], 6).map((schedule) => describeOps(schedule.ops));
    expect(ops).toEqual([
      'cut 1',
      'cut 2',
      'cut 3',
      'cut 4',
      'cut 5',
      'cut 1, cut 1, cut 1, cut 1, cut 1, cut 1',
    ]);
  });

  test('are the same for the same seed', () => {
    expect(take([40, 3], 150)).toEqual(take([40, 3], 150));
  });

  test('sample a long request instead of cutting it everywhere', () => {
    const singles = take([100_000], 60).filter(({ ops }) => ops.length === 1);
    expect(singles.length).toBeLessThanOrEqual(40);
    expect(take([100_000], 60)).toHaveLength(60);
  });
});
