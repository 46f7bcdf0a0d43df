// gateway() connects framed sockets on one side with a bus on the other. This file opens and ends both sides.
// session.ts handles one connection.

import { serve } from 'unstick';
import type { Connection, FramedServer } from 'unstick';
import type { BusError } from './bus.ts';
import { Counters, prometheusText } from './counters.ts';
import type { CounterName, Gauges } from './counters.ts';
import { makeLog } from './log.ts';
import type { Log } from './log.ts';
import { resolveOptions, time } from './options.ts';
import type { GatewayOptions, ResolvedOptions } from './options.ts';
import { attend } from './session.ts';
import type { Session, Shared } from './session.ts';

/** Options of `close`. */
export interface DrainOptions {
  /** Time in ms after which connections that have not drained are reset. Default 5000. */
  readonly within?: number | undefined;
}

/** The health of a gateway. */
export interface Health {
  readonly state: 'opening' | 'serving' | 'draining' | 'closed';
  readonly isBusUp: boolean;
}

/** A running gateway. */
export interface Gateway {
  /**
   * Resolves when the bus is open and devices can connect. After an earlier `close` it also resolves when the
   * bus is open, but no device can connect. Rejects with BusError if the bus refuses the node or was closed,
   * with ConnectionError ERR_LISTEN if the port cannot be opened, and with UsageError ERR_OPTION for wrong
   * options in `listen`. If you do not handle the rejection, it ends the process.
   */
  readonly ready: Promise<void>;
  /** Port that devices connect to. It is 0 while the gateway does not listen, and on a unix socket. */
  readonly port: number;
  /** `host:port`, or the path of the unix socket, while the gateway listens. */
  readonly address: string | undefined;
  readonly health: Health;
  /** Returns the value of a counter. */
  count(name: CounterName): number;
  readonly gauges: Gauges;
  /** Returns the counters and gauges in the text format of Prometheus. */
  metrics(): string;
  /**
   * Drains the gateway: accepts no further connection, reads no further frame, stores and acknowledges the
   * frames that were read, gives the devices up, and closes their connections. The bus stays open. Rejects with
   * RangeError if `within` is no time.
   */
  close(options?: DrainOptions): Promise<void>;
}

const DRAIN_MS = 5000;
/** Time in ms between two lines that say that the bus refuses something: it may refuse each device. */
const RETRY_LINES_MS = 10_000;

class OpenGateway<In, Out> implements Gateway {
  readonly ready: Promise<void>;
  readonly #options: ResolvedOptions<In, Out>;
  readonly #counters = new Counters();
  readonly #log: Log;
  readonly #sessions = new Set<Session<In, Out>>();
  readonly #shared: Shared<In, Out>;
  /** Number of connections of each address that has at least one. */
  readonly #addresses = new Map<string, number>();
  #state: Health['state'] = 'opening';
  /** Time of the monotonic clock from which the next line about a retry may be logged. */
  #nextRetryLine = -Infinity;
  #server: FramedServer | undefined;

