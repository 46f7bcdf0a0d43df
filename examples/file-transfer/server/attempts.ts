// Counts wrong passwords by address, and by user within an address. After too many, a client has to wait.
//
// Rules:
// - The lock is checked when the password is judged, so a thousand attempts at the same time gain
//   nothing.
// - Only a wrong password is counted, and no count is forgotten before its time, so no client can flush
//   its own. An address has no more users than wrong passwords, and further addresses share one count.
// - A name counts the same however its letters are composed, as it is looked up. Time is given, not taken.

import { Refusal } from '../both/refusal.ts';

export interface AttemptLimits {
  /** Wrong passwords for one user from one address, within the window. */
  readonly perUser: number;
  /** Wrong passwords from one address, for any user. */
  readonly perAddress: number;
  readonly windowMs: number;
}

export const usualLimits: AttemptLimits = { perUser: 5, perAddress: 50, windowMs: 60_000 };

/** More addresses than this are not told apart, until these counts are over. */
export const MAX_ADDRESSES = 10_000;
const FURTHER = 'further addresses';

interface Count {
  wrong: number;
  readonly users: Map<string, number>;
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

  /** Refuses a client that has to wait. Changes no count. */
  check(user: string, address: string): void {
    const count = this.#find(address);
    if (count === undefined) {
      return;
    }
    const own = count.users.get(user.normalize('NFC')) ?? 0;
    if (own < this.#limits.perUser && count.wrong < this.#limits.perAddress) {
      return;
    }
    const seconds = Math.ceil((count.until - this.#now()) / 1000);
    throw new Refusal('E_LOCKED', `Too many wrong passwords; try again in ${seconds} s.`, {
      seconds,
    });
  }

  /** Whether the password was right, if one does not have to wait: then it is not even looked at. */
  judge(user: string, address: string, isRight: () => boolean): boolean {
    this.check(user, address);
    const verdict = isRight();
    const name = user.normalize('NFC');
    if (verdict) {
      this.#find(address)?.users.delete(name);
      return true;
    }
    const count = this.#find(address) ?? this.#begin(address);
    count.users.set(name, (count.users.get(name) ?? 0) + 1);
    count.wrong += 1;
    return false;
  }

  /** The count that is on, of the address or of those that found no room. */
  #find(address: string): Count | undefined {
    this.#forget();
    return this.#counts.get(address) ?? this.#counts.get(FURTHER);
  }

  #begin(address: string): Count {
    const fresh = { wrong: 0, users: new Map(), until: this.#now() + this.#limits.windowMs };
    this.#counts.set(this.#counts.size < MAX_ADDRESSES ? address : FURTHER, fresh);
    return fresh;
  }

  /** All windows are equally long: the first in the map is the first to be over. */
  #forget(): void {
    const now = this.#now();
    for (const [address, { until }] of this.#counts) {
      if (until > now) {
        return;
      }
      this.#counts.delete(address);
    }
  }
}
