// One timer, started and stopped often. It never keeps a process alive: the socket does that.

export class Deadline {
  #ms: number;
  readonly #onExpire: () => void;
  #timer: NodeJS.Timeout | undefined;
  #running = false;
  /** Counts the starts. */
  #round = 0;

  /** `ms` 0: it never expires. */
  constructor(ms: number, onExpire: () => void) {
    this.#ms = ms;
    this.#onExpire = onExpire;
  }

  /** Starts it, unless it runs. */
  start(): void {
    if (!this.#running) this.restart();
  }

  /** Starts it from now. */
  restart(): void {
    if (this.#ms === 0) return;
    this.#running = true;
    this.#round++;
    if (this.#timer === undefined) {
      this.#timer = setTimeout(() => this.#expire(), this.#ms);
      this.#timer.unref();
    } else this.#timer.refresh();
  }

  stop(): void {
    this.#running = false;
  }

  /** Stops it for good. */
  clear(): void {
    this.#ms = 0;
    this.#running = false;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  // A stopped timer is left to run out: stopping and starting one for each frame would cost more.
  #expire(): void {
    if (!this.#running) return;
    // Timers come before input. When the process was busy, what would have stopped this one may have
    // come in time and wait in the kernel: that is read first.
    const round = this.#round;
    setImmediate(() => {
      if (!this.#running || this.#round !== round) return;
      this.#running = false;
      this.#onExpire();
    });
  }
}

/** For all that never expires: a connection with the default options has none of its own. */
const NEVER = new Deadline(0, () => undefined);

/** A deadline of `ms`; 0: it never expires. */
export function deadline(ms: number, onExpire: () => void): Deadline {
  return ms === 0 ? NEVER : new Deadline(ms, onExpire);
}
