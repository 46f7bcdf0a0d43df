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

/** What a channel that stands still waits for. */
export type Stall = 'opening' | 'credit' | 'reader';

/** What the channel waits for, if it cannot go on by itself. */
export function waitsFor({ ours, output, credit, unread }: ChannelState): Stall | undefined {
  if (ours === 'waiting') return 'opening';
  if (output.length > 0 && credit === 0) return 'credit';
  return unread > 0 ? 'reader' : undefined;
}

/**
 * The channels on which nothing moved for `timeout` ms although something waits. One that waits to be
 * opened stands still only while all of ours do: else a place may come free.
 */
export function stalledAmong(
  channels: readonly ChannelState[],
  hasAdmitted: boolean,
  { now, timeout }: { readonly now: number; readonly timeout: number },
): [id: number, stall: Stall][] {
  const oursMove =
    hasAdmitted ||
    channels.some(({ id, ours, hasMoved }) => id > 0 && ours !== 'waiting' && hasMoved);
  return channels.flatMap((channel): [number, Stall][] => {
    const stall = waitsFor(channel);
    const isMoving = channel.hasMoved || (stall === 'opening' && oursMove);
    channel.hasMoved = false;
    if (stall === undefined) channel.stuckSince = undefined;
    else if (isMoving || channel.stuckSince === undefined) channel.stuckSince = now;
    else if (now - channel.stuckSince >= timeout) return [[channel.id, stall]];
    return [];
  });
}
