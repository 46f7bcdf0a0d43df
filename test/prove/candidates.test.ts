// Tests of the trials for a target: which cuts are tried, in which order, and that each kind of cut is among
// them.

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { candidates, reasonAgainstDeep } from '../../src/prove/trials/candidates.ts';
import type { TrialOptions } from '../../src/prove/trials/candidates.ts';
import { departures } from '../../src/prove/trials/departures.ts';
import { spotsOf } from '../../src/prove/trials/spots.ts';
import { repeated } from '../../src/prove/trials/trial.ts';
import type { Trial } from '../../src/prove/trials/trial.ts';
import { steps } from '../../src/schedule/pieces.ts';
import { describeOps } from '../../src/schedule/schedule.ts';

const text = (words: string): Uint8Array => new TextEncoder().encode(words);
const bytesOf = (lengths: readonly number[]): readonly Uint8Array[] =>
  lengths.map((length) => new Uint8Array(length).fill(0x61));

function take(requests: readonly Uint8Array[], given: Partial<TrialOptions> = {}): Trial[] {
  const options = {
    frames: [],
    seed: 9,
    runs: 200,
    lockstep: false,
    isScripted: false,
    roundTrip: 1,
    ...given,
  };
  const taken: Trial[] = [];
  for (const trial of candidates({ requests, ...options })) {
    taken.push(trial);
    if (taken.length >= options.runs) {
      break;
    }
  }
  return taken;
}

const words = (trials: readonly Trial[]): string[] =>
  trials.map(({ schedule }) => describeOps(schedule.ops));

/** Returns the offsets of the schedules that have only one cut. */
function singleCuts(requests: readonly Uint8Array[], given: Partial<TrialOptions> = {}): number[] {
  return take(requests, given)
    .filter(({ kind }) => kind === 'cuts')
    .flatMap(({ schedule }) =>
      departures(
        schedule,
        requests.map(({ length }) => length),
      ).cuts.map(({ at }) => at),
    );
}

describe('candidates', () => {
  test('fit the requests, and none comes twice', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 4 }),
        (lengths) => {
          const keys = take(bytesOf(lengths), { runs: 80 }).map(({ schedule, sending }) =>
            JSON.stringify([sending, steps(schedule, repeated(lengths, sending.repeat))]),
          );
          expect(new Set(keys).size).toBe(keys.length);
        },
      ),
      { numRuns: 30 },
    );
  });

  test('hold every single cut of each short request, also where there are several', () => {
    const cuts = singleCuts(bytesOf([50, 40]));
    expect(new Set(cuts).size).toBeGreaterThanOrEqual(80);
    expect(singleCuts(bytesOf([6])).toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5]);
  });

  test('have every kind within the first forty, for targets that are slow', () => {
    const kinds = new Set(
      take([text('GET / HTTP/1.1\r\n\r\n'), text('x\n')], { runs: 40 }).map(({ kind }) => kind),
    );
    expect([...kinds].toSorted()).toEqual(
      ['connections', 'cuts', 'deep', 'fin', 'joined', 'pauses', 'pieces', 'repeats'].toSorted(),
    );
  });

  test('pause for 60, 300 and 1100 ms at three places', () => {
    const pauses = words(take(bytesOf([9, 18])).filter(({ kind }) => kind === 'pauses'));
    expect(pauses.toSorted()).toEqual(
      [60, 300, 1100].flatMap((ms) => [2, 18, 26].map((at) => `cut ${at}, delay ${ms}`)).toSorted(),
    );
  });

  test('join requests with themselves until they exceed 64 KiB', () => {
    const trials = take(bytesOf([200])).filter(({ kind }) => kind === 'deep');
    const most = Math.max(...trials.map(({ sending }) => sending.repeat));
    expect(most * 200).toBeGreaterThan(65_536);
    expect(words(trials)).toContain(`hold ${most * 200}`);
  });

  test('join tiny requests with themselves above buffers of 4, 16 and 64 KiB', () => {
    const trials = take(bytesOf([2])).filter(({ kind }) => kind === 'deep');
    const lengths = trials.map(({ sending }) => sending.repeat * 2);
    for (const depth of [4096, 16_384, 65_536]) {
      expect(words(trials)).toContain(`hold ${depth + 500}`);
    }
    expect(Math.max(...lengths)).toBe(65_536 + 500);
  });

  test.each([
    ['the target is slow', bytesOf([200]), 1000, /takes too long/],
    ['a request is that long', bytesOf([40_000]), 0, /that long themselves/],
    ['they are', bytesOf([200]), 0, /^none$/],
  ])('say why requests are not sent so often where %s', (_, requests, roundTrip, reason) => {
    const options = { frames: [], seed: 1, runs: 200, lockstep: false, isScripted: false };
    const against = reasonAgainstDeep({ ...options, requests, roundTrip });
    expect(against ?? 'none').toMatch(reason);
  });

  test('repeat a slow target twice only', () => {
    const trials = take(bytesOf([200]), { roundTrip: 1000 });
    expect(Math.max(...trials.map(({ sending }) => sending.repeat))).toBeLessThanOrEqual(3);
  });

  test('join nothing and send no FIN early in lock-step', () => {
    const trials = take(bytesOf([10, 10]), { lockstep: true });
    expect(trials.every(({ sending }) => sending.lockstep && sending.fin === 'none')).toBe(true);
    const kinds = new Set(trials.map(({ kind }) => kind));
    expect([kinds.has('joined'), kinds.has('fin')]).toEqual([false, false]);
  });

  test('play a request above 64 KiB in one write', () => {
    expect(take(bytesOf([70_000])).some(({ kind }) => kind === 'large')).toBe(true);
    expect(take(bytesOf([60_000])).some(({ kind }) => kind === 'large')).toBe(false);
  });

  test('end when every delivery that the bytes allow was given', () => {
    expect(take(bytesOf([2]), { runs: 5000 }).length).toBeLessThan(200);
  });

  test('are the same for the same seed', () => {
    expect(take(bytesOf([40, 3]), { runs: 150 })).toEqual(take(bytesOf([40, 3]), { runs: 150 }));
  });
});

