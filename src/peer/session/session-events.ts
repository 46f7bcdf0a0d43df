// What a session is told when it is made, and what it tells. Pure.

import type { UnstickError } from '../../errors.ts';
import type { HeartbeatOptions } from './heartbeat.ts';
import type { Answer } from './requests.ts';
import type { Json, PeerLimits } from './wire.ts';

export interface SessionOptions {
  readonly limits: PeerLimits;
  readonly heartbeat: HeartbeatOptions;
  /** Bytes of requests and events that may wait to be sent. */
  readonly maxQueuedLength: number;
  /** So long may the other side's hello take, in ms. */
  readonly helloTimeout: number;
}

/** What the application is to hear of. Called from `receive`, `tick`, `close`. */
export interface SessionEvents {
  hello(): void;
  request(id: number, name: string, params: Json, body: Uint8Array): void;
  /** The requester of one of their requests gave up. */
  cancel(id: number): void;
  answer(id: number, answer: Answer): void;
  event(name: string, params: Json, body: Uint8Array): void;
  open(id: number, name: string, params: Json): void;
  bytes(id: number, bytes: Uint8Array): void;
  end(id: number): void;
  reset(id: number, reason: string | undefined): void;
  pong(id: number): void;
  /** A request or channel of ours that the other side will never see: it is closing, or too large. */
  unsent(kind: 'request' | 'channel', id: number, error: UnstickError): void;
  /** The other side is silent: no hello, or no answer to a ping. */
  silent(what: 'hello' | 'heartbeat'): void;
}
