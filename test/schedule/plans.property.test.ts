// Same seed, same schedule, same bytes: what every plan owes to everyone who replays it.

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { pieces } from '../../src/schedule/pieces.ts';
import { frameAware, mtu, parsePlan, planSchedule, weakSpots } from '../../src/schedule/plans.ts';
import type { Plan } from '../../src/schedule/plans.ts';
import { deriveSeed, random } from '../../src/schedule/random.ts';
import { formatSchedule, parseSchedule } from '../../src/schedule/schedule.ts';

const seeds = fc.nat(0xffff_ffff);
const bytes = fc.uint8Array({ maxLength: 300 });
const plans: fc.Arbitrary<Plan> = fc.oneof(
  fc.constantFrom('dribble', 'halves', 'random', 'coalesce').map(parsePlan),
  fc.integer({ min: 1, max: 400 }).map(mtu),
  fc
    .array(fc.integer({ min: 1, max: 60 }), { maxLength: 9 })
    .map((lengths) => lengths.reduce<number[]>((at, n) => [...at, (at.at(-1) ?? 0) + n], [0]))
    .map((boundaries) => frameAware(boundaries)),
);

describe('a planned schedule', () => {
  test('never changes bytes nor their order', () => {
    fc.assert(
      fc.property(plans, seeds, bytes, (plan, seed, sent) => {
        const schedule = planSchedule(plan, { seed, length: sent.length });
        expect(Buffer.concat(pieces(schedule, sent))).toEqual(Buffer.from(sent));
      }),
    );
  });

  test('is the same for the same seed, and survives its file', () => {
    fc.assert(
      fc.property(plans, seeds, fc.nat(300), (plan, seed, length) => {
        const schedule = planSchedule(plan, { seed, length });
        expect(planSchedule(plan, { seed, length })).toEqual(schedule);
        expect(parseSchedule(formatSchedule(schedule))).toEqual(schedule);
      }),
    );
  });
});

function sizes(name: string, length: number): number[] {
  const schedule = planSchedule(parsePlan(name), { seed: 1, length });
  return pieces(schedule, new Uint8Array(length)).map((piece) => piece.length);
}

describe('plans by name', () => {
  test('cut as they are called', () => {
    expect(sizes('dribble', 4)).toEqual([1, 1, 1, 1]);
    expect(sizes('halves', 5)).toEqual([2, 3]);
    expect(sizes('mtu:4', 10)).toEqual([4, 4, 2]);
    expect(sizes('coalesce', 9)).toEqual([9]);
    expect(sizes('dribble', 0)).toEqual([]);
  });

  test('are refused when nobody knows them', () => {
    expect(() => parsePlan('mtu:0')).toThrow('1 or more');
    expect(() => parsePlan('slices')).toThrow('Plans are dribble');
  });
});

describe('weakSpots', () => {
  test('names the places inside and around each frame', () => {
    expect(weakSpots([0, 9, 15], 4)).toEqual([0, 1, 2, 3, 4, 8, 9, 10, 11, 12, 13, 14, 15, 16]);
  });
});

describe('random', () => {
  test('gives the numbers that it always gave', () => {
    const source = random(1);
    expect([source.u32(), source.u32(), source.below(100)]).toMatchInlineSnapshot(`
      [
        1157401642,
        3588285595,
        35,
      ]
    `);
    expect(deriveSeed(1, 2, 3)).toMatchInlineSnapshot(`1369073601`);
  });

  test('stays inside its limits and reaches both ends', () => {
    const source = random(42);
    const seen = new Set(Array.from({ length: 200 }, () => source.between(3, 6)));
    expect(seen).toEqual(new Set([3, 4, 5, 6]));
  });

  test('derives seeds that differ for every part', () => {
    const derived = Array.from({ length: 1000 }, (_, run) => deriveSeed(7, run));
    expect(new Set(derived).size).toBe(1000);
  });
});
