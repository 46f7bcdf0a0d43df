// Quota, workers and attempts: what they count, and what is given back. Users: what a stranger learns of
// them.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runs } from '../../../test/support/seed.ts';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Refusal } from '../both/refusal.ts';
import { Attempts, MAX_ADDRESSES, SHARED_COUNTS, usualLimits } from './attempts.ts';
import { Quota } from './quota.ts';
import type { Reservation } from './quota.ts';
import { Users } from './users.ts';
import { Workers } from './workers.ts';
import type { Place } from './workers.ts';

const quietly = (): void => undefined;
const wrong = (): boolean => false;
const right = (): boolean => true;

/** The reservation, or undefined if it was refused with E_QUOTA. */
function reserved(quota: Quota, length: number): Reservation | undefined {
  try {
    return quota.reserve(length);
  } catch (error) {
    if (error instanceof Refusal && error.code === 'E_QUOTA') {
      return undefined;
    }
    throw error;
  }
}

/** Runs an attempt. Returns whether it was refused with E_LOCKED. */
function refused(attempt: () => unknown): boolean {
  try {
    attempt();
    return false;
  } catch (error) {
    if (!(error instanceof Refusal) || error.code !== 'E_LOCKED') {
      throw error;
    }
    return true;
  }
}

describe('Quota', () => {
  test('never promises more than the limit, and ends with exactly what was written', () => {
    const uploads = fc.array(
      fc.record({ size: fc.nat(60), share: fc.double({ min: 0, max: 1, noNaN: true }) }),
    );
    fc.assert(
      fc.property(fc.nat(100), uploads, (limit, wanted) => {
        const quota = new Quota({ bytes: limit }, 0);
        const open: { reservation: Reservation; written: number }[] = [];
        for (const { size, share } of wanted) {
          const free = limit - quota.used - quota.reserved;
          const reservation = reserved(quota, size);
          expect(reservation !== undefined).toBe(size <= free);
          if (reservation !== undefined) {
            open.push({ reservation, written: Math.floor(size * share) });
          }
          expect(quota.used + quota.reserved).toBeLessThanOrEqual(limit);
          if (share < 0.5) {
            const last = open.pop();
            last?.reservation.settle(last.written);
            last?.reservation.settle(last.written); // Only the first call counts.
          }
        }
        const before = quota.used;
        for (const { reservation, written } of open) {
          reservation.settle(written);
        }
        expect(quota.reserved).toBe(0);
        expect(quota.used).toBe(before + open.reduce((sum, { written }) => sum + written, 0));
      }),
      runs(200),
    );
  });

  test('says how much is needed, free, and reserved by others', () => {
    const quota = new Quota({ bytes: 100 }, 30);
    quota.reserve(50);
    const facts =
      '25 bytes are needed, and 20 of your 100 are free (50 are reserved by other uploads)';
    expect(() => quota.reserve(25)).toThrow(facts);
  });
});

describe('Workers', () => {
  const never = new AbortController().signal;

  test('lets in as many as there are places, and the others as places come free', async () => {
    const workers = new Workers(2);
    const order: string[] = [];
    const enter = async (name: string): Promise<Place> => {
      const place = await workers.enter(name, never, (ahead) =>
        order.push(`${name} after ${ahead}`),
      );
      order.push(name);
      return place;
    };
    const [first, second] = await Promise.all([enter('a'), enter('b')]);
    const [third, fourth] = [enter('c'), enter('d')];
    expect(order).toEqual(['a', 'b', 'c after 0', 'd after 1']);
    first?.leave();
    first?.leave(); // Only the first call counts.
    await third;
    expect(order.at(-1)).toBe('c');
    second?.leave();
    await fourth;
    expect(order.at(-1)).toBe('d');
  });

  test('prefers whoever has the fewest running', async () => {
    const workers = new Workers(2);
    const order: string[] = [];
    const first = await workers.enter('greedy', never, quietly);
    await workers.enter('greedy', never, quietly);
    const waiting = ['greedy', 'greedy', 'modest'].map(async (name) => {
      await workers.enter(name, never, quietly);
      order.push(name);
    });
    first.leave();
    await waiting[2];
    expect(order).toEqual(['modest']);
  });

  test('lets one in line give up, and holds no place for it', async () => {
    const workers = new Workers(1);
    const place = await workers.enter('a', never, quietly);
    const impatient = new AbortController();
    const gone = workers.enter('b', impatient.signal, quietly);
    const patient = workers.enter('c', never, quietly);
    impatient.abort(new Error('enough'));
    await expect(gone).rejects.toThrow('enough');
    place.leave();
    (await patient).leave();
    await expect(workers.enter('d', never, quietly)).resolves.toBeDefined();
  });
});

