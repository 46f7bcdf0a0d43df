// Signals while a command runs. The first Ctrl-C goes to the command, and the second makes the client leave.
// SIGTERM and SIGHUP make the client leave at once.

import { constants } from 'node:os';
import { statuses } from '../both/trouble.ts';

/**
 * Time in ms in which several signals count as one key press. The terminal sends a signal, and npm and other
 * runners pass theirs on as well.
 */
const SAME_PRESS_MS = 400;
const leaving = ['SIGTERM', 'SIGHUP'] as const;

/** The source of the signals: this process, or a prompt that sees the keys itself. */
export interface SignalSource {
  on(name: 'SIGINT' | 'SIGTERM' | 'SIGHUP', listener: () => void): unknown;
  off(name: 'SIGINT' | 'SIGTERM' | 'SIGHUP', listener: () => void): unknown;
}

export interface InterruptHandlers {
  readonly onFirst: () => void;
  readonly onLeave: () => void;
}

/** Handles the signals while one command runs. Call done() when it has ended. */
export class Interrupts {
  readonly #source: SignalSource;
  readonly #handlers: InterruptHandlers;
  readonly #now: () => number;
  readonly #leave = leaving.map((name) => ({ name, run: () => this.#goFor(name) }));
  #pressedAt: number | undefined;
  /** Resolves when the user has left. */
  readonly left: Promise<undefined>;
  #onLeft: () => void = () => undefined;
  #status: number | undefined;

  constructor(
    source: SignalSource,
    handlers: InterruptHandlers,
    now: () => number = () => performance.now(),
  ) {
    this.#source = source;
    this.#handlers = handlers;
    this.#now = now;
    this.left = new Promise((resolve) => {
      this.#onLeft = () => resolve(undefined);
    });
    source.on('SIGINT', this.#press);
    for (const { name, run } of this.#leave) {
      source.on(name, run);
    }
  }

  /** The exit status after the user has left; `undefined` before. */
  get leftWith(): number | undefined {
    return this.#status;
  }

  done(): void {
    this.#source.off('SIGINT', this.#press);
    for (const { name, run } of this.#leave) {
      this.#source.off(name, run);
    }
  }

  readonly #press = (): void => {
    const before = this.#pressedAt;
    const now = this.#now();
    if (before !== undefined && now - before < SAME_PRESS_MS) {
      return;
    }
    this.#pressedAt = now;
    if (before === undefined) {
      this.#handlers.onFirst();
    } else {
      this.#goFor('SIGINT');
    }
  };

  #goFor(name: 'SIGINT' | 'SIGTERM' | 'SIGHUP'): void {
    this.#status ??= statuses.signalled + constants.signals[name];
    this.#handlers.onLeave();
    this.#onLeft();
  }
}
