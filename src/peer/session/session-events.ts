// What a session is told when it is made, and what it tells. Pure.

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
  /** Bytes of requests, events and openings that may wait to be sent. */
  readonly maxQueuedLength: number;
  /** Time in ms that the other side's hello may take; Infinity: for ever. */
  readonly helloTimeout: number;
  /** Time in ms for which a channel may stand still although something waits; Infinity: for ever. */
  readonly channelTimeout: number;
}

/** What the other side starts: a request, an event or a channel. Only the first two have a body. */
export interface Call {
  readonly name: string;
  readonly params: Json;
  readonly body: Uint8Array;
  /** Bytes of the header on the wire. */
  readonly headerLength: number;
}

/** What the application is asked, and what it is to hear of. Called from `receive`, `tick`, `close`. */
export interface SessionEvents {
  /** Whether there is a handler. What has none is refused, or dropped, and is never heard of. */
  handles(kind: 'request' | 'event' | 'channel', name: string): boolean;
  hello(): void;
  request(id: number, call: Call): void;
  /** The requester of one of their requests gave up. */
  cancel(id: number): void;
  answer(id: number, answer: Answer): void;
  event(call: Call): void;
  open(id: number, call: Call): void;
  bytes(id: number, bytes: Uint8Array): void;
  end(id: number): void;
  reset(id: number, reason: string | undefined): void;
  pong(id: number): void;
  /** A request or channel of ours that the other side will never see: it is closing, or too large. */
  unsent(kind: 'request' | 'channel', id: number, error: UnstickError): void;
  /** A channel stood still for channelTimeout, and has been reset. */
  stalled(id: number, stall: Stall): void;
  /** The other side is silent: no hello, or no answer to a ping. */
  silent(what: 'hello' | 'heartbeat'): void;
}
