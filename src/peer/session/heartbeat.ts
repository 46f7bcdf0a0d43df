// When to ping a silent remote, and when to give it up. Pure: time is a parameter, in ms from any start.

export interface HeartbeatOptions {
  /** Time in ms without a byte after which a ping is sent. Infinity means never. */
  readonly interval: number;
  /** Time in ms until the answer, or any other byte, must have come. Infinity means no limit. */
  readonly timeout: number;
}

export class Heartbeat {
  readonly #options: HeartbeatOptions;
  #heardAt: number;
  #askedAt: number | undefined;

  constructor(options: HeartbeatOptions, now: number) {
    this.#options = options;
    this.#heardAt = now;
  }

  /** Bytes came. */
  heard(now: number): void {
    this.#heardAt = now;
    this.#askedAt = undefined;
  }

  /** When to call `check`; Infinity means never. */
  get deadline(): number {
    const { interval, timeout } = this.#options;
    return this.#askedAt === undefined ? this.#heardAt + interval : this.#askedAt + timeout;
  }

  /** What is due at this time. */
  check(now: number): 'ping' | 'dead' | undefined {
    if (now < this.deadline) {
      return undefined;
    }
    if (this.#askedAt !== undefined) {
      return 'dead';
    }
    this.#askedAt = now;
    return 'ping';
  }
}
