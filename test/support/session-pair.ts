// Two sessions and the bytes between them: what a session says goes through the encoder, lies on the
// wire for as long as the test wants, is cut anywhere, and goes through the decoder of the other side.
// Time is a number that the test sets.

import { peerCodec } from '../../src/peer/session/peer-codec.ts';
import type { PeerCodec } from '../../src/peer/session/peer-codec.ts';
import { Session } from '../../src/peer/session/session.ts';
import type { SessionEvents, SessionOptions } from '../../src/peer/session/session-events.ts';
import type { PeerHeader, PeerLimits } from '../../src/peer/session/wire.ts';
import type { Decoder } from '../../src/codec/codec.ts';
import type { PlacedMessage } from '../../src/peer/session/peer-codec.ts';
import type { JsonObject } from '../../src/message/json-header.ts';
import { join } from './bytes.ts';

export type Side = 0 | 1;
export const SIDES: readonly Side[] = [0, 1];
export const otherOf = (side: Side): Side => (side === 0 ? 1 : 0);

export const NO_BYTES: Uint8Array = new Uint8Array(0);
const MAX_HELLO_LENGTH = 4096;

/** Small, so that every limit is met within a few steps. */
export const SMALL: PeerLimits = {
  window: 16,
  maxChannels: 2,
  maxPendingRequests: 2,
  maxHeaderLength: 512,
  maxBodyLength: 4096,
  maxPendingHeaderLength: 2048,
};

interface Times {
  readonly interval: number;
  readonly timeout: number;
  readonly helloTimeout: number;
  readonly channelTimeout: number;
  readonly flood: SessionOptions['flood'];
}

/** Whatever a remote repeats is free. */
export const NO_FLOOD = { burst: 1, rate: Infinity } as const;

export function sessionOptions(
  limits: Partial<PeerLimits> = {},
  times: Partial<Times> = {},
): SessionOptions {
  const { interval = Infinity, timeout = 1000, helloTimeout = Infinity } = times;
  const { channelTimeout = Infinity, flood = NO_FLOOD } = times;
  const maxQueuedLength = 2 ** 30;
  const heartbeat = { interval, timeout };
  const rest = { flood, maxQueuedLength, helloTimeout, channelTimeout };
  return { limits: { ...SMALL, ...limits }, heartbeat, ...rest };
}

export function codecOf(limits: PeerLimits): PeerCodec {
  return peerCodec({ ...limits, maxHelloLength: MAX_HELLO_LENGTH });
}

/** The name of what has no handler in these tests. */
export const UNHANDLED = 'unhandled';

/** Everything that the application hears, in order: `['bytes', 1, 'hello']`. */
export type Call = readonly [keyof SessionEvents, ...unknown[]];

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();

export function recorded(calls: Call[]): SessionEvents {
  const note = (...call: Call): void => void calls.push(call);
  return {
    hello: () => note('hello'),
    handles: (_, name) => name !== UNHANDLED,
    request: (id, { name, params, body }) => note('request', id, name, params, text(body)),
    cancel: (id) => note('cancel', id),
    answer: (id, answer) => {
      const shown = 'error' in answer ? answer.error.code : [answer.result, text(answer.body)];
      note('answer', id, shown);
    },
    event: ({ name, params, body }) => note('event', name, params, text(body)),
    open: (id, { name, params }) => note('open', id, name, params),
    bytes: (id, bytes) => note('bytes', id, text(bytes)),
    end: (id) => note('end', id),
    reset: (id, reason) => note('reset', id, reason),
    pong: (id) => note('pong', id),
    unsent: (kind, id, { code }) => note('unsent', kind, id, code),
    stalled: (id, stall) => note('stalled', id, stall),
    silent: (what) => note('silent', what),
  };
}

/** One side: its session, what it hears, and the bytes that are on their way from it. */
export class SessionEnd {
  readonly side: Side;
  readonly session: Session;
  readonly decoder: Decoder<PlacedMessage>;
  readonly limits: PeerLimits;
  readonly #tap: Decoder<PlacedMessage>;
  /** On the wire, not delivered. */
  wire: Uint8Array = NO_BYTES;

  constructor(side: Side, options: SessionOptions, events: SessionEvents) {
    const codec = codecOf(options.limits);
    this.side = side;
    this.limits = options.limits;
    this.session = new Session({ codec, options, events, now: 0 });
    this.decoder = codec.decoder();
    // Reads whatever the other side is allowed to say.
    this.#tap = codecOf({ ...SMALL, maxHeaderLength: 2 ** 20, maxBodyLength: 2 ** 24 }).decoder();
  }

  /** Puts up to `most` messages on the wire, and gives their headers. */
  pump(most = Infinity): PlacedMessage[] {
    const out: PlacedMessage[] = [];
    for (let count = 0; count < most; count++) {
      const next = this.session.next();
      if (next === undefined) {
        break;
      }
      const bytes = join(next.pieces);
      this.wire = join([this.wire, bytes]);
      this.#tap.push(bytes);
      next.onTaken?.();
      next.onReusable?.();
    }
    for (const message of this.#tap) {
      out.push(message);
    }
    return out;
  }

  /** Takes up to `most` bytes off the wire. */
  take(most = Infinity): Uint8Array {
    const bytes = this.wire.slice(0, most);
    this.wire = this.wire.slice(bytes.length);
    return bytes;
  }

  /** Hears bytes of the other side. */
  hear(bytes: Uint8Array, now = 0, tap?: (message: PlacedMessage) => void): void {
    if (bytes.length === 0) {
      return;
    }
    this.session.heard(now);
    this.decoder.push(bytes);
    for (const message of this.decoder) {
      tap?.(message);
      this.session.receive(message);
    }
  }
}

/** Two ends that write down what they hear. */
export class RecordedPair {
  readonly calls: readonly [Call[], Call[]] = [[], []];
  readonly ends: readonly [SessionEnd, SessionEnd];

  constructor(left: SessionOptions = sessionOptions(), right: SessionOptions = left) {
    this.ends = [
      new SessionEnd(0, left, recorded(this.calls[0])),
      new SessionEnd(1, right, recorded(this.calls[1])),
    ];
  }

  get left(): Session {
    return this.ends[0].session;
  }

  get right(): Session {
    return this.ends[1].session;
  }

  /** Carries everything in both directions until nothing moves. */
  settle(now = 0): void {
    for (let moved = true; moved;) {
      moved = false;
      for (const end of this.ends) {
        end.pump();
        const bytes = end.take();
        if (bytes.length === 0) {
          continue;
        }
        moved = true;
        this.ends[otherOf(end.side)].hear(bytes, now);
      }
    }
  }

  /** What a side has heard since it was asked last. */
  heardBy(side: Side): Call[] {
    return this.calls[side].splice(0);
  }
}

/** A message of a remote that says what it likes, as its session would receive it. */
export function placed(header: JsonObject, body: Uint8Array = NO_BYTES): PlacedMessage {
  const headerLength = JSON.stringify(header).length;
  return { header, body, place: { byteOffset: 0, frameIndex: 0 }, headerLength };
}

export function helloOf(limits: Partial<PeerLimits> = {}): PeerHeader & { readonly kind: 'hello' } {
  return { kind: 'hello', version: 1, ...SMALL, ...limits };
}

export type { PeerLimits, SessionOptions };
