// Waits for a sign, or for some time.

import { MAX_TIMER_MS } from '../../options.ts';

export class Wake {
  #wake: () => void = () => undefined;

  /** Wakes who waits. */
  now(): void {
    this.#wake();
  }

  /**
   * Resolves at the next `now`, or after this many ms, at the latest after the longest time of a timer: ask
   * again for what was awaited. One may wait at a time.
   */
  wait(limit: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, Math.min(Math.ceil(limit), MAX_TIMER_MS));
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
