// One timer that is started and stopped often. It does not keep the process alive unless `isRef` is set,
// because the socket does.
//
// Node fires timers before it reads input. So in a busy process, bytes that would have stopped a timer may
// have come in time and still wait in the kernel. For this reason a deadline reads the input before it
// expires.

import { MAX_TIMER_MS } from '../options.ts';

/**
 * Maximum number of times that an expiring deadline looks for input again, as long as each look finds some.
 */
const MAX_LOOKS = 16;

/** What a deadline is for. It is an object and not functions, because each idle peer has a deadline. */
export interface Timed {
  /** Called when the time is over. */
  onExpire(): void;
  /**
   * A number that grows with the bytes that are read. When the time is over, the deadline first lets the
   * input that waits in the kernel be read, and that input may make the owner stop the deadline. If the
   * number has grown by then, the deadline looks for input again, at most MAX_LOOKS times, and then expires.
   * Default: one look.
   */
  readonly progress?: number;
  /** Whether the timer keeps the process alive. Default false. */
  readonly isRef?: boolean;
}

export class Deadline {
  #ms: number;
  readonly #timed: Timed;
  #timer: NodeJS.Timeout | undefined;
  #running = false;
  /**
   * Number of starts so far. An expiry that waits for input compares it, to see whether the deadline was
   * started anew.
   */
  #round = 0;
  /** Time at which the timer that `runUntil` set expires, in ms of performance.now(). */
  #at = Infinity;

  /**
   * `ms` is the time after which the deadline expires. If `ms` is Infinity, the deadline expires only at a
   * time that `runUntil` sets.
   */
  constructor(ms: number, timed: Timed) {
    this.#ms = ms;
    this.#timed = timed;
  }

  get isRunning(): boolean {
    return this.#running;
  }

  /** Starts the deadline, unless it runs already. */
  start(): void {
    if (!this.#running) {
      this.restart();
    }
  }

  /** Starts the deadline anew from now. */
  restart(): void {
    if (this.#ms === Infinity) {
      return;
    }
    this.#running = true;
    this.#round++;
    if (this.#timer === undefined) {
      this.#setTimer(this.#ms);
    } else {
      this.#timer.refresh();
    }
  }

  /**
   * Runs the deadline until `at`, in ms of performance.now(); with Infinity it stops. If the deadline already
   * runs towards an earlier time, that time stays, because a new timer for each message would cost more. The
   * deadline also expires early if `at` is further away than a timer can reach. So `onExpire` must check the
   * time and call `runUntil` again.
   */
  runUntil(at: number): void {
    if (this.#running && this.#at <= at) {
      return;
    }
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#running = at !== Infinity;
    this.#at = at;
    this.#round++;
    if (this.#running) {
      this.#setTimer(Math.min(Math.max(Math.ceil(at - performance.now()), 1), MAX_TIMER_MS));
    }
  }

  stop(): void {
    this.#running = false;
  }

  /**
   * Stops the deadline and clears its timer. After this `start` and `restart` do nothing; `runUntil` still
   * starts it.
   */
  clear(): void {
    this.#ms = Infinity;
    this.#running = false;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #setTimer(ms: number): void {
    this.#timer = setTimeout(() => this.#expire(), ms);
    if (this.#timed.isRef !== true) {
      this.#timer.unref();
    }
  }

  // When a deadline is stopped, its timer runs on, and this function then does nothing. Clearing and setting
  // a timer for each frame would cost more.
  #expire(): void {
    if (this.#running) {
      this.#look(this.#round, 0);
    } else {
      // An idle connection keeps no timer.
      this.#timer = undefined;
    }
  }

  /**
   * Lets the input that waits in the kernel be read. Then the deadline expires, unless it was stopped or
   * started anew. If the input made progress, the deadline first looks for input again.
   */
  #look(round: number, looks: number): void {
    const { progress } = this.#timed;
    afterInput(() => {
      if (!this.#running || this.#round !== round) {
        return;
      }
      if (this.#timed.progress !== progress && looks < MAX_LOOKS) {
        this.#look(round, looks + 1);
        return;
      }
      this.#running = false;
      this.#timed.onExpire();
    });
  }
}

/**
 * Calls `callback` when the input that waits in the kernel has been read. In the first turn of the event loop
 * Node reads the socket. In the second turn a transform above the socket (TLS, http2) has passed the bytes
 * on.
 */
export function afterInput(callback: () => void): void {
  setImmediate(() => setImmediate(callback));
}
