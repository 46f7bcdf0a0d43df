// Lets one caller wait until it is woken, or until some time is over.

import { MAX_TIMER_MS } from '../../options.ts';

export class Wake {
  #wake: () => void = () => undefined;

  /** Resolves the promise of `wait`, if there is one. */
  now(): void {
    this.#wake();
  }

  /**
   * Resolves at the next `now`, or after `limit` ms. If no timer can run that long, it resolves earlier, so
   * the caller must check and wait again. Only one caller may wait at a time.
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
