// The roster of the claims of a node: who has a device when claims and notices cross, and when each is renewed.

import { describe, expect, test } from 'vitest';
import { Roster } from '../src/jetstream/roster.ts';
import type { Member } from '../src/jetstream/roster.ts';

const ROUND_MS = 60_000;

/** Time that goes on only in `pass`. */
class ManualClock {
  #now = 0;
  readonly #timers = new Set<{ readonly at: number; readonly fire: () => void }>();

  monotonic(): number {
    return this.#now;
  }

  wall(): number {
    return this.#now;
  }

  after(delay: number, fire: () => void): () => void {
    const timer = { at: this.#now + delay, fire };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  get timers(): number {
    return this.#timers.size;
  }

  /** Lets time pass, timer by timer, and lets what they started go on. */
  async pass(length: number): Promise<void> {
    const end = this.#now + length;
    for (;;) {
      const [next] = [...this.#timers]
        .filter(({ at }) => at <= end)
        .toSorted((a, b) => a.at - b.at);
      if (next === undefined) {
        break;
      }
      this.#now = next.at;
      this.#timers.delete(next);
      next.fire();
      await new Promise((done) => setImmediate(done));
    }
    this.#now = end;
  }
}

/** A claim that notes when it is renewed. */
class Claimed implements Member {
  readonly renewals: number[] = [];
  losses = 0;
  readonly device: string;
  readonly epoch: number;
  readonly #roster: Roster;
  readonly #clock: ManualClock;

  constructor({ roster, clock }: Scene, device: string, epoch: number) {
    this.device = device;
    this.epoch = epoch;
    this.#roster = roster;
    this.#clock = clock;
  }

  renew(): Promise<void> {
    this.renewals.push(this.#clock.monotonic());
    return Promise.resolve();
  }

  pass(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  lose(): void {
    this.losses++;
    this.#roster.remove(this);
  }
}

interface Scene {
  readonly roster: Roster;
  readonly clock: ManualClock;
}

function scene(): Scene {
  return { roster: new Roster(), clock: new ManualClock() };
}

async function joined(given: Scene, device: string, epoch: number): Promise<Claimed> {
  const claim = new Claimed(given, device, epoch);
  await given.roster.join(device, () => Promise.resolve(claim));
  return claim;
}

describe('A roster', () => {
  test('renews each claim once a round, spread over it, with one timer', async () => {
    const given = scene();
    given.roster.start(given.clock, ROUND_MS);
    const claims = await Promise.all(
      Array.from({ length: 600 }, (_, at) => joined(given, `d${at}`, at + 1)),
    );
    expect(given.clock.timers).toBe(1);
    await given.clock.pass(3 * ROUND_MS);
    expect(new Set(claims.map(({ renewals }) => renewals.length))).toEqual(new Set([3]));
    for (const { renewals } of claims) {
      expect(renewals.map((at) => at - (renewals[0] ?? 0))).toEqual([0, ROUND_MS, 2 * ROUND_MS]);
    }
    const perSecond = new Map<number, number>();
    for (const at of claims.flatMap(({ renewals }) => renewals)) {
      perSecond.set(at, (perSecond.get(at) ?? 0) + 1);
    }
    expect(new Set(perSecond.values())).toEqual(new Set([10]));
    given.roster.stop();
    expect(given.clock.timers).toBe(0);
  });

  test('renews a claim within a round whenever it came, and whoever left', async () => {
    const given = scene();
    given.roster.start(given.clock, ROUND_MS);
    for (let at = 0; at < 20; at++) {
      await given.clock.pass(ROUND_MS / 7);
      const crowd = await Promise.all(
        Array.from({ length: 50 }, (_, one) => joined(given, `crowd${at}-${one}`, 1)),
      );
      const claim = await joined(given, `d${at}`, 1);
      crowd.forEach((one) => given.roster.remove(one));
      const since = given.clock.monotonic();
      await given.clock.pass(ROUND_MS);
      expect(claim.renewals.map((time) => time - since <= ROUND_MS)).toEqual([true]);
      expect(crowd.flatMap(({ renewals }) => renewals)).toEqual([]);
    }
  });

  test('does not start a turn again while it waits for a bucket that is silent', async () => {
    const given = scene();
    given.roster.start(given.clock, ROUND_MS);
    let calls = 0;
    const silent = new Claimed(given, 'd1', 1);
    silent.renew = () => {
      calls++;
      return new Promise(() => undefined);
    };
    await given.roster.join('d1', () => Promise.resolve(silent));
    const other = await joined(given, 'd2', 2);
    await given.clock.pass(5 * ROUND_MS);
    expect([calls, other.renewals.length]).toEqual([1, 5]);
  });

  test.each<[string, readonly number[], readonly number[]]>([
    ['in the order of their epochs', [1, 2, 3], [1, 1, 0]],
    ['in the other order', [3, 2, 1], [0, 1, 1]],
    ['mixed', [2, 3, 1], [1, 0, 1]],
  ])('keeps the newest claim of a device when they come %s', async (_name, epochs, losses) => {
    const given = scene();
    const claims: Claimed[] = [];
    for (const epoch of epochs) {
      claims.push(await joined(given, 'd1', epoch));
    }
    expect(claims.map((claim) => claim.losses)).toEqual(losses);
    expect(given.roster.get('d1')?.epoch).toBe(3);
  });

  test.each<[string, number, number]>([
    ['a newer claim', 6, 1],
    ['this claim', 5, 0],
    ['an older claim', 4, 0],
    ['no number', NaN, 0],
  ])('while a claim is made, a notice of %s counts for it', async (_name, epoch, losses) => {
    const given = scene();
    const claim = new Claimed(given, 'd1', 5);
    await given.roster.join('d1', () => {
      given.roster.hear('d1', epoch);
      given.roster.hear('d2', 9);
      return Promise.resolve(claim);
    });
    expect(claim.losses).toBe(losses);
    // It does not count for the next one.
    expect((await joined(given, 'd1', 5)).losses).toBe(0);
  });

  test('forgets the notices of a claim that could not be made', async () => {
    const given = scene();
    const failed = given.roster.join('d1', () => {
      given.roster.hear('d1', 9);
      return Promise.reject(new Error('away'));
    });
    await expect(failed).rejects.toThrow('away');
    expect((await joined(given, 'd1', 5)).losses).toBe(0);
  });
});
