// The options of jetStream(), their defaults, and the names that are made from the prefix.

import type { NodeConnectionOptions } from '@nats-io/transport-node';

export interface JetStreamOptions {
  /** Servers of NATS, as `host:port` or URLs. Default `nats://127.0.0.1:4222`. */
  readonly servers?: string | readonly string[] | undefined;
  /**
   * First token of every subject: frames go to `PREFIX.<id>.up`, and commands to `PREFIX.<id>.down`. It
   * consists of 1 to 32 of the characters A–Z, a–z, 0–9, `_` and `-`. Default `devices`.
   */
  readonly prefix?: string | undefined;
  /**
   * Name of the stream that stores the frames. If the stream is missing, it is made. If it exists, it is used
   * unchanged. Default: the prefix.
   */
  readonly stream?: string | undefined;
  /** Number of servers that hold the stream and the bucket, if these are made here: 1, 3 or 5. Default 1. */
  readonly replicas?: number | undefined;
  /**
   * Maximum number of bytes of a stream that is made here. A full stream refuses frames, which holds the
   * devices back. Default: the maximum that the server allows.
   */
  readonly maxBytes?: number | undefined;
  /** Time in ms after which a stream that is made here drops a frame. Default: never. */
  readonly maxAge?: number | undefined;
  /** Time in ms for which a stream that is made here recognises an id that comes again. Default 120 000. */
  readonly duplicateWindow?: number | undefined;
  /**
   * Time in ms for which a node that has died still counts as the holder of its devices. Claims are renewed three
   * times in it. It applies to a bucket that is made here. Default 120 000.
   */
  readonly timeToLive?: number | undefined;
  /** Time in ms in which the bus must answer a call. Default 5000. */
  readonly timeout?: number | undefined;
  /** Further options of the client, such as credentials and TLS. Default: none. */
  readonly connect?: NodeConnectionOptions | undefined;
}

export interface ResolvedJetStreamOptions {
  readonly servers: string[];
  readonly prefix: string;
  readonly stream: string;
  readonly replicas: number;
  readonly maxBytes: number | undefined;
  readonly maxAge: number;
  readonly duplicateWindow: number;
  readonly timeToLive: number;
  readonly timeout: number;
  readonly connect: NodeConnectionOptions;
}

const TOKEN = /^[A-Za-z0-9_-]{1,32}$/;
const REPLICAS: readonly unknown[] = [undefined, 1, 3, 5];

/** Checks the options and fills in the defaults. Throws TypeError or RangeError. */
export function resolveJetStreamOptions(options: JetStreamOptions): ResolvedJetStreamOptions {
  const { prefix = 'devices', stream = prefix, replicas, maxBytes } = options;
  const { maxAge, duplicateWindow, timeToLive, timeout } = options;
  for (const [name, value] of Object.entries({ prefix, stream })) {
    if (!TOKEN.test(value)) {
      throw new TypeError(`${name} must have 1 to 32 of the characters A–Z, a–z, 0–9, _ and -.`);
    }
  }
  if (!REPLICAS.includes(replicas)) {
    throw new RangeError(`replicas must be 1, 3 or 5; it is ${replicas}.`);
  }
  if (maxBytes !== undefined && !(Number.isSafeInteger(maxBytes) && maxBytes >= 1)) {
    throw new RangeError(`maxBytes must be a whole number from 1; it is ${maxBytes}.`);
  }
  for (const [name, ms] of Object.entries({ maxAge, duplicateWindow, timeToLive, timeout })) {
    if (ms !== undefined && !(Number.isSafeInteger(ms) && ms >= 1)) {
      throw new RangeError(`${name} must be a whole number of ms from 1; it is ${ms}.`);
    }
  }
  return {
    servers: serversOf(options.servers ?? 'nats://127.0.0.1:4222'),
    prefix,
    stream,
    replicas: replicas ?? 1,
    maxBytes,
    maxAge: maxAge ?? 0,
    duplicateWindow: duplicateWindow ?? 120_000,
    timeToLive: timeToLive ?? 120_000,
    timeout: timeout ?? 5000,
    connect: options.connect ?? {},
  };
}

function serversOf(given: string | readonly string[]): string[] {
  const servers = typeof given === 'string' ? [given] : [...given];
  if (servers.length === 0) {
    throw new TypeError('servers must name at least one server.');
  }
  for (const server of servers) {
    if (!URL.canParse(server.includes('://') ? server : `nats://${server}`)) {
      throw new TypeError(`servers must be HOST:PORT or nats://HOST:PORT; one is "${server}".`);
    }
  }
  return servers;
}
