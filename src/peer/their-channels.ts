// How many channels of the other side this side holds. The session counts those that are open; one that
// is over counts here until it was read and its handler is done, for until then it costs memory.

import type { ChannelStream } from './channel.ts';
import { Budget } from './session/budget.ts';
import type { PeerLimits } from './session/wire.ts';

export class TheirChannels {
  readonly #most: number;
  readonly #headers: Budget;
  #count = 0;

  constructor({ maxChannels, maxPendingHeaderLength }: PeerLimits) {
    this.#most = 2 * maxChannels;
    this.#headers = new Budget(2 * maxPendingHeaderLength);
  }

  /**
   * Takes another one in, and gives what lets it go; undefined where there are too many. A channel that
   * is over on both sides and that nobody reads makes room.
   */
  take(headerLength: number, channels: Iterable<ChannelStream>): (() => void) | undefined {
    if (!this.#hasRoom(headerLength)) {
      for (const channel of channels) {
        if (!channel.isAbandoned) {
          continue;
        }
        channel.destroy();
        if (this.#hasRoom(headerLength)) {
          break;
        }
      }
      if (!this.#hasRoom(headerLength)) {
        return undefined;
      }
    }
    this.#count++;
    this.#headers.hold(headerLength);
    return () => {
      this.#count--;
      this.#headers.release(headerLength);
    };
  }

  #hasRoom(headerLength: number): boolean {
    return this.#count < this.#most && this.#headers.fits(headerLength);
  }
}
