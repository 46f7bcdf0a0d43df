// The options of a peer, with their defaults and checks.

import { checkNames, connectionTime, refuseValue, whole } from '../options.ts';
import type { OptionNames } from '../options.ts';
import { resolveFramedOptions } from '../stream/framed-options.ts';
import type { ResolvedFramedOptions } from '../stream/framed-options.ts';
import { LEAST_BODY_LENGTH, LEAST_HEADER_LENGTH } from './session/wire.ts';
import type { SessionOptions } from './session/session-events.ts';

/**
 * All options of a peer except `onError`, which stands in peer.ts because its type names the peer. A time of
 * 0 throws ERR_OPTION; Infinity means no limit.
 */
export interface PeerSettings {
  /**
   * Maximum number of bytes that one channel has received and its reader has not taken. When a channel holds
   * so many bytes, the remote must wait. A remote that sends more ends the peer with ERR_PEER_PROTOCOL.
   * Default 256 KiB.
   */
  readonly window?: number | undefined;
  /**
   * Maximum number of channels that the remote has open at a time. A remote of this package waits until it
   * may open another. If another remote opens more channels, they are reset with BUSY. Default 128.
   */
  readonly maxChannels?: number | undefined;
  /**
   * Maximum number of requests of the remote that are handled at a time. A remote of this package waits until
   * it may send another. If another remote sends more requests, they are answered BUSY. Default 128.
   */
  readonly maxPendingRequests?: number | undefined;
  /**
   * Maximum length in bytes of a header that this side accepts, at least 256. The header holds the name and
   * params, or the result. A remote of this package refuses to send a longer header (ERR_FRAME_UNENCODABLE).
   * A longer header that comes all the same ends the peer with ERR_MESSAGE_HEADER_TOO_LARGE. Default 16 KiB.
   */
  readonly maxHeaderLength?: number | undefined;
  /**
   * Maximum length in bytes of a body that this side accepts, at least 4096, because the bytes of channels
   * travel in bodies. A remote of this package refuses to send a longer body (ERR_FRAME_UNENCODABLE). A
   * longer body that comes all the same ends the peer with ERR_BODY_TOO_LARGE. Use a channel for anything
   * larger. Default 1 MiB.
   */
  readonly maxBodyLength?: number | undefined;
  /**
   * Maximum number of bytes in the headers of the remote's pending requests together. The same maximum holds
   * for the headers of the remote's open channels. A remote of this package waits; any other remote that
   * exceeds the maximum gets BUSY. The same maximum also holds for the headers of events that are being
   * handled; above it reading pauses. Default 16 × maxHeaderLength.
   */
  readonly maxPendingHeaderLength?: number | undefined;
  /**
   * Maximum length in bytes of the remote's hello, at least 256. A longer hello ends the peer with
   * ERR_PEER_PROTOCOL, so that an unknown remote cannot make this side hold more bytes. Default 4096.
   */
  readonly maxHelloLength?: number | undefined;
  /**
   * Time in ms until the remote's hello must have come. When it is over, the peer ends with ERR_PEER_SILENT.
   * Infinity means no limit. Default 5000.
   */
  readonly helloTimeout?: number | undefined;
  /**
   * Time in ms after which this side sends a ping, if in that time nothing came from the remote and at most 1
   * KiB went to it. Infinity turns heartbeats off. Default 15 000.
   */
  readonly heartbeatInterval?: number | undefined;
  /**
   * Time in ms for the answer to a ping of the heartbeat, or for any other byte of the remote. When it is
   * over, the peer ends with ERR_PEER_SILENT. Without heartbeats the option has no effect. Infinity means no
   * limit. Default 15 000.
   */
  readonly heartbeatTimeout?: number | undefined;
  /**
   * Time in ms for the answer to a request that has no `timeout` of its own. When it is over, the request
   * fails with ERR_TIMEOUT. Default Infinity, which means no limit.
   */
  readonly requestTimeout?: number | undefined;
  /**
   * Time in ms that a request handler may take. When it is over, the handler's signal aborts, the requester
   * gets HANDLER_TIMEOUT, and `onError` gets ERR_TIMEOUT. Infinity means no limit. Default 600 000.
   */
  readonly handlerTimeout?: number | undefined;
  /**
   * Maximum time in ms during which a channel stands still in both directions while something waits: bytes
   * for credit, bytes for a reader, or the channel to be opened. When it is over, the channel is reset, and
   * fails with ERR_TIMEOUT. A handler that returned no promise, and only read to the end, has the same time
   * to write something; when that time is over, this side's half is ended. Infinity means no limit. Default
   * 120 000.
   */
  readonly channelTimeout?: number | undefined;
  /**
   * Maximum time in ms during which reading pauses because too many event handlers run. When it is over, the
   * peer ends with ERR_TIMEOUT. Infinity means no limit. Default 30 000.
   */
  readonly eventTimeout?: number | undefined;
  /**
   * Time in ms within which a message that has begun must end, or another 64 KiB of it must come. When it is
   * over, the peer ends with ERR_FRAME_STALLED. Infinity means no limit. Default 30 000.
   */
  readonly frameTimeout?: number | undefined;
  /**
   * Maximum time in ms during which the remote takes none of the bytes that wait to be sent. When it is over,
   * the peer ends with ERR_SEND_STALLED. Infinity means no limit. Default 30 000.
   */
  readonly sendTimeout?: number | undefined;
  /**
   * Maximum number of bytes that wait to be sent; the bytes of channels do not count. `request`, `notify` and
   * `open` fail with ERR_QUEUE_FULL if they would exceed it. A message that is alone in the queue may be
   * longer. Default 16 MiB.
   */
  readonly maxQueuedLength?: number | undefined;
  /**
   * Number of messages without effect that may come at once: pings, and messages such as an event without a
   * handler. After so many, reading pauses. With `floodRate` Infinity the option has no effect. Default 1000.
   */
  readonly floodBurst?: number | undefined;
  /**
   * Number of such messages a second by which `floodBurst` recovers. When the pauses of reading add up to
   * more than 10 s, the peer ends with ERR_PEER_FLOOD. Infinity means no limit. Default 200.
   */
  readonly floodRate?: number | undefined;
}

