// The clock of `frameTimeout`. It runs while a reader waits inside a frame, and starts anew with each 64 KiB
// of the frame. When it fires, the connection ends. With resync the decoder gives up the frame instead, and
// the connection goes on. So a remote that sends a frame byte by byte is cut off, and a large frame on a slow
// link is not.

import { Deadline } from './deadline.ts';
import type { Timed } from './deadline.ts';
import type { Intake } from './intake.ts';
import type { Owner } from './owner.ts';
import { connectionError } from './transport.ts';

/**
 * Number of bytes of a frame that count as progress. When so many bytes have come, `frameTimeout` starts
 * anew.
 */
const PROGRESS_LENGTH = 64 * 1024;

/** The part of a reading half that its clock knows. */
interface Half {
  readonly intake: Intake<unknown>;
  /** Whether a reader waits now. */
  readonly isWaiting: boolean;
  /** Reads on after a frame that the decoder gave up. */
  readOn(): void;
}

/**
 * The clock runs on when a reader gives up inside a frame: if it stopped, a reader that asks again and again
 * would start the time anew each time. When it fires and no reader waits, it has no effect.
 */
export class FrameClock implements Timed {
  readonly #half: Half;
  readonly #owner: Owner;
  readonly #deadline: Deadline;
  /** Value of `intake.bytes` when the clock was last started. */
  #mark = 0;
  /** Value of `intake.frames` at the last call of `watch`. */
  #frames = 0;

  constructor(half: Half, owner: Owner) {
    this.#half = half;
    this.#owner = owner;
    this.#deadline = new Deadline(owner.options.frameTimeout, this);
  }

  /** Called when bytes came, and when a reader asked for a value. */
  watch(): void {
    const { intake, isWaiting } = this.#half;
    if (!isWaiting || intake.isAtBoundary) {
      this.#deadline.stop();
      return;
    }
    const { bytes, frames } = intake;
    // A reader that is shown frames sees many of them in one wait, so each frame that it has seen starts the
    // time anew.
    if (bytes - this.#mark >= PROGRESS_LENGTH || frames > this.#frames) {
      this.#deadline.stop();
    }
    this.#frames = frames;
    if (this.#deadline.isRunning) {
      return;
    }
    this.#mark = bytes;
    this.#deadline.start();
  }

  /**
   * Stops the clock until the next `watch`. Called when a frame was finished, and when we had paused the
   * socket, because then the remote could not send.
   */
  stop(): void {
    this.#deadline.stop();
  }

  /** Stops the clock for good. */
  clear(): void {
    this.#deadline.clear();
  }

  /** Called when the time of the frame is over. */
  onExpire(): void {
    if (!this.#half.isWaiting) {
      return;
    }
    if (this.#half.intake.decoder.giveUp?.() === true) {
      this.#half.readOn();
      return;
    }
    const { options, remoteAddress } = this.#owner;
    const limit = options.frameTimeout;
    const facts = `A frame was begun, and within ${limit} ms neither its end nor another ${PROGRESS_LENGTH} bytes of it came`;
    const numbers = { remoteAddress, limit, received: this.#half.intake.buffered };
    this.#owner.fail(connectionError('ERR_FRAME_STALLED', facts, numbers));
  }
}

/**
 * Makes the clock of a half, if its reader waits inside a frame and its time is limited. Before that the half
 * needs no clock.
 */
export function frameClock(half: Half, owner: Owner): FrameClock | undefined {
  const isLimited = owner.options.frameTimeout !== Infinity;
  const isNeeded = isLimited && half.isWaiting && !half.intake.isAtBoundary;
  return isNeeded ? new FrameClock(half, owner) : undefined;
}
