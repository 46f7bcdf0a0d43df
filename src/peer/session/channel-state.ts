// What is known of one channel. Pure.
//
//            room over there        end()            the end is out
//   waiting ───────────────▶ open ────────▶ ending ────────────────▶ ended      this side's half
//   open ────────────────────────────────────────▶ ended                        the other side's half
//
// A channel that is over, ended on both sides or reset by one, is forgotten.

import { ChannelOutput } from './channel-output.ts';
import type { Entry } from './fifo.ts';
import type { Encoded } from './outbox.ts';

export interface ChannelState {
  readonly id: number;
  ours: 'waiting' | 'open' | 'ending' | 'ended';
  theirs: 'open' | 'ended';
  /** Bytes that may be sent. */
  credit: number;
  /** Bytes that may come. */
  allowance: number;
  readonly output: ChannelOutput;
  /** Bytes that came and were not read. */
  unread: number;
  /** Bytes that were read since the last grant. */
  consumed: number;
  /** Its place in the line of those that wait to be opened. */
  opening: Entry<Opening> | undefined;
  /** Called when the end has been sent; set from `end()` on, also while the channel waits. */
  onEnded: (() => void) | undefined;
  inTurn: boolean;
  /** Bytes of the header that opened it. */
  readonly headerLength: number;
  /** Since it was looked at last, a byte came, left, was read or was granted. */
  hasMoved: boolean;
  /** When it was first seen standing still with something waiting. */
  stuckSince: number | undefined;
}

export interface Opening {
  readonly channel: ChannelState;
  readonly encoded: Encoded;
  readonly onOpened: () => void;
}

/** Before anything of it was sent. */
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
    hasMoved: true,
    stuckSince: undefined,
  };
}
