// One timer, started and stopped often. It never keeps a process alive, unless asked to: the socket does.
//
// Timers fire before input is read. In a busy process the bytes that would have stopped a timer may have
// come in time and wait in the kernel. So a deadline reads the input before it expires.

import { MAX_TIMER_MS } from '../options.ts';

/** Maximum number of further looks for input, while each look finds some. */
const MAX_LOOKS = 16;

export interface DeadlineOptions {
  /**
   * Function that returns a number that grows with what is read. When the time is over, the deadline first lets
   * input that lies in the kernel be read: its owner may stop the deadline then. While each look finds more
   * input (the number changed), the deadline looks again, at most MAX_LOOKS times. Then it expires. Default:
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
  /** Counts the starts, so that an expiry can tell whether it is still meant. */
  #round = 0;
  /** When the timer expires, where `runUntil` set it: in ms of performance.now(). */
  #at = Infinity;

  /** `ms`: time after which it expires. With Infinity it expires only when `runUntil` says so. */
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
   * Runs it until `at`, in ms of performance.now(); Infinity stops it. It may expire earlier: when it
   * already runs and `at` is later, or when `at` is further than a timer reaches. So `onExpire` must call this
   * again. Setting a timer for each message would cost more.
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

  // A stopped timer runs out unnoticed: stopping and starting one for each frame would cost more.
  #expire(): void {
    if (this.#running) {
      this.#look(this.#round, 0);
    }
  }

  /**
   * Reads the input that lies in the kernel. Then it expires, if it still runs and was not started anew. If
   * the input made progress, it looks once more first.
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
 * Calls back when the input that lies in the kernel has been read. The first turn of the event loop
 * reads the socket; in the second a transform above it (TLS, http2) has passed it on.
 */
export function afterInput(callback: () => void): void {
  setImmediate(() => setImmediate(callback));
}

/**
 * The deadline that never expires, shared by all: a connection with the default options has no timer of its
 * own.
 */
const NEVER = new Deadline(Infinity, () => undefined);

/** A deadline of `ms`; Infinity: it never expires. */
export function deadline(ms: number, onExpire: () => void): Deadline {
  return ms === Infinity ? NEVER : new Deadline(ms, onExpire);
}
