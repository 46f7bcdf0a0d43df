// The options of a gateway, their defaults, and their checks.

import type { Bytes, Codec, Connection, ServeOptions } from 'unstick';
import { hostname } from 'node:os';
import type { Bus } from './bus.ts';
import { MAX_TIMER_MS, systemClock } from './clock.ts';
import type { Clock } from './clock.ts';
import type { LogLine } from './log.ts';

/** Address that devices connect to, as for `serve`: a port or a unix socket, and TLS. */
export type ListenOptions = Pick<
  ServeOptions,
  'port' | 'host' | 'path' | 'reusePort' | 'tls' | 'handshakeTimeout'
>;

/**
 * The facts about a protocol that a gateway must know. Each function gets frames of unknown remotes, so
 * expect any bytes.
 */
export interface DeviceProtocol<In, Out> {
  /**
   * Returns the id of the device that sent the frame, or `undefined` for a frame that does not say it. It is
   * called with every frame. The first one must give an id, and no later one may give another; otherwise the
   * connection is reset. An id has 1 to 64 of the characters A–Z, a–z, 0–9, `_` and `-`. With TLS it may also
   * come from the certificate: `certificateName(connection)`.
   */
  readonly identify: (frame: Out, connection: Connection<In, Out>) => string | undefined;
  /**
   * Returns the acknowledgement for a frame, or `undefined` for a frame that gets none. The acknowledgement
   * is sent once the bus has the frame. Default: no frame gets one.
   */
  readonly acknowledge?: ((frame: Out, device: string) => In | undefined) | undefined;
  /**
   * Returns a text that is equal when the device sends the same frame again, and different for every other
   * frame of the device, such as its serial number and time. A frame that a device repeats after a lost
   * connection is then stored once, or twice with equal ids. Default: the number of the connection and of the
   * frame in it, so only frames that the gateway itself repeats have equal ids.
   */
  readonly messageId?: ((frame: Out, device: string) => string) | undefined;
  /** Returns the bytes to publish. Default: the frame if it is bytes, otherwise the frame encoded again. */
  readonly body?: ((frame: Out) => Uint8Array) | undefined;
  /**
   * Returns the value to send to the device for the bytes of a command. Default: these bytes as one frame.
   */
  readonly toDevice?: ((command: Bytes, device: string) => In) | undefined;
  /**
   * Returns whether a frame is the answer to a command. Default: commands have no answer, and their outcome
   * is `sent`.
   */
  readonly answers?: ((frame: Out, command: Bytes) => boolean) | undefined;
}

/** Options of `gateway`. */
export interface GatewayOptions<In, Out> extends DeviceProtocol<In, Out> {
  /** Codec of the devices. */
  readonly codec: Codec<In, Out>;
  /** Address to listen on. Default: a free port of 127.0.0.1. */
  readonly listen?: ListenOptions | undefined;
  /**
   * Bus that takes the frames. The gateway opens the bus and does not close it, because several gateways of a
   * process may share `memory()`.
   */
  readonly bus: Bus;
  /** Name of this node on the bus, for people. Default: the name of the host and the process id. */
  readonly node?: string | undefined;
  /**
   * Maximum number of frames of a device that were read and not yet acknowledged. At this number the socket
   * is not read. Default 16.
   */
  readonly window?: number | undefined;
  /** Maximum number of connections. Further connections are reset. Default 10 000. */
  readonly maxConnections?: number | undefined;
  /**
   * Maximum number of connections of one address. Further connections are reset. Default Infinity, because
   * thousands of devices may share the address of a mobile network.
   */
  readonly maxPerAddress?: number | undefined;
  /**
   * Time in ms until the first frame must be whole. When it is over, the connection is reset. Default 10 000.
   */
  readonly identifyTimeout?: number | undefined;
  /**
   * Maximum time in ms during which no byte moves. When it is over, the connection is reset. Default 600 000.
   */
  readonly idleTimeout?: number | undefined;
  /**
   * Maximum number of commands of a device that wait for an answer. Further commands are `busy`. Default 16.
   */
  readonly maxCommands?: number | undefined;
  /** Function that is called with each line of the log. Default: none. */
  readonly log?: ((line: LogLine) => void) | undefined;
  /**
   * Function that is called with each connection before its first frame is read, such as `inspectConnection`.
   * Default: none.
   */
  readonly onConnection?: ((connection: Connection<In, Out>) => void) | undefined;
  /**
   * Clock for the deadlines of commands, the waits of the gateway and its bus, and log lines.
   * `identifyTimeout` and `idleTimeout` use the timers of the process. Default: the clock of the process.
   */
  readonly clock?: Clock | undefined;
}

