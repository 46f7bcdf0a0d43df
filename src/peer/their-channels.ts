// Limits how many channels of the remote this side holds in memory. The session counts only open channels.
// Here a channel counts until its stream is closed and its handler is done, even if the channel is already
// over on the wire. The limits here are twice those of the session.

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
   * Counts one more channel, and returns the function that uncounts it. Returns `undefined` if there are too
   * many channels. To make room it first destroys channels that have ended on both sides and have no reader.
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
