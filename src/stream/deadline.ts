// One timer, started and stopped often. It does not keep the process alive unless asked to, because the
// socket does.
//
// Timers fire before input is read. In a busy process the bytes that would have stopped a timer may have
// come in time and wait in the kernel. So a deadline reads the input before it expires.

import { MAX_TIMER_MS } from '../options.ts';

/** Maximum number of further looks for input, while each look finds some. */
const MAX_LOOKS = 16;

export interface DeadlineOptions {
  /**
   * Function that returns a number that grows with what is read. When the time is over, the deadline first
   * lets input that lies in the kernel be read, and that input may make the owner stop the deadline. If the
   * number has grown, the deadline looks for input again, at most MAX_LOOKS times. Then it expires. Default:
   * one look.
   */
  readonly progress?: () => number;
  /** Whether the timer keeps the process alive. Default false. */
  readonly isRef?: boolean;
}

export class Deadline {
  #ms: number;
  readonly #onExpire: () => void;
  readonly #options: DeadlineOptions | undefined;
  #timer: NodeJS.Timeout | undefined;
  #running = false;
  /** Number of starts, so that an expiry that waits for input sees whether the deadline was started anew. */
  #round = 0;
  /** When a timer that `runUntil` set expires, in ms of performance.now(). */
  #at = Infinity;

  /**
   * `ms` is the time after which the deadline expires. With Infinity it expires only when `runUntil` says so.
   */
  constructor(ms: number, onExpire: () => void, options?: DeadlineOptions) {
    this.#ms = ms;
    this.#onExpire = onExpire;
    this.#options = options;
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
      this.#setTimer(this.#ms);
    } else {
      this.#timer.refresh();
    }
  }

  /**
   * Runs it until `at`, in ms of performance.now(); Infinity stops it. If it already runs towards an earlier
   * time, it keeps that time, because a new timer for each message would cost more. It also expires early if
   * `at` is further away than a timer reaches. So `onExpire` must call `runUntil` again.
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
   * Stops it and lets go of the timer. After this `start` and `restart` do nothing; `runUntil` still starts it.
   */
  clear(): void {
    this.#ms = Infinity;
    this.#running = false;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #setTimer(ms: number): void {
    this.#timer = setTimeout(() => this.#expire(), ms);
    if (this.#options?.isRef !== true) {
      this.#timer.unref();
    }
  }

  // The timer of a stopped deadline runs on and is ignored here. To clear and set one for each frame costs
  // more.
  #expire(): void {
    if (this.#running) {
      this.#look(this.#round, 0);
    }
  }

  /**
   * Lets the input that lies in the kernel be read. Then the deadline expires, if it still runs and was not
   * started anew. If the input made progress, it looks again first.
   */
  #look(round: number, looks: number): void {
    const progress = this.#options?.progress;
    const seen = progress?.();
    afterInput(() => {
      if (!this.#running || this.#round !== round) {
        return;
      }
      if (progress?.() !== seen && looks < MAX_LOOKS) {
        this.#look(round, looks + 1);
        return;
      }
      this.#running = false;
      this.#onExpire();
    });
  }
}

/**
 * Calls back when the input that lies in the kernel has been read. The first turn of the event loop reads the
 * socket. In the second, a transform above the socket (TLS, http2) has passed the bytes on.
 */
export function afterInput(callback: () => void): void {
  setImmediate(() => setImmediate(callback));
}

/**
 * The deadline that never expires. All share it, so that a connection with the default options has no timer
 * of its own.
 */
const NEVER = new Deadline(Infinity, () => undefined);

/** A deadline of `ms`. With Infinity it is the shared deadline that never expires. */
export function deadline(ms: number, onExpire: () => void): Deadline {
  return ms === Infinity ? NEVER : new Deadline(ms, onExpire);
}
