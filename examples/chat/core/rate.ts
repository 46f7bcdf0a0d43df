// How fast a user may send: a bucket of tokens that fills up with time. It refuses nothing. For a user who
// is too fast it returns a time to wait, and the server reads nothing more from that user until then. TCP
// passes that on, and in the end the user's own send waits.

const MS_PER_SECOND = 1000;

export class Rate {
  readonly #perMs: number;
  readonly #burst: number;
  #tokens: number;
  #at: number;

  constructor(limits: { readonly commandsPerSecond: number; readonly burst: number }, now: number) {
    this.#perMs = limits.commandsPerSecond / MS_PER_SECOND;
    this.#burst = limits.burst;
    this.#tokens = limits.burst;
    this.#at = now;
  }

  /** Whether about half of the burst is available again: a user who was too fast has slowed down. */
  get isRested(): boolean {
    return this.#tokens >= this.#burst / 2 - 1;
  }

  /** Takes one token. Returns the ms to wait before going on: 0 unless the bucket went into debt. */
  take(now: number): number {
    this.#tokens = Math.min(this.#burst, this.#tokens + (now - this.#at) * this.#perMs) - 1;
    this.#at = now;
    return this.#tokens >= 0 ? 0 : Math.ceil(-this.#tokens / this.#perMs);
  }
}
