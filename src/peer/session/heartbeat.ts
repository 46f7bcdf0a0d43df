// Decides when to ping a silent remote, and when to give it up, and knows which pings have no answer yet. This
// file is pure: time is a parameter, in ms from any start.

/** Maximum number of our own pings without an answer. */
export const MAX_UNANSWERED_PINGS = 64;

export interface HeartbeatOptions {
  /** Time in ms without a sign of life after which a ping is sent. Infinity means that no ping is sent. */
  readonly interval: number;
  /** Time in ms for the answer to the ping, or for any other sign of life. Infinity means no limit. */
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

  /** Called when the remote gave a sign of life. */
  heard(now: number): void {
    this.#heardAt = now;
    this.#askedAt = undefined;
  }

  /** Time at which to call `check`. Infinity means never. */
  get deadline(): number {
    const { interval, timeout } = this.#options;
    return this.#askedAt === undefined ? this.#heardAt + interval : this.#askedAt + timeout;
  }

  /** Returns what is due at the time `now`. When it returns 'ping', the time for the answer starts. */
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

/** The pings of this side that have no answer yet. */
export class Pings {
  #lastId = 0;
  /** Made for a ping and dropped after its answer: nearly all the time a peer has none. */
  #unanswered: Set<number> | undefined;

  /** Returns the id of a new ping, or `undefined` if too many pings have no answer. */
  add(): number | undefined {
    this.#unanswered ??= new Set();
    if (this.#unanswered.size >= MAX_UNANSWERED_PINGS) {
      return undefined;
    }
    this.#unanswered.add(++this.#lastId);
    return this.#lastId;
  }

  /** Called when an answer came. Returns whether its ping waited for it. */
  answered(id: number): boolean {
    const isKnown = this.#unanswered?.delete(id) === true;
    if (this.#unanswered?.size === 0) {
      this.#unanswered = undefined;
    }
    return isKnown;
  }
}
