// One timer for a deadline that moves. Timers come before input: when the process was busy, what would
// have stopped this one may have come in time and wait in the kernel. So that is read before the alarm
// goes off.

import { MAX_TIMER_MS } from '../options.ts';

/** How often to look for more input while each look finds some. */
const MAX_LOOKS = 16;

export interface AlarmOptions {
  readonly onDue: () => void;
  /** A number that grows whenever something of the remote is read. */
  readonly progress: () => number;
  /** The timer keeps the process alive. Default false: the socket does that. */
  readonly isRef?: boolean;
}

export class Alarm {
  readonly #options: AlarmOptions;
  #timer: NodeJS.Timeout | undefined;
  /** What the timer runs for. */
  #at = Infinity;

  constructor(options: AlarmOptions) {
    this.#options = options;
  }

  /**
   * `at` is in ms of performance.now(); Infinity: never. A deadline that only moves away leaves the
   * timer as it is, and it is asked again when that is due: setting one for each message costs more.
   */
  set(at: number): void {
    if (this.#timer !== undefined && this.#at <= at) {
      return;
    }
    this.stop();
    if (at === Infinity) {
      return;
    }
    this.#at = at;
    const ms = Math.min(Math.max(Math.ceil(at - performance.now()), 1), MAX_TIMER_MS);
    const timer = setTimeout(() => this.#look(timer, 0, this.#options.progress()), ms);
    if (this.#options.isRef !== true) {
      timer.unref();
    }
    this.#timer = timer;
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#at = Infinity;
  }

  /** Goes off when a turn of the event loop brought nothing more. */
  #look(timer: NodeJS.Timeout, looks: number, seen: number): void {
    setImmediate(() => {
      if (this.#timer !== timer) {
        return;
      }
      const progress = this.#options.progress();
      if (progress !== seen && looks < MAX_LOOKS) {
        this.#look(timer, looks + 1, progress);
        return;
      }
      this.stop();
      this.#options.onDue();
    });
  }
}