describe('single cuts of a long request', () => {
  const filler = 'x'.repeat(3000);

  test.each([
    ['inside a UTF-8 character far behind', `${filler}世${filler}`, [3001, 3002]],
    ['inside CRLF CRLF behind a long header', `${filler}\r\n\r\n${filler}`, [3001, 3002, 3003]],
    ['inside a number', `${filler} 1234 ${filler}`, [3002]],
    ['around a line feed', `${filler}\n${filler}`, [3000, 3001]],
    ['at powers of two and their neighbours', `${filler}${filler}`, [4095, 4096, 4097, 1024, 1025]],
    ['before the last byte', filler, [2999]],
  ])('fall %s', (_, request, offsets) => {
    expect(singleCuts([text(request)])).toEqual(expect.arrayContaining(offsets));
  });

  test('fall around each prefix where the frames are known', () => {
    const frames = [
      { start: 0, payloadStart: 4, end: 2000 },
      { start: 2000, payloadStart: 2004, end: 3000 },
    ];
    const cuts = singleCuts(bytesOf([3000]), { frames });
    expect(cuts).toEqual(expect.arrayContaining([2001, 2002, 2003, 2004, 2005, 1999]));
  });

  test('fall at 65536 of a request that is longer', () => {
    expect(singleCuts(bytesOf([80_000]))).toContain(65_536);
  });

  test('are bounded', () => {
    expect(singleCuts(bytesOf([300_000])).length).toBeLessThanOrEqual(80);
  });
});

describe('spotsOf', () => {
  test('lie inside the bytes, each once', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 300 }), (bytes) => {
        const spots = spotsOf(bytes, []);
        expect(spots.every((at) => at > 0 && at < bytes.length)).toBe(true);
        expect(new Set(spots).size).toBe(spots.length);
      }),
    );
  });

  test('split pairs of hex digits and groups of base64', () => {
    const at = 20;
    const spots = spotsOf(text(`${'-'.repeat(at)}0a1b2c3d4e5f${'-'.repeat(100)}`), []);
    expect(spots).toEqual(expect.arrayContaining([at + 1, at + 2, at + 3]));
  });

  test.each([
    ['a long request', [400], {}, 1],
    ['a short one, repeated', [12], {}, 25],
    ['two short ones, repeated', [7, 5], {}, 25],
    ['a long request in lock-step', [400], { lockstep: true }, 1],
    ['a long request of a dialogue', [400], { isScripted: true }, 1],
  ] as const)('send 300 single bytes on one connection: %s', (_name, lengths, given, repeat) => {
    const longest = take(bytesOf(lengths), given).filter(
      ({ kind, schedule }) => kind === 'pieces' && schedule.ops.length === 300,
    );
    expect(longest.map(({ sending }) => sending.repeat)).toEqual([repeat]);
  });

  test.each([
    ['of a slow target', [400], { roundTrip: 60 }],
    ['of a short request in lock-step', [12], { lockstep: true }],
  ] as const)('never send so many single bytes %s', (_name, lengths, given) => {
    const counts = take(bytesOf(lengths), given)
      .filter(({ kind }) => kind === 'pieces')
      .map(({ schedule }) => schedule.ops.length);
    expect(Math.max(...counts)).toBeLessThanOrEqual(128);
  });
});
