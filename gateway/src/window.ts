// The frames of one device between its socket and the bus. At most `size` frames are held. They are stored in
// order, and each is acknowledged to the device after the bus has it. The method is Go-back-N: after a
// failure, all frames from the first failed one on are sent again.
//
//            add                 append                    acknowledge
//   socket ───────▶ [ n+2 | n+1 |  n  ] ───────▶ bus  ───────────────────▶ device, then the frame leaves
//
//   sending ──a call fails──▶ waiting ──pause over, every call settled──▶ sending (all held, oldest first)
//      └──────────────── a final failure, or stop ──────▶ stopped         (frames held are dropped)

import { toBusError } from './bus.ts';
import type { BusError, Claim } from './bus.ts';
import type { Clock } from './clock.ts';

/** A frame, its id on the bus, and the function to call once the frame is stored. */
export interface Held {
  readonly id: string;
  readonly bytes: Uint8Array;
  /** Acknowledges the frame to the device. Rejects if the device cannot be reached any more. */
  acknowledge(): Promise<void>;
}

/** What a window needs of its session. */
export interface WindowHost {
  /** Maximum number of frames that are held. */
  readonly size: number;
  readonly clock: Clock;
  /** Called for each frame that the bus has stored. */
  onStored(): void;
  /** Called for each failure after which the frames are sent again. */
  onRetry(error: BusError): void;
  /**
   * Called once when no frame can be stored any more, or none acknowledged. `dropped` is the number of held
   * frames that the bus had not stored.
   */
  onStopped(error: Error, dropped: number): void;
}

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 2000;

export class Window {
  readonly #claim: Pick<Claim, 'append' | 'goBack'>;
  readonly #host: WindowHost;
  #state: 'sending' | 'waiting' | 'stopped' = 'sending';
  /** Frames that the bus has not stored yet, the oldest first. */
  #unstored: Held[] = [];
  /** Number of frames that the bus has stored and that are not yet acknowledged to the device. */
  #unacknowledged = 0;
  /**
   * Number of calls that have not settled. Going back before they have settled would mix two rounds of calls.
   */
  #calls = 0;
  #isPauseOver = false;
  #pause = FIRST_PAUSE_MS;
  #cancelPause: (() => void) | undefined;
  #acknowledging: Promise<void> = Promise.resolve();
  #wake: (() => void)[] = [];

  constructor(claim: Pick<Claim, 'append' | 'goBack'>, host: WindowHost) {
    this.#claim = claim;
    this.#host = host;
  }

  get length(): number {
    return this.#unstored.length + this.#unacknowledged;
  }

  /**
   * Takes a frame. Resolves to true when there is room for another frame, and to false if the window has
   * stopped.
   */
  async add(held: Held): Promise<boolean> {
    if (this.#state !== 'stopped') {
      this.#unstored.push(held);
    }
    if (this.#state === 'sending') {
      this.#send(held);
    }
    await this.#until(() => this.length < this.#host.size);
    return this.#isRunning;
  }

  /**
   * Resolves to true when every frame is stored and acknowledged, and to false if the window has stopped
   * before.
   */
  async drained(): Promise<boolean> {
    await this.#until(() => this.length === 0);
    return this.#isRunning;
  }

  /** Stops sending. Frames that the bus has not stored are dropped. */
  stop(error: Error): void {
    if (this.#state === 'stopped') {
      return;
    }
    this.#state = 'stopped';
    this.#cancelPause?.();
    const dropped = this.#unstored.length;
    this.#unstored = [];
    this.#host.onStopped(error, dropped);
    this.#wakeAll();
  }

  get #isRunning(): boolean {
    return this.#state !== 'stopped';
  }

  #send(held: Held): void {
    this.#calls++;
    this.#claim.append(held).then(
      () => {
        this.#calls--;
        this.#stored(held);
      },
      (error: unknown) => {
        this.#calls--;
        this.#failed(toBusError(error));
        this.#goBackIfReady();
      },
    );
  }

  /**
   * Called when the bus has stored a frame. The acknowledgements go out one after another. While a device does
   * not read them, its frames stay in the window, so a full window takes no more from it.
   */
  #stored(held: Held): void {
    const at = this.#unstored.indexOf(held);
    if (at < 0) {
      return;
    }
    this.#unstored.splice(at, 1);
    this.#unacknowledged++;
    this.#pause = FIRST_PAUSE_MS;
    this.#host.onStored();
    this.#acknowledging = this.#acknowledging.then(() => this.#acknowledge(held));
  }

  async #acknowledge(held: Held): Promise<void> {
    try {
      if (this.#isRunning) {
        await held.acknowledge();
      }
    } catch (error) {
      this.stop(error instanceof Error ? error : new Error(String(error)));
    }
    this.#unacknowledged--;
    this.#wakeAll();
  }

  /** Handles a failed call. Only the first failure of a round gives the reason; the others follow from it. */
  #failed(error: BusError): void {
    if (this.#state !== 'sending') {
      return;
    }
    if (error.isFinal) {
      this.stop(error);
      return;
    }
    this.#host.onRetry(error);
    this.#state = 'waiting';
    this.#isPauseOver = false;
    this.#cancelPause = this.#host.clock.after(this.#pause, () => {
      this.#isPauseOver = true;
      this.#goBackIfReady();
    });
    this.#pause = Math.min(2 * this.#pause, LONGEST_PAUSE_MS);
  }

  #goBackIfReady(): void {
    if (this.#state !== 'waiting' || !this.#isPauseOver || this.#calls > 0) {
      return;
    }
    this.#state = 'sending';
    this.#claim.goBack();
    for (const held of this.#unstored) {
      this.#send(held);
    }
  }

  async #until(holds: () => boolean): Promise<void> {
    while (this.#isRunning && !holds()) {
      await new Promise<void>((wake) => this.#wake.push(wake));
    }
  }

  #wakeAll(): void {
    const waiting = this.#wake;
    this.#wake = [];
    for (const wake of waiting) {
      wake();
    }
  }
}
