// Limits how often a remote may do things that cost this side and not the remote, with one token bucket for
// each connection. This file is pure: time is a parameter, in ms from any start.
//
// Reading pauses while the bucket is in debt. If the remote goes on, reading is paused for most of the time.
// When the pauses add up to more than 10 s, the remote counts as flooding, and the connection ends. Time
// without a pause is subtracted from the sum, so the connection of a remote that keeps to the rate on average
// never ends.

export interface FloodOptions {
  /** Number of messages that may come at once. */
  readonly burst: number;
  /**
   * Number of messages a second by which the burst recovers. When the burst is used up, reading pauses.
   * Infinity means no limit.
   */
  readonly rate: number;
}

/** Maximum sum of the pauses, in ms. */
export const MAX_DEBT_MS = 10_000;
/**
 * Time in ms by which each pause is longer than its debt. The timer of a short pause may be late by about
 * this time, and the lateness would count as time in which the remote kept to the rate.
 */
const MIN_HOLD_MS = 100;

export class FloodGate {
  readonly #costMs: number;
  readonly #burstMs: number;
  /** Time at which the debt of everything that was spent is paid. */
  #paidAt = -Infinity;
  #heldUntil = -Infinity;
  #debtMs = 0;

  constructor({ burst, rate }: FloodOptions) {
    this.#costMs = 1000 / rate;
    this.#burstMs = burst * this.#costMs;
  }

  /** Called when the remote did something that costs this side. */
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

  /** The time until which nothing may be read. It is in the past while reading may go on. */
  get heldUntil(): number {
    return this.#heldUntil;
  }

  /** Whether the pauses add up to so much time that the remote counts as flooding. */
  get isFlooded(): boolean {
    return this.#debtMs > MAX_DEBT_MS;
  }
}
