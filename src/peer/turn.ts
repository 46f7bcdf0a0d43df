// Fairness between connections. A peer with much to do lets the event loop turn, so that others are served,
// timers fire and connections are accepted.

/** Time in ms that a peer may work before it lets the event loop turn. */
const MAX_TURN_MS = 4;

export class Turn {
  #startedAt = performance.now();

  /** A promise to wait for if this peer has worked for long enough, else `undefined`. */
  over(): Promise<void> | undefined {
    return performance.now() - this.#startedAt < MAX_TURN_MS ? undefined : this.next();
  }

  /** Resolves when the event loop has turned. */
  async next(): Promise<void> {
    await new Promise<void>((resolve) => {
      setImmediate(resolve);
    });
    this.#startedAt = performance.now();
  }
}
