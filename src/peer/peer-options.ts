// The options of a peer: defaults and validation in one place.

import { checkNames, connectionTime, refuse, whole } from '../options.ts';
import type { OptionNames } from '../options.ts';
import { LEAST_BODY_LENGTH, LEAST_HEADER_LENGTH } from './session/wire.ts';
import type { SessionOptions } from './session/session-events.ts';

/** All options of a peer but `onError`, which hears of the peer itself: see peer.ts. */
export interface PeerSettings {
  /** Number of bytes that one channel may have received and not read. Default 256 KiB. */
  readonly window?: number | undefined;
  /** Number of channels that the other side may have open at a time; more are reset. Default 128. */
  readonly maxChannels?: number | undefined;
  /**
   * Number of requests of the other side that are handled at a time; more are answered BUSY. Default 128.
   */
  readonly maxPendingRequests?: number | undefined;
  /** Maximum length of a header in bytes: name and params of a request, or its result. Default 16 KiB. */
  readonly maxHeaderLength?: number | undefined;
  /**
   * Maximum length of a body in bytes, at least 4096: the bytes of channels travel in bodies too. Larger
   * things go through channels. Default 1 MiB.
   */
  readonly maxBodyLength?: number | undefined;
  /**
   * Number of bytes that the headers of the other side's pending requests may have in sum, those of its
   * open channels likewise, and those of the events that are handled. Default 16 × maxHeaderLength.
   */
  readonly maxPendingHeaderLength?: number | undefined;
  /**
   * Maximum length of the hello in bytes: all that a stranger can make this side hold. Default 4096.
   */
  readonly maxHelloLength?: number | undefined;
  /** Time in ms that the hello of the other side may take. Infinity means no limit. Default 5000. */
  readonly helloTimeout?: number | undefined;
  /**
   * Send a ping after this many ms without a byte of the other side. Infinity turns heartbeats off.
   * Default 15 000.
   */
  readonly heartbeatInterval?: number | undefined;
  /** Time in ms that its answer may take; then the peer ends with ERR_PEER_SILENT. Default 15 000. */
  readonly heartbeatTimeout?: number | undefined;
  /** Time in ms that an answer may take where `request` is not told otherwise. Default Infinity. */
  readonly requestTimeout?: number | undefined;
  /**
   * Time in ms that a handler of requests may take. Then its signal aborts and the requester gets
   * HANDLER_TIMEOUT. Infinity means no limit. Default 600 000.
   */
  readonly handlerTimeout?: number | undefined;
  /**
   * Time in ms for which a channel may stand still in both directions while something waits: bytes for
   * credit or for a reader, or the channel itself to be opened. Then it is reset. Infinity means no
   * limit. Default 120 000.
   */
  readonly channelTimeout?: number | undefined;
  /**
   * Time in ms for which handlers of events may hold up the reading when too many of them run. Infinity
   * means no limit. Default 30 000.
   */
  readonly eventTimeout?: number | undefined;
  /**
   * Time in ms for a message that was begun: in it the message is finished, or another 64 KiB of it come.
   * Infinity means no limit. Default 30 000.
   */
  readonly frameTimeout?: number | undefined;
  /**
   * Time in ms in which the other side takes at least one of the bytes that wait to be sent; else the
   * peer ends with ERR_SEND_STALLED. Infinity means no limit. Default 30 000.
   */
  readonly sendTimeout?: number | undefined;
  /**
   * Number of bytes of requests and events that may wait to be sent; more is ERR_QUEUE_FULL. Default
   * 16 MiB.
   */
  readonly maxQueuedLength?: number | undefined;
  /** Number of messages that lead to nothing which the other side may send at once. Default 1000. */
  readonly floodBurst?: number | undefined;
  /** Number of such messages a second after that. Infinity means no limit. Default 200. */
  readonly floodRate?: number | undefined;
}

export interface ResolvedPeerOptions extends SessionOptions {
  readonly maxHelloLength: number;
  readonly requestTimeout: number;
  readonly handlerTimeout: number;
  readonly eventTimeout: number;
  readonly frameTimeout: number;
  readonly sendTimeout: number;
}

/** The names, for those whose options include these. */
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

/** A limit above this is one in name only. */
const MAX_LIMIT = 2 ** 31 - 1;

/** The options with their defaults. Throws UsageError ERR_OPTION. */
export function resolvePeerOptions(options: PeerSettings): ResolvedPeerOptions {
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
    frameTimeout: ms('frameTimeout', 30_000),
    sendTimeout: ms('sendTimeout', 30_000),
    maxQueuedLength: whole('maxQueuedLength', maxQueuedLength),
  };
}

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
  return refuse(`floodRate must be a number above 0, or Infinity, not ${String(rate)}.`);
}
