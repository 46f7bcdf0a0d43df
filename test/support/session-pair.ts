// Two sessions and the bytes between them: a session's messages go through the encoder, wait on the wire for
// as long as the test wants, are cut anywhere, and go through the decoder of the other side. Time is a number
// that the test sets.

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

/** Small limits, so that a test reaches every limit within a few steps. */
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

/** Options without flood protection: a remote may repeat messages without limit. */
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

/** A name of requests, events or channels for which these tests have no handler. */
export const UNHANDLED = 'unhandled';

/**
 * One call that a session makes to the application: its name and arguments, as in `['bytes', 1, 'hello']`.
 */
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
    bytes: (id, pieces) => note('bytes', id, text(join(pieces))),
    end: (id) => note('end', id),
    reset: (id, reason) => note('reset', id, reason),
    pong: (id) => note('pong', id),
    unsent: (kind, id, { code }) => note('unsent', kind, id, code),
    stalled: (id, stall) => note('stalled', id, stall),
    silent: (what) => note('silent', what),
  };
}

/** One side: its session, the decoder of what it receives, and the bytes that are on their way from it. */
export class SessionEnd {
  readonly side: Side;
  readonly session: Session;
  readonly decoder: Decoder<PlacedMessage>;
  readonly limits: PeerLimits;
  readonly #tap: Decoder<PlacedMessage>;
  /** The bytes that this side has sent and the other side has not received. */
  wire: Uint8Array = NO_BYTES;

  constructor(side: Side, options: SessionOptions, events: SessionEvents) {
    const codec = codecOf(options.limits);
    this.side = side;
    this.limits = options.limits;
    this.session = new Session({ codec, options, events, now: 0 });
    this.decoder = codec.decoder();
    // Decodes what this side sends, with limits that are larger than those of any test.
    this.#tap = codecOf({ ...SMALL, maxHeaderLength: 2 ** 20, maxBodyLength: 2 ** 24 }).decoder();
  }

  /** Puts up to `most` messages on the wire, and returns them as decoded from their bytes. */
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

  /** Receives bytes of the other side. `tap` sees each message before the session does. */
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

/** Two ends whose calls to the application are recorded. */
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

  /** The calls of a side since the last call of this method. */
  heardBy(side: Side): Call[] {
    return this.calls[side].splice(0);
  }
}

/** A message with any header, valid or not, in the form in which a session receives it. */
export function placed(header: JsonObject, body: Uint8Array = NO_BYTES): PlacedMessage {
  const headerLength = JSON.stringify(header).length;
  return { header, body: [body], place: { byteOffset: 0, frameIndex: 0 }, headerLength };
}

export function helloOf(limits: Partial<PeerLimits> = {}): PeerHeader & { readonly kind: 'hello' } {
  return { kind: 'hello', version: 1, ...SMALL, ...limits };
}

export type { PeerLimits, SessionOptions };