export interface ResolvedPeerOptions extends SessionOptions {
  readonly maxHelloLength: number;
  readonly requestTimeout: number;
  readonly handlerTimeout: number;
  readonly eventTimeout: number;
  readonly framing: ResolvedFramedOptions;
}

/** Names of the options, for objects of options that include them. */
export const PEER_NAMES: OptionNames<PeerSettings> = {
  window: true,
  maxChannels: true,
  maxPendingRequests: true,
  maxHeaderLength: true,
  maxBodyLength: true,
  maxPendingHeaderLength: true,
  maxHelloLength: true,
  helloTimeout: true,
  heartbeatInterval: true,
  heartbeatTimeout: true,
  requestTimeout: true,
  handlerTimeout: true,
  channelTimeout: true,
  eventTimeout: true,
  frameTimeout: true,
  sendTimeout: true,
  maxQueuedLength: true,
  floodBurst: true,
  floodRate: true,
};

/** Largest value of a limit. A larger value would have no effect. */
const MAX_LIMIT = 2 ** 31 - 1;

/** Checks the options and fills in the defaults. Throws UsageError ERR_OPTION. */
export function resolvePeerOptions(options: PeerSettings): ResolvedPeerOptions {
  // Most peers have the defaults, so those peers share one object.
  return Object.keys(options).length === 0 ? DEFAULTS : resolved(options);
}

/**
 * Returns the options with a `helloTimeout` of at most `left` ms. If that changes nothing, returns the same
 * object, which all peers of a server then share.
 */
export function withHelloWithin(options: ResolvedPeerOptions, left: number): ResolvedPeerOptions {
  return left < options.helloTimeout ? { ...options, helloTimeout: left } : options;
}

function resolved(options: PeerSettings): ResolvedPeerOptions {
  checkNames('peer', options, PEER_NAMES);
  type Time = keyof PeerSettings & `${string}${'Timeout' | 'Interval'}`;
  const ms = (name: Time, preset: number): number => connectionTime(name, options[name] ?? preset);
  const { maxHelloLength = 4096, maxQueuedLength = 16 * 1024 * 1024, floodBurst = 1000 } = options;
  return {
    limits: resolveLimits(options),
    heartbeat: {
      interval: ms('heartbeatInterval', 15_000),
      timeout: ms('heartbeatTimeout', 15_000),
    },
    flood: {
      burst: whole('floodBurst', floodBurst, { min: 1 }),
      rate: resolveRate(options.floodRate ?? 200),
    },
    maxHelloLength: limit('maxHelloLength', maxHelloLength, LEAST_HEADER_LENGTH),
    helloTimeout: ms('helloTimeout', 5000),
    requestTimeout: ms('requestTimeout', Infinity),
    handlerTimeout: ms('handlerTimeout', 600_000),
    channelTimeout: ms('channelTimeout', 120_000),
    eventTimeout: ms('eventTimeout', 30_000),
    framing: resolveFramedOptions({
      frameTimeout: ms('frameTimeout', 30_000),
      sendTimeout: ms('sendTimeout', 30_000),
      // The connection needs no limit of its own, because the pump of the driver waits for room. At most a
      // highWaterMark, a burst and a message are queued.
      maxQueuedLength: Number.MAX_SAFE_INTEGER,
    }),
    maxQueuedLength: whole('maxQueuedLength', maxQueuedLength),
  };
}

const DEFAULTS: ResolvedPeerOptions = Object.freeze(resolved({}));

function resolveLimits(options: PeerSettings): SessionOptions['limits'] {
  const { window = 256 * 1024, maxChannels = 128, maxPendingRequests = 128 } = options;
  const { maxHeaderLength = 16 * 1024, maxBodyLength = 1024 * 1024 } = options;
  const header = limit('maxHeaderLength', maxHeaderLength, LEAST_HEADER_LENGTH);
  const { maxPendingHeaderLength = Math.min(16 * header, MAX_LIMIT) } = options;
  return {
    window: limit('window', window, 1),
    maxChannels: limit('maxChannels', maxChannels, 1),
    maxPendingRequests: limit('maxPendingRequests', maxPendingRequests, 1),
    maxHeaderLength: header,
    maxBodyLength: limit('maxBodyLength', maxBodyLength, LEAST_BODY_LENGTH),
    maxPendingHeaderLength: limit('maxPendingHeaderLength', maxPendingHeaderLength, 1),
  };
}

function limit(name: string, value: number, min: number): number {
  return whole(name, value, { min, max: MAX_LIMIT });
}

function resolveRate(rate: number): number {
  if (rate === Infinity) {
    return rate;
  }
  if (typeof rate === 'number' && rate > 0) {
    return rate;
  }
  return refuseValue('floodRate', 'a number above 0, or Infinity', rate);
}
