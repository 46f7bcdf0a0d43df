// The clock of `idleTimeout`. It starts anew with every byte that moves. A large write calls back only at its
// end, so several times in an `idleTimeout` the clock also looks how many bytes of the write the kernel has
// taken.

import type { Duplex } from 'node:stream';
import { Deadline } from './deadline.ts';
import type { Timed } from './deadline.ts';
import type { Inbound } from './inbound.ts';
import type { Outbound } from './outbound.ts';
import type { Owner } from './owner.ts';
import { bytesTaken, connectionError } from './transport.ts';

/** The reading half and the writing half of the connection. */
interface Halves {
  readonly inbound: Inbound<unknown>;
  readonly outbound: Outbound<never>;
}

/**
 * Number of looks in one `idleTimeout`. At the first look the kernel may have taken bytes shortly before the
 * remote got stuck, and those bytes count as movement. With four looks, such a remote gets up to a quarter
 * more time. With one look, it would get up to twice the time.
 */
const LOOKS = 4;

export class IdleClock implements Timed {
  readonly #duplex: Duplex;
  readonly #halves: Halves;
  readonly #owner: Owner;
  readonly #deadline: Deadline;
  /** Number of bytes that the kernel had taken at the last look. */
  #takenMark: number | undefined;
  /** Number of looks in a row at which nothing had moved. */
  #looks = 0;

  constructor(duplex: Duplex, halves: Halves, owner: Owner) {
    this.#duplex = duplex;
    this.#halves = halves;
    this.#owner = owner;
    this.#deadline = new Deadline(owner.options.idleTimeout / LOOKS, this);
    this.#deadline.start();
  }

  /** Starts the clock anew, because bytes moved. */
  restart(): void {
    this.#takenMark = undefined;
    this.#looks = 0;
    this.#deadline.restart();
  }

  /** Stops the clock for good. */
  clear(): void {
    this.#deadline.clear();
  }

  /** Looks whether anything has moved. After LOOKS looks without movement, ends the connection. */
  onExpire(): void {
    const { inbound, outbound } = this.#halves;
    this.#looks = outbound.queued > 0 && this.#hasSent() ? 0 : this.#looks + 1;
    if (this.#looks < LOOKS) {
      this.#deadline.restart();
    } else if (inbound.isHolding) {
      // The remote's FIN may lie behind unread bytes. So let one chunk in to see the FIN. Only a FIN, and not
      // the chunk, counts as a sign of life here.
      inbound.look(() => {
        if (inbound.hasEnded) {
          this.restart();
        } else {
          this.#end();
        }
      });
    } else {
      this.#end();
    }
  }

  /** Returns whether the kernel took bytes of a large write since the last look. */
  #hasSent(): boolean {
    const before = this.#takenMark;
    this.#takenMark = bytesTaken(this.#duplex);
    return this.#takenMark !== before;
  }

  #end(): void {
    const { options, remoteAddress } = this.#owner;
    const limit = options.idleTimeout;
    const facts = `Nothing was received or sent for ${limit} ms`;
    this.#owner.fail(connectionError('ERR_IDLE', facts, { remoteAddress, limit }));
  }
}