export interface ResolvedOptions<In, Out> extends DeviceProtocol<In, Out> {
  readonly body: (frame: Out) => Uint8Array;
  readonly codec: Codec<In, Out>;
  readonly listen: ListenOptions;
  readonly bus: Bus;
  readonly node: string;
  readonly window: number;
  readonly maxConnections: number;
  readonly maxPerAddress: number;
  readonly identifyTimeout: number;
  readonly idleTimeout: number;
  readonly maxCommands: number;
  readonly log: (line: LogLine) => void;
  readonly onConnection: (connection: Connection<In, Out>) => void;
  readonly clock: Clock;
}

const COUNTS = { window: 16, maxConnections: 10_000, maxPerAddress: Infinity, maxCommands: 16 };
const TIMES = { identifyTimeout: 10_000, idleTimeout: 600_000 };

/** Checks the options and fills in the defaults. Throws TypeError or RangeError. */
export function resolveOptions<In, Out>(
  options: GatewayOptions<In, Out>,
): ResolvedOptions<In, Out> {
  const { codec, bus, identify } = options;
  if (typeof identify !== 'function') {
    throw new TypeError('identify must be a function that returns the id of a device.');
  }
  return {
    codec,
    bus,
    identify,
    acknowledge: options.acknowledge,
    messageId: options.messageId,
    body: options.body ?? ((frame) => bytesOf(codec, frame)),
    toDevice: options.toDevice,
    answers: options.answers,
    listen: options.listen ?? {},
    node: options.node ?? `${hostname()}-${process.pid}`,
    window: count('window', options.window ?? COUNTS.window),
    maxConnections: count('maxConnections', options.maxConnections ?? COUNTS.maxConnections),
    maxPerAddress: count('maxPerAddress', options.maxPerAddress ?? COUNTS.maxPerAddress),
    maxCommands: count('maxCommands', options.maxCommands ?? COUNTS.maxCommands),
    identifyTimeout: time('identifyTimeout', options.identifyTimeout ?? TIMES.identifyTimeout),
    idleTimeout: time('idleTimeout', options.idleTimeout ?? TIMES.idleTimeout),
    log: options.log ?? (() => undefined),
    onConnection: options.onConnection ?? (() => undefined),
    clock: options.clock ?? systemClock,
  };
}

function bytesOf<In, Out>(codec: Codec<In, Out>, frame: Out): Uint8Array {
  if (frame instanceof Uint8Array) {
    return frame;
  }
  // The cast is safe: a codec whose two directions have different values needs `body`.
  return Buffer.concat(codec.encode(frame as unknown as In));
}

function count(name: string, value: number): number {
  if (value !== Infinity && !(Number.isSafeInteger(value) && value >= 1)) {
    throw new RangeError(`${name} must be a whole number from 1, or Infinity; it is ${value}.`);
  }
  return value;
}

/** Checks a time in ms. Throws RangeError. */
export function time(name: string, value: number): number {
  if (value !== Infinity && !(typeof value === 'number' && value > 0 && value <= MAX_TIMER_MS)) {
    const limits = `above 0 and up to ${MAX_TIMER_MS}, or Infinity`;
    throw new RangeError(`${name} must be a time in ms ${limits}; it is ${value}.`);
  }
  return value;
}
