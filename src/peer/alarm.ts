// One timer for a deadline that moves. It never keeps a process alive: the socket does that.

import { MAX_TIMEOUT } from '../stream/framed-options.ts';

export class Alarm {
  readonly #onDue: () => void;
  #timer: NodeJS.Timeout | undefined;
  /** What the timer runs for. */
  #at = Infinity;

  constructor(onDue: () => void) {
    this.#onDue = onDue;
  }

  /**
   * `at` is in ms of performance.now(); Infinity: never. A deadline that only moves away leaves the
   * timer as it is, and it is asked again when that is due: setting one for each message costs more.
   */
  set(at: number): void {
    if (this.#timer !== undefined && this.#at <= at) return;
    this.stop();
    if (at === Infinity) return;
    this.#at = at;
    const ms = Math.min(Math.max(Math.ceil(at - performance.now()), 1), MAX_TIMEOUT);
    this.#timer = setTimeout(() => {
      // Timers come before input: what has come in time is read first.
      setImmediate(() => {
        if (this.#timer === undefined) return;
        this.#timer = undefined;
        this.#onDue();
      });
    }, ms);
    this.#timer.unref();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#at = Infinity;
  }
}
