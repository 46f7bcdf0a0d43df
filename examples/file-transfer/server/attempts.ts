// Counts wrong passwords by network, and by user within a network. After too many, a client must wait. A
// network is one IPv4 address, or a /64 of IPv6, because one machine can use all addresses of its /64.
//
// Rules:
// - The limits are checked once more when the password is judged, so parallel attempts gain nothing.
// - Only wrong passwords count. A count lasts for its whole window, so no client can get rid of its count.
//   The memory is bounded: a count holds a user only after a wrong password, and beyond MAX_ADDRESSES
//   networks all further networks share SHARED_COUNTS counts. A secret key decides which network has which,
//   so an attacker cannot choose the count of somebody else, and has to fill all of them to lock everybody out.
// - All Unicode forms of a user's name count as one, as in the lookup. The caller gives the time.

import { createHmac, randomBytes } from 'node:crypto';
import { isIPv6 } from 'node:net';
import { Refusal } from '../both/refusal.ts';

export interface AttemptLimits {
  /** Maximum number of wrong passwords for one user from one network, within the window. */
  readonly perUser: number;
  /** Maximum number of wrong passwords from one network for all users, within the window. */
  readonly perAddress: number;
  /** Length of the window in ms. It starts with the first wrong password. */
  readonly windowMs: number;
}

export const usualLimits: AttemptLimits = { perUser: 5, perAddress: 50, windowMs: 60_000 };

/** Maximum number of networks with a count of their own. */
export const MAX_ADDRESSES = 10_000;
/** Number of counts that all further networks share. */
export const SHARED_COUNTS = 4096;
const KEY_LENGTH = 32;

interface Count {
  wrong: number;
  readonly users: Map<string, number>;
  readonly until: number;
}

export class Attempts {
  readonly #limits: AttemptLimits;
  readonly #now: () => number;
  readonly #counts = new Map<string, Count>();
  readonly #key: Buffer = randomBytes(KEY_LENGTH);

  constructor(limits: AttemptLimits, now: () => number) {
    this.#limits = limits;
    this.#now = now;
  }

  /** Refuses a client that must wait. A call does not count as an attempt. */
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

  /**
   * Returns whether the password is right. Counts a wrong one; a right one clears the user's own count.
   * Throws before it judges if the client must wait.
   */
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

  /** The running count of the address's network, or the count that it shares with others. */
  #find(address: string): Count | undefined {
    this.#forget();
    const network = networkOf(address);
    return this.#counts.get(network) ?? this.#counts.get(this.#shared(network));
  }

  /** The name of the count that this network shares with others if there are too many networks. */
  #shared(network: string): string {
    const digest = createHmac('sha256', this.#key).update(network).digest();
    return `shared ${digest.readUInt32LE() % SHARED_COUNTS}`;
  }

  #begin(address: string): Count {
    const fresh = { wrong: 0, users: new Map(), until: this.#now() + this.#limits.windowMs };
    const network = networkOf(address);
    const isFull = this.#counts.size >= MAX_ADDRESSES;
    this.#counts.set(isFull ? this.#shared(network) : network, fresh);
    return fresh;
  }

  /** Drops counts whose window is over. All windows are equally long, so the first in the map ends first. */
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

/**
 * The network that an address belongs to: the IPv4 address itself, or the first 64 bits of an IPv6 address.
 */
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
