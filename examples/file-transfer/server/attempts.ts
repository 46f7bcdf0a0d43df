// Counts wrong passwords by network, and by user within a network. After too many, a client must wait. A
// network is an address of IPv4, or a /64 of IPv6: one machine has all addresses of its /64.
//
// Rules:
// - The lock is checked when the password is judged, so parallel attempts gain nothing.
// - Only wrong passwords count. No count ends before its time, so no client can flush its own. An address has
//   no more users than wrong passwords, and further addresses share one count.
// - A name counts the same in every Unicode form, as in the lookup. The caller gives the time.

import { isIPv6 } from 'node:net';
import { Refusal } from '../both/refusal.ts';

export interface AttemptLimits {
  /** Maximum number of wrong passwords for one user from one address, within the window. */
  readonly perUser: number;
  /** Maximum number of wrong passwords from one address, for any user. */
  readonly perAddress: number;
  readonly windowMs: number;
}

export const usualLimits: AttemptLimits = { perUser: 5, perAddress: 50, windowMs: 60_000 };

/** Maximum number of addresses with a count of their own. */
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

  /** Refuses a client that must wait. Changes no count. */
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

  /** Whether the password was right. A client that must wait is refused before the password is judged. */
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

  /** The running count of the address, or the shared count of further addresses. */
  #find(address: string): Count | undefined {
    this.#forget();
    return this.#counts.get(networkOf(address)) ?? this.#counts.get(FURTHER);
  }

  #begin(address: string): Count {
    const fresh = { wrong: 0, users: new Map(), until: this.#now() + this.#limits.windowMs };
    this.#counts.set(this.#counts.size < MAX_ADDRESSES ? networkOf(address) : FURTHER, fresh);
    return fresh;
  }

  /** All windows have the same length, so the first in the map ends first. */
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

const GROUPS = 8;
const NETWORK_GROUPS = 4;

/** The network of an address, which is what an attacker has. */
export function networkOf(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
  if (!isIPv6(plain)) {
    return plain;
  }
  const [head = '', tail] = plain.toLowerCase().split('::');
  const groups = head.split(':').filter((group) => group !== '');
  const behind = tail === undefined ? [] : tail.split(':').filter((group) => group !== '');
  const zeros = Array.from({ length: GROUPS - groups.length - behind.length }, () => '0');
  const whole = [...groups, ...zeros, ...behind].slice(0, NETWORK_GROUPS);
  return `${whole.map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::/64`;
}
