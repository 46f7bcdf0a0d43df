// What is known of one channel. Pure.

import { Fifo } from './fifo.ts';
import type { Entry } from './fifo.ts';
import type { Encoded } from './outbox.ts';

export interface Piece {
  bytes: Uint8Array;
  readonly onReusable: () => void;
}

export interface ChannelState {
  readonly id: number;
  /** Bytes that may be sent. */
  credit: number;
  /** Bytes that may come. */
  allowance: number;
  readonly outgoing: Fifo<Piece>;
  /** Bytes that were read since the last grant. */
  consumed: number;
  /** The other side has been told, or will be before anything else of this channel. */
  opened: boolean;
  opening: Entry<Opening> | undefined;
  /** Called when the end has been sent. */
  onEnded: (() => void) | undefined;
  ended: boolean;
  remoteEnded: boolean;
  inTurn: boolean;
}

export interface Opening {
  readonly channel: ChannelState;
  readonly encoded: Encoded;
}

/** Before anything of it was sent. */
export function newChannel(id: number, credit: number, allowance: number): ChannelState {
  return {
    id,
    credit,
    allowance,
    outgoing: new Fifo(),
    consumed: 0,
    opened: id < 0,
    opening: undefined,
    onEnded: undefined,
    ended: false,
    remoteEnded: false,
    inTurn: false,
  };
}
