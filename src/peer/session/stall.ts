// Finds channels that stand still: something waits on them, and nothing moves. This file is pure: time is a
// parameter.

import { ConnectionError } from '../../errors.ts';
import type { ChannelState } from './channel-state.ts';

/** The thing that a stalled channel waits for. */
export type Stall = 'opening' | 'credit' | 'reader';

/** Returns what the channel waits for, if it cannot go on by itself. */
function waitsFor({ ours, output, credit, unread }: ChannelState): Stall | undefined {
  if (ours === 'waiting') {
    return 'opening';
  }
  if (output.length > 0 && credit === 0) {
    return 'credit';
  }
  return unread > 0 ? 'reader' : undefined;
}

/**
 * Returns the channels on which nothing moved for `timeout` ms although something waits. Each call is one
 * sweep, which sets `stuckSince` and clears `hasMoved` of every channel. A channel that waits to be opened
 * stands still only while all open channels of this side stand still: as long as one of them moves, it may
 * end and make room.
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
    if (stall === undefined) {
      channel.stuckSince = undefined;
    } else if (isMoving || channel.stuckSince === undefined) {
      channel.stuckSince = now;
    } else if (now - channel.stuckSince >= timeout) {
      return [[channel.id, stall]];
    }
    return [];
  });
}

/** Makes the error of a channel that stood still for too long. */
export function stalled(stall: Stall, limit: number): ConnectionError {
  return new ConnectionError('ERR_TIMEOUT', `${STALLS[stall]} for ${limit} ms`, {
    limit,
    reason: stall,
    hint: 'The option channelTimeout limits how long that may last.',
  });
}

const STALLS: Readonly<Record<Stall, string>> = {
  opening: 'The remote had no room for the channel, and no other channel of this side moved,',
  credit: 'The remote read nothing of the channel',
  reader: 'Nothing of the channel was read on this side',
};
