// The proxy's planner without sockets: it changes only when bytes come and in which pieces. The same seed
// makes the same pieces however the bytes arrive, and playing a recording makes the recorded pieces again.

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Corrupter } from '../../src/chop/faults/corrupt.ts';
import type { Fault } from '../../src/chop/faults/faults.ts';
import { Planner } from '../../src/chop/plan/planner.ts';
import type { PlannerOptions } from '../../src/chop/plan/planner.ts';
import { Recorder } from '../../src/chop/plan/recorder.ts';
import { planSlicer } from '../../src/chop/plan/slicing.ts';
import { steps } from '../../src/schedule/pieces.ts';
import type { Op } from '../../src/schedule/schedule.ts';
import { playPlanner } from '../support/play-planner.ts';
import type { Arrival } from '../support/play-planner.ts';

const seeds = fc.nat(0xffff_ffff);
const sizedPlans = fc.oneof(
  fc.constantFrom('dribble', 'random'),
  fc.integer({ min: 1, max: 300 }).map((size) => `mtu:${size}`),
);
const plans = fc.oneof(sizedPlans, fc.constantFrom('halves', 'coalesce'));
const someDelay: fc.Arbitrary<Fault> = fc
  .tuple(fc.nat(9), fc.nat(9))
  .map(([min, more]) => ({ kind: 'delay', min, max: min + more }));
const someThrottle: fc.Arbitrary<Fault> = fc
  .integer({ min: 1, max: 10_000 })
  .map((rate) => ({ kind: 'throttle', rate }));
const faults = fc.array(fc.oneof(someDelay, someThrottle), { maxLength: 2 });
const ops: fc.Arbitrary<Op> = fc.oneof(
  fc.record({ kind: fc.constantFrom('cut', 'hold'), n: fc.integer({ min: 1, max: 40 }) }),
  fc.record({ kind: fc.constant('delay' as const), ms: fc.nat(20) }),
);
/** Chunks, each behind a pause of the sender or not. */
const arrivals: fc.Arbitrary<readonly Arrival[]> = fc.array(
  fc.record({ bytes: fc.uint8Array({ minLength: 1, maxLength: 120 }), pause: fc.boolean() }),
  { maxLength: 8 },
);
const ways: fc.Arbitrary<PlannerOptions> = fc.oneof(
  fc.record({ plan: plans, seed: seeds, faults }).map(({ plan, ...rest }) => ({
    ...rest,
    slicing: planSlicer(plan)(rest.seed),
  })),
  fc.record({ ops: fc.array(ops, { maxLength: 12 }), seed: seeds, faults }),
);

function joined(came: readonly Arrival[]): Buffer {
  return Buffer.concat(came.map(({ bytes }) => bytes));
}

