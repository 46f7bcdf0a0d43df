// Wrong passwords are counted, by user and address and by address alone; too many, and one has to wait.
// Whether one is locked out is asked at the moment of judgement: a thousand attempts that began at the same
// time gain nothing. Time is given, not taken.

import { Refusal } from '../both/refusal.ts';

export interface AttemptLimits {
  /** Wrong passwords for one user from one address, within the window. */
  readonly perUser: number;
  /** Wrong passwords from one address, for whomever. */
  readonly perAddress: number;
  readonly windowMs: number;
}

export const usualLimits: AttemptLimits = { perUser: 5, perAddress: 50, windowMs: 60_000 };

/** More addresses than this are not remembered; the oldest is forgotten first. */
const MAX_KEYS = 10_000;

interface Count {
  wrong: number;
  readonly until: number;
}

export class Attempts {
  readonly #limits: AttemptLimits;
  readonly #now: () => number;
  readonly #counts = new Map<string, Count>();

  constructor(limits: AttemptLimits, now: () => number) {
    this.#limits = limits;
    this.#now = now;
  }

  /** Refuses somebody who has to wait. */
  check(user: string, address: string): void {
    const { perUser, perAddress } = this.#limits;
    const [own, all] = this.#countsOf(user, address);
    if (own.wrong < perUser && all.wrong < perAddress) return;
    const until = own.wrong >= perUser ? own.until : all.until;
    const seconds = Math.ceil((until - this.#now()) / 1000);
    throw new Refusal('E_LOCKED', `Too many wrong passwords; try again in ${seconds} s.`, {
      seconds,
    });
  }

  /** Whether the password was right, if one does not have to wait: then it is not even looked at. */
  judge(user: string, address: string, isRight: () => boolean): boolean {
    this.check(user, address);
    const [own, all] = this.#countsOf(user, address);
    const verdict = isRight();
    own.wrong = verdict ? 0 : own.wrong + 1;
    if (!verdict) all.wrong += 1;
    return verdict;
  }

  #countsOf(user: string, address: string): [Count, Count] {
    return [this.#count(JSON.stringify([address, user])), this.#count(address)];
  }

  #count(key: string): Count {
    const now = this.#now();
    const known = this.#counts.get(key);
    if (known !== undefined && known.until > now) return known;
    // All windows are equally long: the first in the map is the first to be over.
    for (const [oldest, { until }] of this.#counts) {
      if (until > now && this.#counts.size < MAX_KEYS) break;
      this.#counts.delete(oldest);
    }
    const fresh = { wrong: 0, until: now + this.#limits.windowMs };
    this.#counts.delete(key);
    this.#counts.set(key, fresh);
    return fresh;
  }
}
