// The small parts of the core, each compared with a model that is too simple to be wrong.

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { History } from './history.ts';
import { defaultLimits } from './limits.ts';
import { Outbox } from './outbox.ts';
import { Rate } from './rate.ts';
import { Rooms } from './rooms.ts';

describe('History', () => {
  test('holds the last lines, the oldest first', () => {
    fc.assert(
      fc.property(fc.nat(8), fc.array(fc.nat(), { maxLength: 40 }), (capacity, lines) => {
        const history = new History<number>(capacity);
        for (const line of lines) {
          history.add(line);
        }
        expect(history.lines()).toEqual(capacity === 0 ? [] : lines.slice(-capacity));
      }),
    );
  });
});

describe('Rate', () => {
  test('never lets more than the burst and the rate through, whatever the times', () => {
    const limits = { commandsPerSecond: 10, burst: 5 };
    fc.assert(
      fc.property(fc.array(fc.nat(400), { minLength: 1, maxLength: 100 }), (pauses) => {
        const rate = new Rate(limits, 0);
        let now = 0;
        pauses.forEach((pause, index) => {
          now += pause;
          const wait = rate.take(now);
          expect(wait).toBeLessThanOrEqual(100);
          now += wait;
          expect(index + 1).toBeLessThanOrEqual(limits.burst + now / 100 + 1e-6);
        });
      }),
    );
  });

  test('does not hold up who stays below it', () => {
    const rate = new Rate({ commandsPerSecond: 10, burst: 5 }, 0);
    for (let now = 0; now < 100_000; now += 100) {
      expect(rate.take(now)).toBe(0);
    }
  });
});

type Step = 'offer' | 'answer' | 'take';

function missed(count: number): string {
  return `missed ${count}`;
}

describe('Outbox', () => {
  const steps = fc.array(fc.constantFrom<Step>('offer', 'offer', 'answer', 'take'), {
    maxLength: 200,
  });

  test('gives everything in order, with each gap marked by its size', () => {
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 6 }), (all, maxLines) => {
        const outbox = new Outbox<string>({ maxLines, patience: 1000, missed });
        const put: string[] = [];
        const taken: string[] = [];
        const drain = (): void => {
          for (let item = outbox.take(0); item !== undefined; item = outbox.take(0)) {
            taken.push(item);
          }
        };
        all.forEach((step, index) => {
          if (step === 'take') {
            taken.push(...[outbox.take(0)].filter((item) => item !== undefined));
          } else if (step === 'answer') {
            outbox.answer(`answer ${index}`);
            put.push(`answer ${index}`);
          } else {
            const isTaken = outbox.offer(`line ${index}`, 0);
            put.push(isTaken ? `line ${index}` : 'missed');
          }
          expect(outbox.length - outbox.answers).toBeLessThanOrEqual(maxLines);
          const waiting = put.filter((item) => item.startsWith('a') && !taken.includes(item));
          expect(outbox.answersLength).toBe(waiting.join('').length);
        });
        drain();
        // Answers, and lines that were queued, come out in the order in which they were put in.
        const items = taken.filter((item) => !item.startsWith('missed'));
        expect(items).toEqual(put.filter((item) => item !== 'missed'));
        // All lines that were not queued are counted.
        const counts = taken
          .filter((item) => item.startsWith('missed'))
          .map((item) => Number(item.slice(7)));
        const sum = counts.reduce((total, count) => total + count, 0);
        expect(sum).toBe(put.filter((item) => item === 'missed').length);
        // The first notice comes after every line that came before the gap.
        const before = put
          .slice(0, put.indexOf('missed'))
          .filter((item) => item.startsWith('line'));
        const notice = taken.findIndex((item) => item.startsWith('missed'));
        const ahead = taken.slice(0, notice);
        expect(sum > 0 ? before.filter((line) => !ahead.includes(line)) : []).toEqual([]);
      }),
    );
  });

  test('is hopeless when lines are missed and nothing is taken for longer than the patience', () => {
    const outbox = new Outbox<string>({ maxLines: 1, patience: 1000, missed: String });
    outbox.offer('a', 0);
    expect(outbox.isHopeless(1_000_000)).toBe(false);
    outbox.offer('b', 1_000_000);
    expect(outbox.isHopeless(1_001_000)).toBe(false);
    expect(outbox.isHopeless(1_001_001)).toBe(true);
    expect([outbox.take(1_001_001), outbox.take(1_001_001)]).toEqual(['a', '1']);
    expect(outbox.isHopeless(9_000_000)).toBe(false);
  });
});

describe('Rooms', () => {
  test('keeps to its limit, and never forgets a room that people are in', () => {
    const step = fc.record({ room: fc.nat(9), member: fc.nat(3), enters: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 100 }), (all) => {
        const rooms = new Rooms<number>({ ...defaultLimits, maxRooms: 4 });
        const inside = new Map<string, Set<number>>();
        const refusedWith: number[][] = [];
        for (const { room: number, member, enters } of all) {
          const name = { shown: `room${number}`, key: `room${number}` };
          const members = inside.get(name.key) ?? new Set();
          const room = rooms.open(name);
          const occupied = Array.from(inside.values()).filter(({ size }) => size > 0).length;
          if (room === undefined) {
            refusedWith.push([members.size, occupied]);
          } else if (enters) {
            rooms.enter(room, member);
            inside.set(name.key, members.add(member));
          } else if (members.delete(member)) {
            rooms.leave(room, member);
          }
          expect(rooms.size).toBeLessThanOrEqual(4);
          const open = Array.from(inside).filter(([, { size }]) => size > 0);
          expect(open.map(([key]) => rooms.find(key)?.members)).toEqual(open.map(([, set]) => set));
        }
        // Only a new room is refused, and only when people are in all the others.
        expect(refusedWith).toEqual(refusedWith.map(() => [0, 4]));
      }),
    );
  });

  test('forgets the room that has been empty for longest', () => {
    const rooms = new Rooms<string>({ ...defaultLimits, maxRooms: 2 });
    const open = (key: string) => rooms.open({ shown: key, key });
    const [first, second] = [open('first'), open('second')];
    if (first === undefined || second === undefined) {
      throw new Error('there is place for two');
    }
    rooms.enter(first, '小明');
    rooms.leave(first, '小明');
    open('third');
    expect([rooms.find('first'), rooms.find('second')]).toEqual([first, undefined]);
  });
});