describe('the planner of a proxy', () => {
  test('passes every byte on, once and in order', () => {
    fc.assert(
      fc.property(ways, arrivals, (options, came) => {
        const { pieces, end } = playPlanner(new Planner(options), came);
        expect(Buffer.concat(pieces)).toEqual(joined(came));
        expect(end).toBe('end');
      }),
    );
  });

  test('makes the same pieces of the same bytes, however they arrive, when nobody pauses', () => {
    fc.assert(
      fc.property(plans, seeds, arrivals, (plan, seed, came) => {
        const steady = came.map(({ bytes }) => ({ bytes, pause: false }));
        const whole = [{ bytes: joined(came), pause: false }];
        const fresh = (): Planner => new Planner({ slicing: planSlicer(plan)(seed), seed });
        expect(playPlanner(fresh(), steady).pieces).toEqual(
          playPlanner(
            fresh(),
            whole.filter(({ bytes }) => bytes.length > 0),
          ).pieces,
        );
      }),
    );
  });

  test('keeps the boundaries of sizes where they are, whenever the sender pauses', () => {
    fc.assert(
      fc.property(sizedPlans, seeds, arrivals, (plan, seed, came) => {
        const play = (arrived: readonly Arrival[]): readonly number[] =>
          playPlanner(new Planner({ slicing: planSlicer(plan)(seed), seed }), arrived).planned;
        const steady = came.map(({ bytes }) => ({ bytes, pause: false }));
        expect(play(came)).toEqual(play(steady));
      }),
    );
  });

  test('plays a schedule as its steps say', () => {
    fc.assert(
      fc.property(
        fc.array(ops, { maxLength: 10 }),
        fc.integer({ min: 1, max: 300 }),
        (list, more) => {
          const covered = list.reduce((sum, op) => sum + ('n' in op ? op.n : 0), 0);
          const bytes = new Uint8Array(covered + more).map((_, index) => index);
          const schedule = { v: 1, seed: 0, direction: 'to-server', ops: list } as const;
          const wanted = steps(schedule, [bytes.length]).flatMap((step) =>
            step.kind === 'piece' ? [step.end - step.start] : [],
          );
          const { pieces } = playPlanner(new Planner({ ops: list, seed: 0 }), [
            { bytes, pause: true },
          ]);
          expect(pieces.map(({ length }) => length)).toEqual(wanted);
        },
      ),
    );
  });

  test('does again what was recorded, however the bytes arrive the second time', () => {
    fc.assert(
      fc.property(ways, arrivals, arrivals, (options, came, otherwise) => {
        const recorder = new Recorder();
        const note = recorder.begin({ seed: 0, direction: 'to-server', connection: 0 });
        const first = playPlanner(new Planner(options), came, note);
        const [schedule] = recorder.schedules();
        const again = playPlanner(
          new Planner({ ops: schedule?.ops ?? [], seed: 1 }),
          recut(joined(came), otherwise),
        );
        expect(again.pieces).toEqual(first.pieces);
        expect(again.delays).toEqual(first.delays);
      }),
    );
  });

  test.each(['fin', 'rst', 'half-close', 'stall'] as const)('stops at the offset of %s', (how) => {
    fc.assert(
      fc.property(plans, seeds, arrivals, fc.nat(200), (plan, seed, came, at) => {
        const slicing = planSlicer(plan)(seed);
        const planner = new Planner({ slicing, seed, faults: [{ kind: how, at }] });
        const { pieces, end } = playPlanner(planner, came);
        const whole = joined(came);
        expect(Buffer.concat(pieces)).toEqual(whole.subarray(0, at));
        expect(end).toBe(whole.length < at ? 'end' : how);
      }),
    );
  });
});

/** The same bytes in chunks of other lengths. */
function recut(bytes: Uint8Array, like: readonly Arrival[]): readonly Arrival[] {
  const cut: Arrival[] = [];
  let at = 0;
  for (const {
    bytes: { length },
    pause,
  } of like) {
    if (at < bytes.length) {
      cut.push({ bytes: bytes.subarray(at, at + length), pause });
    }
    at += length;
  }
  return at < bytes.length ? [...cut, { bytes: bytes.subarray(at), pause: true }] : cut;
}

describe('a throttle', () => {
  test('waits as long as the bytes are worth', () => {
    const bytes = new Uint8Array(3000);
    const planner = new Planner({ seed: 0, faults: [{ kind: 'throttle', rate: 1000 }] });
    const waited = playPlanner(planner, [{ bytes, pause: false }]).delays.reduce(
      (sum, ms) => sum + ms,
      0,
    );
    // The last piece is free to go when those before it are paid for.
    expect(waited).toBeGreaterThanOrEqual(2800);
    expect(waited).toBeLessThanOrEqual(3000);
  });
});

describe('corruption', () => {
  test('depends on the seed and the offset, not on the pieces', () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 1, max: 50 }), arrivals, (seed, oneIn, came) => {
        const corrupter = new Corrupter(oneIn, seed);
        let offset = 0;
        const changed = came.map(({ bytes }) => {
          const piece = corrupter.apply(bytes, offset);
          offset += bytes.length;
          return piece;
        });
        const atOnce = new Corrupter(oneIn, seed).apply(joined(came), 0);
        expect(Buffer.concat(changed)).toEqual(Buffer.from(atOnce));
      }),
    );
  });

  test('changes every byte where one in one is asked for', () => {
    const changed = new Corrupter(1, 7).apply(new Uint8Array(1000), 0);
    expect(changed.includes(0)).toBe(false);
  });
});
