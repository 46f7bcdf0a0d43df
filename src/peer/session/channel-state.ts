// The state of one channel. This file is pure.
//
//            the remote has room    end()            the end is sent
//   waiting ───────────────▶ open ────────▶ ending ────────────────▶ ended      this side's half
//   open ────────────────────────────────────────▶ ended                        the remote's half
//
// A channel that is over (ended by both sides, or reset by one side) is forgotten.

import { ChannelOutput } from './channel-output.ts';
import type { Entry } from './fifo.ts';
import type { Encoded } from './outbox.ts';

export interface ChannelState {
  readonly id: number;
  ours: 'waiting' | 'open' | 'ending' | 'ended';
  theirs: 'open' | 'ended';
  /** Number of bytes that this side may send. */
  credit: number;
  /** Number of bytes that the remote may send. */
  allowance: number;
  readonly output: ChannelOutput;
  /** Number of bytes that came and were not read. */
  unread: number;
  /** Number of bytes that were read since the last grant. */
  consumed: number;
  /** Place of the channel in the queue of channels that wait to be opened. */
  opening: Entry<Opening> | undefined;
  /** Called when the end has been sent. `end()` sets it, even while the channel waits to be opened. */
  onEnded: (() => void) | undefined;
  inTurn: boolean;
  /** The last message of bytes that was encoded, without its body. */
  lastBytes: Encoded | undefined;
  /** Length in bytes of the header that opened the channel. */
  readonly headerLength: number;
  /**
   * Whether something has happened on the channel since the last sweep: it was opened, bytes or an end came
   * or left, or bytes were read or granted.
   */
  hasMoved: boolean;
  /** Time at which, as the sweeps saw it, something began to wait while nothing moved. */
  stuckSince: number | undefined;
}

export interface Opening {
  readonly channel: ChannelState;
  readonly encoded: Encoded;
  readonly onOpened: () => void;
}

/** Makes a channel of which nothing was sent yet. */
export function newChannel(
  id: number,
  given: { readonly credit: number; readonly allowance: number; readonly headerLength: number },
): ChannelState {
  return {
    id,
    ...given,
    ours: id < 0 ? 'open' : 'waiting',
    theirs: 'open',
    output: new ChannelOutput(),
    unread: 0,
    consumed: 0,
    opening: undefined,
    onEnded: undefined,
    inTurn: false,
    lastBytes: undefined,
    hasMoved: true,
    stuckSince: undefined,
  };
}