describe('Attempts', () => {
  const limits = { perUser: 3, perAddress: 5, windowMs: 60_000 };

  test('refuses after too many wrong passwords, says for how long, and forgets', () => {
    let now = 0;
    const attempts = new Attempts(limits, () => now);
    for (let n = 0; n < 3; n++) {
      expect(attempts.judge('alice', '10.0.0.1', wrong)).toBe(false);
    }
    now = 20_000;
    expect(() => attempts.check('alice', '10.0.0.1')).toThrow('try again in 40 s');
    expect(() => attempts.judge('alice', '10.0.0.1', right)).toThrow('try again in 40 s');
    expect(attempts.judge('alice', '10.0.0.2', right)).toBe(true); // Alice herself, from elsewhere.
    now = 60_000;
    expect(attempts.judge('alice', '10.0.0.1', right)).toBe(true);
  });

  test('judges no more of those that began at the same time, and counts no right ones', () => {
    const attempts = new Attempts(limits, () => 0);
    for (let n = 0; n < 100; n++) {
      attempts.check('alice', '10.0.0.1');
    }
    for (let n = 0; n < 100; n++) {
      attempts.judge('alice', '10.0.0.1', right);
    }
    for (let n = 0; n < 3; n++) {
      attempts.judge('alice', '10.0.0.1', wrong);
    }
    expect(() => attempts.judge('alice', '10.0.0.1', right)).toThrow('Too many');
  });

  test('stops an address that tries one user after the other', () => {
    const attempts = new Attempts(limits, () => 0);
    for (let user = 0; user < 5; user++) {
      attempts.judge(`user${user}`, '10.0.0.1', wrong);
    }
    expect(() => attempts.check('another', '10.0.0.1')).toThrow('Too many');
    attempts.check('another', '10.0.0.2');
  });

  test('locks for the whole window, however many other names are tried in between', () => {
    const attempts = new Attempts(usualLimits, () => 0);
    const guesses: string[] = [];
    const guess = (user: string): void => {
      refused(() => attempts.judge(user, '10.0.0.1', () => guesses.push(user) < 0));
    };
    for (let round = 0; round < 3; round++) {
      for (let n = 0; n < 10; n++) {
        guess('alice');
      }
      for (let n = 0; n <= MAX_ADDRESSES; n++) {
        refused(() => attempts.check(`user ${round}-${n}`, '10.0.0.1'));
      }
    }
    expect(guesses).toHaveLength(usualLimits.perUser);
    for (let n = 0; n < 100; n++) {
      guess(`user ${n}`);
    }
    expect(guesses).toHaveLength(usualLimits.perAddress);
  });

  test('counts a name once, however it is spelt', () => {
    const attempts = new Attempts(limits, () => 0);
    for (let n = 0; n < 3; n++) {
      attempts.judge('jose\u0301', '10.0.0.1', wrong);
    }
    expect(() => attempts.judge('jos\u00e9', '10.0.0.1', right)).toThrow('Too many');
  });

  test('forgets nobody for the sake of others, and few of those that are too many share a count', () => {
    let now = 0;
    const attempts = new Attempts({ ...limits, perUser: 1 }, () => now);
    for (let n = 0; n < MAX_ADDRESSES; n++) {
      attempts.judge('alice', `address ${n}`, wrong);
    }
    now = 59_999;
    attempts.judge('alice', 'one more', wrong);
    expect(() => attempts.check('alice', 'address 0')).toThrow('try again in 1 s');
    expect(() => attempts.check('alice', 'one more')).toThrow('try again in 60 s');
    expect(attempts.judge('bob', 'one more', right)).toBe(true);
    // One guess fills one of the shared counts, and only those who have that count must wait.
    const others = Array.from({ length: 5 * SHARED_COUNTS }, (_, n) => `other ${n}`);
    const waiting = others.filter((other) => refused(() => attempts.check('alice', other)));
    expect(waiting.length).toBeLessThan(40); // 5 on average.
    now = 119_999;
    expect(() => attempts.check('alice', 'one more')).not.toThrow();
  });

  test('judges no more wrong ones than allowed, whatever else is asked in between', () => {
    const who = fc.record({
      user: fc.constantFrom('alice', 'bob', 'Jos\u00e9', 'Jose\u0301', '', '__proto__'),
      address: fc.constantFrom('10.0.0.1', '10.0.0.2'),
      act: fc.constantFrom('wrong', 'wrong', 'wrong', 'check'),
    });
    fc.assert(
      fc.property(fc.array(who, { maxLength: 60 }), (all) => {
        const attempts = new Attempts(limits, () => 0);
        const judged = new Map<string, number>();
        const count = (key: string): void => void judged.set(key, (judged.get(key) ?? 0) + 1);
        for (const { user, address, act } of all) {
          const isWrong = (): boolean => {
            count(address);
            count(`${address} ${user.normalize()}`);
            return false;
          };
          refused(() => {
            if (act === 'check') {
              attempts.check(user, address);
            } else {
              attempts.judge(user, address, isWrong);
            }
          });
        }
        for (const [key, times] of judged) {
          expect(times).toBeLessThanOrEqual(key.includes(' ') ? limits.perUser : limits.perAddress);
        }
      }),
      runs(200),
    );
  });
});

describe('Users', () => {
  test('show by no spelling of a name whether it is anybody’s', async () => {
    const root = await mkdtemp(join(tmpdir(), 'unstick-users-'));
    try {
      const users = new Users(root);
      await users.add('jos\u00e9', 'a password', { quota: 1, cost: { n: 2 ** 14, r: 8, p: 1 } });
      const saltOf = async (name: string): Promise<string> => (await users.find(name)).user.salt;
      for (const name of ['jos\u00e9', 'ren\u00e9']) {
        expect(await saltOf(name.normalize('NFD'))).toBe(await saltOf(name));
      }
      expect(await saltOf('jos\u00e9')).not.toBe(await saltOf('ren\u00e9'));
    } finally {
      await rm(root, { recursive: true });
    }
  });

  test('sees a user that another process has added', async () => {
    const root = await mkdtemp(join(tmpdir(), 'unstick-users-'));
    try {
      const [server, other] = [new Users(root), new Users(root)];
      const cost = { n: 2 ** 14, r: 8, p: 1 };
      for (const name of ['first', 'second']) {
        expect((await server.find(name)).exists).toBe(false);
        await other.add(name, 'a password', { quota: 1, cost });
        expect((await server.find(name)).exists).toBe(true);
        expect((await server.find(name)).user).toEqual((await other.find(name)).user);
      }
    } finally {
      await rm(root, { recursive: true });
    }
  });
});
