// The options of a session, and the events that it emits. This file is pure.

import type { UnstickError } from '../../errors.ts';
import type { FloodOptions } from './flood.ts';
import type { HeartbeatOptions } from './heartbeat.ts';
import { wholeOf } from './peer-codec.ts';
import type { PlacedMessage } from './peer-codec.ts';
import type { Answer } from './requests.ts';
import type { Stall } from './stall.ts';
import type { Json, PeerLimits } from './wire.ts';

export interface SessionOptions {
  readonly limits: PeerLimits;
  readonly heartbeat: HeartbeatOptions;
  readonly flood: FloodOptions;
  /**
   * Maximum number of bytes of messages that wait to be sent, answers included. When it is reached, only
   * requests, events and openings are refused.
   */
  readonly maxQueuedLength: number;
  /** Time in ms until the remote's hello must have come. Infinity means no limit. */
  readonly helloTimeout: number;
  /**
   * Maximum time in ms during which a channel stands still although something waits. Infinity means no limit.
   */
  readonly channelTimeout: number;
}

/** A request, an event or a channel that the remote starts. Only requests and events have a body. */
export interface Call {
  readonly name: string;
  readonly params: Json;
  readonly body: Uint8Array;
  /** Length of the header on the wire in bytes. */
  readonly headerLength: number;
}

/** Returns the call that a message makes. */
export function callOf(
  { name, params = null }: { readonly name: string; readonly params?: Json },
  { body, headerLength }: Pick<PlacedMessage, 'body' | 'headerLength'>,
): Call {
  return { name, params, body: wholeOf(body), headerLength };
}

/**
 * Functions through which the session asks the application, or tells it what happened. The session calls them
 * inside its own methods.
 */
export interface SessionEvents {
  /**
   * Returns whether there is a handler. Without a handler the session refuses the request or channel, or
   * drops the event, and emits nothing.
   */
  handles(kind: 'request' | 'event' | 'channel', name: string): boolean;
  hello(): void;
  request(id: number, call: Call): void;
  /** Called when the remote has given up one of its requests. */
  cancel(id: number): void;
  answer(id: number, answer: Answer): void;
  event(call: Call): void;
  open(id: number, call: Call): void;
  /** Called with the bytes of one message, in the pieces in which they came. */
  bytes(id: number, pieces: readonly Uint8Array[]): void;
  end(id: number): void;
  reset(id: number, reason: string | undefined): void;
  pong(id: number): void;
  /**
   * Called when a request or channel of this side will never be sent: it is too long, or the remote is
   * closing.
   */
  unsent(kind: 'request' | 'channel', id: number, error: UnstickError): void;
  /** Called when a channel stood still for channelTimeout, and has been reset. */
  stalled(id: number, stall: Stall): void;
  /**
   * Called when the remote is silent: its hello, or the answer to a ping of the heartbeat, did not come in
   * time.
   */
  silent(what: 'hello' | 'heartbeat'): void;
}