  constructor(options: ResolvedOptions<In, Out>) {
    this.#options = options;
    this.#log = makeLog(options.log, () => options.clock.wall());
    this.#shared = {
      options,
      counters: this.#counters,
      log: this.#log,
      sessions: this.#sessions,
      left: ({ remoteAddress }) => this.#leave(addressOf(remoteAddress)),
      retried: (device, error) => this.#logRetry(device, error),
    };
    this.ready = this.#open();
  }

  get port(): number {
    return this.#server?.port ?? 0;
  }

  get address(): string | undefined {
    return this.#server?.address;
  }

  get health(): Health {
    return { state: this.#state, isBusUp: this.#options.bus.isUp };
  }

  get gauges(): Gauges {
    let framesInFlight = 0;
    for (const session of this.#sessions) {
      framesInFlight += session.inFlight;
    }
    return {
      connections: this.#server?.connections ?? 0,
      devices: this.#sessions.size,
      framesInFlight,
      busUp: this.#options.bus.isUp ? 1 : 0,
    };
  }

  count(name: CounterName): number {
    return this.#counters.of(name);
  }

  metrics(): string {
    return prometheusText(this.#counters, this.gauges);
  }

  async close({ within = DRAIN_MS }: DrainOptions = {}): Promise<void> {
    time('within', within);
    if (this.#state !== 'closed') {
      this.#state = 'draining';
      this.#log('info', 'draining');
    }
    await this.#server?.close({ within });
    this.#state = 'closed';
    this.#log('info', 'closed');
  }

  /**
   * Opens the bus first and the port after it, so that devices find another node while this node has no bus.
   */
  async #open(): Promise<void> {
    const { bus, clock, node } = this.#options;
    let logged = '';
    await bus.open({
      node,
      clock,
      onState: (isUp, why) => {
        // A bus that is away reports each attempt, several in a second: log each reason once.
        const line = `${isUp} ${why}`;
        if (line !== logged) {
          logged = line;
          this.#log(isUp ? 'info' : 'warn', isUp ? 'bus-up' : 'bus-down', { why });
        }
      },
    });
    if (!this.#isOpening) {
      return;
    }
    this.#server = this.#serve();
    await this.#server.ready;
    if (this.#isOpening) {
      this.#state = 'serving';
      this.#log('info', 'listening', { why: this.address });
    }
  }

  /** Whether the gateway is still opening. It is a getter, because `close` may be called during each wait. */
  get #isOpening(): boolean {
    return this.#state === 'opening';
  }

  #serve(): FramedServer {
    const { codec, listen, maxConnections, idleTimeout } = this.#options;
    return serve(codec, (connection: Connection<In, Out>) => this.#attend(connection), {
      ...listen,
      // `serve` takes no Infinity here.
      maxConnections: Math.min(maxConnections, Number.MAX_SAFE_INTEGER),
      idleTimeout,
      // Copy the values: frames wait in the window, and must not keep the chunks alive in which they came.
      copy: true,
      onError: (error, connection) => {
        if (connection === undefined) {
          this.#log('error', 'fault', { why: error });
        }
      },
    });
  }

  #attend(connection: Connection<In, Out>): Promise<void> | undefined {
    const { maxPerAddress } = this.#options;
    this.#counters.add('connectionsAccepted');
    const address = addressOf(connection.remoteAddress);
    const others = this.#addresses.get(address) ?? 0;
    if (others >= maxPerAddress) {
      this.#counters.add('connectionsOverAddressLimit');
      this.#log('warn', 'address-limit', { remote: connection.remoteAddress });
      connection.destroy();
      return undefined;
    }
    this.#addresses.set(address, others + 1);
    return attend(this.#shared, connection);
  }

  /** Logs why the bus refuses something although it is in reach, such as a stream that is full. */
  #logRetry(device: string, why: BusError): void {
    const { bus, clock } = this.#options;
    const now = clock.monotonic();
    if (bus.isUp && now >= this.#nextRetryLine) {
      this.#nextRetryLine = now + RETRY_LINES_MS;
      this.#log('warn', 'bus-retry', { device, why });
    }
  }

  #leave(address: string): void {
    const others = (this.#addresses.get(address) ?? 1) - 1;
    if (others === 0) {
      this.#addresses.delete(address);
    } else {
      this.#addresses.set(address, others);
    }
  }
}

/** Returns the address without its port. It is empty for a unix socket. */
function addressOf(remote: string | undefined): string {
  return remote?.replace(/:\d+$/, '') ?? '';
}

/**
 * Opens the bus, then listens, and publishes what devices send. Throws TypeError or RangeError for wrong
 * options.
 *
 * @example
 * ```ts
 * import { framing } from 'unstick/formats';
 * import { gateway, jtt808, memory } from '@unstick/gateway';
 *
 * const bus = memory();
 * bus.onUp(({ device, bytes }) => console.log(device, bytes.length));
 * const devices = gateway({ codec: framing('jtt808'), bus, ...jtt808, listen: { port: 7000 } });
 * await devices.ready;
 * process.once('SIGTERM', () => void devices.close({ within: 10_000 }));
 * ```
 */
export function gateway<In, Out>(options: GatewayOptions<In, Out>): Gateway {
  return new OpenGateway(resolveOptions(options));
}
