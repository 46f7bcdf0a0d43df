// The options of a peer: defaults and validation in one place.

import { checkOptionNames, UsageError } from '../errors.ts';
import { MAX_TIMEOUT, whole } from '../stream/framed-options.ts';
import type { HeartbeatOptions } from './session/heartbeat.ts';
import { LEAST_HEADER_LENGTH } from './session/wire.ts';
import type { PeerLimits } from './session/wire.ts';

/** All options of a peer but `onError`, which hears of the peer itself: see peer.ts. */
export interface PeerSettings {
  /** Bytes that one channel may have received and not read. Default 256 KiB. */
  readonly window?: number | undefined;
  /** Channels that the other side may have open at a time; more are reset. Default 128. */
  readonly maxChannels?: number | undefined;
  /** Requests of the other side that are handled at a time; more are answered BUSY. Default 128. */
  readonly maxPendingRequests?: number | undefined;
  /** The longest header in bytes: name and params of a request, or its result. Default 16 KiB. */
  readonly maxHeaderLength?: number | undefined;
  /**
   * The longest body in bytes, at least 4096, for the bytes of channels travel in bodies too; larger
   * things go through channels. Default 1 MiB.
   */
  readonly maxBodyLength?: number | undefined;
  /** The longest hello in bytes: all that a stranger can make this side hold. Default 4096. */
  readonly maxHelloLength?: number | undefined;
  /** So long may the hello take, in ms; 0: for ever. Default 5000. */
  readonly helloTimeout?: number | undefined;
  /** After so many ms without a byte from the other side it is asked for one; 0: never. Default 15 000. */
  readonly heartbeatInterval?: number | undefined;
  /** So many ms may that answer take; then the connection ends with ERR_PEER_SILENT. Default 15 000. */
  readonly heartbeatTimeout?: number | undefined;
  /** So many ms may an answer take where `request` is not told otherwise; 0: for ever. Default 0. */
  readonly requestTimeout?: number | undefined;
  /**
   * The most bytes of requests and events that may wait to be sent; more is ERR_QUEUE_FULL. Default
   * 16 MiB.
   */
  readonly maxQueuedLength?: number | undefined;
  /**
   * So many ms may handlers of events hold up the reading when too many of them run; 0: for ever.
   * Default 30 000.
   */
  readonly eventTimeout?: number | undefined;
  /** So many ms may one message take from its first byte to its last; 0: for ever. Default 60 000. */
  readonly frameTimeout?: number | undefined;
}

export interface ResolvedPeerOptions {
  readonly limits: PeerLimits;
  readonly heartbeat: HeartbeatOptions;
  readonly maxHelloLength: number;
  readonly helloTimeout: number;
  readonly requestTimeout: number;
  readonly maxQueuedLength: number;
  readonly eventTimeout: number;
  readonly frameTimeout: number;
}

const peerOptionNames = [
  'window',
  'maxChannels',
  'maxPendingRequests',
  'maxHeaderLength',
  'maxBodyLength',
  'maxHelloLength',
  'helloTimeout',
  'heartbeatInterval',
  'heartbeatTimeout',
  'requestTimeout',
  'maxQueuedLength',
  'eventTimeout',
  'frameTimeout',
];

/** A window above this is a limit in name only. */
const MAX_WINDOW = 2 ** 31 - 1;

/** With less, a channel would be mostly headers. */
const MIN_BODY_LENGTH = 4096;

/** The options with their defaults. Throws UsageError ERR_OPTION. */
export function resolvePeerOptions(options: PeerSettings): ResolvedPeerOptions {
  checkOptionNames('peer', options, peerOptionNames);
  const ms = (
    name: 'helloTimeout' | 'requestTimeout' | 'eventTimeout' | 'frameTimeout',
    preset: number,
  ): number => whole(name, options[name] ?? preset, MAX_TIMEOUT);
  return {
    limits: limitsOf(options),
    heartbeat: {
      interval: whole('heartbeatInterval', options.heartbeatInterval ?? 15_000, MAX_TIMEOUT),
      timeout: atLeast('heartbeatTimeout', options.heartbeatTimeout ?? 15_000, 1),
    },
    maxHelloLength: atLeast('maxHelloLength', options.maxHelloLength ?? 4096, LEAST_HEADER_LENGTH),
    helloTimeout: ms('helloTimeout', 5000),
    requestTimeout: ms('requestTimeout', 0),
    maxQueuedLength: whole(
      'maxQueuedLength',
      options.maxQueuedLength ?? 16 * 1024 * 1024,
      Number.MAX_SAFE_INTEGER,
    ),
    eventTimeout: ms('eventTimeout', 30_000),
    frameTimeout: ms('frameTimeout', 60_000),
  };
}

function limitsOf(options: PeerSettings): PeerLimits {
  const { window = 256 * 1024, maxChannels = 128, maxPendingRequests = 128 } = options;
  const { maxHeaderLength = 16 * 1024, maxBodyLength = 1024 * 1024 } = options;
  return {
    window: atLeast('window', window, 1),
    maxChannels: atLeast('maxChannels', maxChannels, 1),
    maxPendingRequests: atLeast('maxPendingRequests', maxPendingRequests, 1),
    maxHeaderLength: atLeast('maxHeaderLength', maxHeaderLength, LEAST_HEADER_LENGTH),
    maxBodyLength: atLeast('maxBodyLength', maxBodyLength, MIN_BODY_LENGTH),
  };
}

function atLeast(name: string, value: number, least: number): number {
  if (whole(name, value, MAX_WINDOW) >= least) return value;
  throw new UsageError('ERR_OPTION', `${name} must be at least ${least}, not ${value}.`);
}

export function warn(error: unknown): void {
  process.emitWarning(error instanceof Error ? error : String(error));
}
