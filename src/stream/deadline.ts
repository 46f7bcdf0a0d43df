// One timer, started and stopped often. It never keeps a process alive: the socket does that.

export class Deadline {
  #ms: number;
  readonly #onExpire: () => void;
  #timer: NodeJS.Timeout | undefined;
  #running = false;
  /** Counts the starts, so that an expiry can tell whether it is still meant. */
  #round = 0;

  /** `ms` Infinity: it never expires. */
  constructor(ms: number, onExpire: () => void) {
    this.#ms = ms;
    this.#onExpire = onExpire;
  }

  get isRunning(): boolean {
    return this.#running;
  }

  /** Starts it, unless it runs. */
  start(): void {
    if (!this.#running) {
      this.restart();
    }
  }

  /** Starts it from now. */
  restart(): void {
    if (this.#ms === Infinity) {
      return;
    }
    this.#running = true;
    this.#round++;
    if (this.#timer === undefined) {
      this.#timer = setTimeout(() => this.#expire(), this.#ms);
      this.#timer.unref();
    } else {
      this.#timer.refresh();
    }
  }

  stop(): void {
    this.#running = false;
  }

  /** Stops it for good. */
  clear(): void {
    this.#ms = Infinity;
    this.#running = false;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  // A stopped timer runs out unnoticed: stopping and starting one for each frame would cost more.
  #expire(): void {
    if (!this.#running) {
      return;
    }
    const round = this.#round;
    afterInput(() => {
      if (!this.#running || this.#round !== round) {
        return;
      }
      this.#running = false;
      this.#onExpire();
    });
  }
}

/**
 * Calls back when the input that lies in the kernel has been read. Timers come before input: in a busy
 * process the bytes that would have stopped a timer may have come in time and wait in the kernel.
 */
export function afterInput(callback: () => void): void {
  // The first turn reads the socket; in the second a transform above it (TLS, http2) has passed it on.
  setImmediate(() => setImmediate(callback));
}

/** For all that never expires: a connection with the default options has no timer of its own. */
const NEVER = new Deadline(Infinity, () => undefined);

/** A deadline of `ms`; Infinity: it never expires. */
export function deadline(ms: number, onExpire: () => void): Deadline {
  return ms === Infinity ? NEVER : new Deadline(ms, onExpire);
}
