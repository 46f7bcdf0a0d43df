// Time as a parameter. Durations and deadlines use `monotonic`, which no change of the wall clock affects.
// Only log lines show the wall clock.

import { performance } from 'node:perf_hooks';

export interface Clock {
  /** Time in ms that only goes forward. Its zero has no meaning. */
  monotonic(): number;
  /** Time in ms since 1970, as the host's clock shows it. It may jump. */
  wall(): number;
  /** Calls `then` in `delay` ms, and returns a function that cancels the call. */
  after(delay: number, then: () => void): () => void;
}

/** Longest time in ms that a timer of Node takes. A timer with a longer time would fire at once. */
export const MAX_TIMER_MS: number = 2 ** 31 - 1;

/** The clock of the process. Its `after` waits at most MAX_TIMER_MS, even for a longer delay. */
export const systemClock: Clock = {
  monotonic: () => performance.now(),
  wall: () => Date.now(),
  after(delay, then) {
    const timer = setTimeout(then, Math.min(delay, MAX_TIMER_MS));
    return () => clearTimeout(timer);
  },
};
