// The clock of `sendTimeout`. It runs while bytes wait to be taken. A large write calls back only at its end, so
// several times in a `sendTimeout` the clock also looks how many bytes the kernel has taken.

import type { Duplex } from 'node:stream';
import { Deadline } from './deadline.ts';
import type { Timed } from './deadline.ts';
import type { Owner } from './owner.ts';
import { bytesTaken, connectionError, isConnecting } from './transport.ts';

/**
 * Number of looks in one `sendTimeout`. At the first look the kernel may have taken bytes shortly before the
 * remote got stuck, and those bytes count as progress. With four looks, such a remote gets up to a quarter
 * more time. With one look, it would get up to twice the time.
 */
const LOOKS = 4;

/** The writing half of the connection. */
interface Queue {
  readonly queued: number;
}

export class SendClock implements Timed {
  readonly #duplex: Duplex;
  readonly #queue: Queue;
  readonly #owner: Owner;
  readonly #deadline: Deadline;
  /** Number of bytes that the kernel had taken at the last look. */
  #takenMark: number | undefined;
  /** Number of looks in a row at which the kernel had taken nothing. */
  #idleLooks = 0;

  constructor(duplex: Duplex, queue: Queue, owner: Owner) {
    this.#duplex = duplex;
    this.#queue = queue;
    this.#owner = owner;
    this.#deadline = new Deadline(owner.options.sendTimeout / LOOKS, this);
  }

  /** Starts the clock, unless it runs already. Called when bytes wait. */
  start(): void {
    if (!this.#deadline.isRunning) {
      this.#takenMark = bytesTaken(this.#duplex);
      this.restart();
    }
  }

  /** Starts the clock anew, because the kernel has taken a write. */
  restart(): void {
    this.#idleLooks = 0;
    this.#deadline.restart();
  }

  stop(): void {
    this.#deadline.stop();
  }

  /** Stops the clock for good. */
  clear(): void {
    this.#deadline.clear();
  }

  /** After LOOKS looks without progress, ends the connection. */
  onExpire(): void {
    const taken = bytesTaken(this.#duplex);
    const hasMoved = taken !== undefined && taken !== this.#takenMark;
    this.#takenMark = taken;
    this.#idleLooks = hasMoved || isConnecting(this.#duplex) ? 0 : this.#idleLooks + 1;
    if (this.#idleLooks < LOOKS) {
      this.#deadline.restart();
      return;
    }
    const { options, remoteAddress } = this.#owner;
    const limit = options.sendTimeout;
    const { queued } = this.#queue;
    const facts = `The remote took none of ${queued} queued bytes within ${limit} ms`;
    const numbers = { remoteAddress, limit, queued };
    this.#owner.fail(connectionError('ERR_SEND_STALLED', facts, numbers));
  }
}
