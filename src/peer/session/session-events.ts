// The options of a session, and the events that it emits. Pure.

import type { UnstickError } from '../../errors.ts';
import type { FloodOptions } from './flood.ts';
import type { HeartbeatOptions } from './heartbeat.ts';
import type { Answer } from './requests.ts';
import type { Stall } from './stall.ts';
import type { Json, PeerLimits } from './wire.ts';

export interface SessionOptions {
  readonly limits: PeerLimits;
  readonly heartbeat: HeartbeatOptions;
  readonly flood: FloodOptions;
  /** Maximum number of bytes of requests, events and openings that wait to be sent. */
  readonly maxQueuedLength: number;
  /** Time in ms until the remote's hello must have come. Infinity means no limit. */
  readonly helloTimeout: number;
  /** Time in ms for which a channel may stand still although something waits. Infinity means no limit. */
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

/** What the session asks and tells the application. It calls these inside its own methods. */
export interface SessionEvents {
  /**
   * Whether there is a handler. Without a handler the session refuses the request or channel, or drops the
   * event, and emits nothing.
   */
  handles(kind: 'request' | 'event' | 'channel', name: string): boolean;
  hello(): void;
  request(id: number, call: Call): void;
  /** The remote gave up one of its requests. */
  cancel(id: number): void;
  answer(id: number, answer: Answer): void;
  event(call: Call): void;
  open(id: number, call: Call): void;
  bytes(id: number, bytes: Uint8Array): void;
  end(id: number): void;
  reset(id: number, reason: string | undefined): void;
  pong(id: number): void;
  /** A request or channel of this side will never be sent: it is too long, or the remote is closing. */
  unsent(kind: 'request' | 'channel', id: number, error: UnstickError): void;
  /** A channel stood still for channelTimeout, and has been reset. */
  stalled(id: number, stall: Stall): void;
  /** The remote is silent. Its hello, or the answer to a ping of the heartbeat, did not come in time. */
  silent(what: 'hello' | 'heartbeat'): void;
}
