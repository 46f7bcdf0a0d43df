// How often a remote may do what costs this side and not itself: one token bucket a connection. Pure:
// time is a parameter, in ms from any start.
//
// Reading stops while the bucket is in debt. A remote that goes on is held up for most of the time; when
// that adds up to more than 10 s, it is a flood and the connection ends. Time in which nothing was held
// up counts against the sum, so a remote that stays within the rate on average is never ended.

export interface FloodOptions {
  /** Number of messages that may come at once. */
  readonly burst: number;
  /** Number of messages a second after that; Infinity for no limit. */
  readonly rate: number;
}

/** Maximum sum of the times for which a remote is held up, in ms. */
export const MAX_DEBT_MS = 10_000;
/**
 * What each pause is longer than its debt, in ms. After a pause of one message a timer is late by as much,
 * and its lateness would count as time in which the remote kept to the rate.
 */
const MIN_HOLD_MS = 100;

export class FloodGate {
  readonly #costMs: number;
  readonly #burstMs: number;
  /** When everything that was spent is paid. */
  #paidAt = -Infinity;
  #heldUntil = -Infinity;
  #debtMs = 0;

  constructor({ burst, rate }: FloodOptions) {
    this.#costMs = 1000 / rate;
    this.#burstMs = burst * this.#costMs;
  }

  /** The remote did something that costs. */
  spend(now: number): void {
    this.#paidAt = Math.max(this.#paidAt, now) + this.#costMs;
    const owed = this.#paidAt - this.#burstMs;
    if (owed <= now) {
      return;
    }
    const until = owed + MIN_HOLD_MS;
    const free = Math.max(0, now - this.#heldUntil);
    this.#debtMs = Math.max(0, this.#debtMs - free) + until - Math.max(now, this.#heldUntil);
    this.#heldUntil = until;
  }

  /** Until when nothing more is to be read; in the past where reading may go on. */
  get heldUntil(): number {
    return this.#heldUntil;
  }

  /** The remote was held up for too long. */
  get isFlooded(): boolean {
    return this.#debtMs > MAX_DEBT_MS;
  }
}
