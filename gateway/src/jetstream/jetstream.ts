// The bus over NATS: a JetStream stream for frames, a KV bucket for the holders of devices, and plain
// requests for commands.

import { DiscardPolicy, jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { JetStreamClient, JetStreamManager, StreamConfig } from '@nats-io/jetstream';
import { Kvm } from '@nats-io/kv';
import { connect, errors, nanos } from '@nats-io/transport-node';
import type { NatsConnection } from '@nats-io/transport-node';
import { BusError, COMMAND_MS } from '../bus.ts';
import type { Bus, BusHost, Claim, CommandOptions, Holder, Outcome } from '../bus.ts';
import { MAX_TIMER_MS } from '../clock.ts';
import { isDeviceId } from '../device-id.ts';
import { commandHeaders, JetStreamClaim, outcomeOf } from './claim.ts';
import type { ClaimHost } from './claim.ts';
import { busErrorOf } from './errors.ts';
import { resolveJetStreamOptions } from './options.ts';
import type { JetStreamOptions, ResolvedJetStreamOptions } from './options.ts';
import { Owners } from './owners.ts';

/** Number of bytes for the headers of a message, which count towards the limit of the server. */
const HEADERS_LENGTH = 1024;
const DEFAULT_PAYLOAD = 1024 * 1024;
const RECONNECT_MS = 250;
/**
 * Time in ms between two pings that the client sends to a silent server, and number of pings that may stay
 * unanswered.
 */
const PING = { pingInterval: 5000, maxPingOut: 2 };
/** Number of renewals within the time to live of an entry. */
const RENEWALS = 3;

/** The objects that exist once the bus is open. */
interface Open {
  readonly connection: NatsConnection;
  readonly client: JetStreamClient;
  readonly manager: JetStreamManager;
  readonly host: ClaimHost;
}

class JetStreamBus implements Bus {
  readonly #options: ResolvedJetStreamOptions;
  readonly #claims = new Set<JetStreamClaim>();
  readonly #whenClosed: Promise<void>;
  #open: Open | undefined;
  #state: 'closed' | 'opening' | 'up' | 'away' = 'closed';
  #close: () => void = () => undefined;

  constructor(options: ResolvedJetStreamOptions) {
    this.#options = options;
    this.#whenClosed = new Promise((resolve) => {
      this.#close = resolve;
    });
  }

  get maxLength(): number {
    const limit = this.#open?.connection.info?.max_payload ?? DEFAULT_PAYLOAD;
    return limit - HEADERS_LENGTH;
  }

  get isUp(): boolean {
    return this.#state === 'up';
  }

  async open(host: BusHost): Promise<void> {
    this.#state = 'opening';
    for (;;) {
      try {
        this.#open = await this.#connect(host);
        break;
      } catch (error) {
        const problem = busErrorOf(error);
        if (problem.isFinal) {
          throw problem;
        }
        host.onState(false, problem.message);
      }
      await this.#pause(host, RECONNECT_MS);
    }
    if (this.#isClosed) {
      await this.#open.connection.close();
      throw new BusError('ERR_BUS_CLOSED', 'The bus is closed.');
    }
    this.#state = 'up';
    host.onState(true, this.#open.connection.getServer());
    void this.#watch(this.#open.connection, host);
  }

  async claim(device: string, holder: Holder): Promise<Claim> {
    const { client, manager, host } = this.#opened();
    if (!this.isUp) {
      throw new BusError('ERR_BUS_AWAY', 'NATS is out of reach.');
    }
    const { prefix, stream, timeout } = this.#options;
    const subject = `${prefix}.${device}.up`;
    try {
      const claim = await JetStreamClaim.take({
        device,
        host,
        down: `${prefix}.${device}.down`,
        up: { client, manager, stream, subject, device, timeout },
        holder: {
          command: (bytes, within) => holder.command(bytes, within),
          lost: () => {
            this.#claims.delete(claim);
            holder.lost();
          },
        },
      });
      this.#claims.add(claim);
      return this.#forgetting(claim);
    } catch (error) {
      throw busErrorOf(error);
    }
  }

  async command(
    device: string,
    bytes: Uint8Array,
    { within = COMMAND_MS }: CommandOptions = {},
  ): Promise<Outcome> {
    if (!isDeviceId(device)) {
      return { outcome: 'absent' };
    }
    if (!(within > 0)) {
      return { outcome: 'expired' };
    }
    if (this.#open === undefined || !this.isUp) {
      return { outcome: 'unreachable' };
    }
    if (bytes.length > this.maxLength) {
      return { outcome: 'refused' };
    }
    const subject = `${this.#options.prefix}.${device}.down`;
    try {
      const options = { timeout: Math.min(within, MAX_TIMER_MS), headers: commandHeaders(within) };
      return outcomeOf(await this.#open.connection.request(subject, bytes, options));
    } catch (error) {
      // NATS reports when no node listens on the subject. If the answer is merely missing, the outcome is not
      // known.
      const isAbsent = error instanceof errors.RequestError && error.isNoResponders();
      return { outcome: isAbsent ? 'absent' : 'unknown' };
    }
  }

  async close(): Promise<void> {
    this.#state = 'closed';
    this.#close();
    await this.#open?.connection.close();
  }

  get #isClosed(): boolean {
    return this.#state === 'closed';
  }

  #opened(): Open {
    if (this.#open === undefined || this.#isClosed) {
      throw new BusError('ERR_BUS_CLOSED', 'The bus is closed.');
    }
    return this.#open;
  }

  /** Wraps a claim. When it is released, it leaves the list of the claims that are renewed. */
  #forgetting(claim: JetStreamClaim): Claim {
    return {
      get epoch() {
        return claim.epoch;
      },
      append: (message) => claim.append(message),
      goBack: () => claim.goBack(),
      release: () => {
        this.#claims.delete(claim);
        return claim.release();
      },
    };
  }

  async #connect(host: BusHost): Promise<Open> {
    const { servers, timeout, timeToLive, connect: more } = this.#options;
    const connection = await connect({
      servers,
      name: `unstick-gateway ${host.node}`,
      timeout,
      maxReconnectAttempts: -1,
      reconnectTimeWait: RECONNECT_MS,
      // Try again after a refusal: credentials may be wrong for a moment, while servers get new ones.
      ignoreAuthErrorAbort: true,
      ...PING,
      ...more,
    });
    try {
      const manager = await jetstreamManager(connection, { timeout });
      const owners = await this.#prepare(connection, manager, host);
      return {
        connection,
        manager,
        client: jetstream(connection, { timeout }),
        host: {
          connection,
          owners,
          clock: host.clock,
          renewal: timeToLive / RENEWALS,
          isUp: () => this.isUp,
          maxLength: () => this.maxLength,
        },
      };
    } catch (error) {
      await connection.close();
      throw error;
    }
  }

  /** Makes the stream and the bucket, if they are missing. */
  async #prepare(
    connection: NatsConnection,
    manager: JetStreamManager,
    { node }: BusHost,
  ): Promise<Owners> {
    const { prefix, stream, replicas, timeToLive, timeout } = this.#options;
    const subject = `${prefix}.*.up`;
    const found = await findStream(manager, stream);
    if (found === undefined) {
      await manager.streams.add(this.#streamConfig(subject));
    } else if (!(found.subjects ?? []).some((one) => one === subject || one === `${prefix}.>`)) {
      throw new BusError('ERR_BUS_REFUSED', `Stream ${stream} does not take ${subject}.`);
    }
    const bucket = await new Kvm(connection).create(`${prefix}-owners`, {
      ttl: timeToLive,
      history: 1,
      replicas,
      // Send reads to the leader: a follower may still name the previous holder.
      allow_direct: false,
    });
    return new Owners(bucket, node, timeout);
  }

  #streamConfig(subject: string): Pick<StreamConfig, 'name'> & Partial<StreamConfig> {
    const { stream, replicas, maxAge, maxBytes, duplicateWindow } = this.#options;
    return {
      name: stream,
      subjects: [subject],
      num_replicas: replicas,
      max_age: nanos(maxAge),
      duplicate_window: nanos(duplicateWindow),
      // Let a full stream refuse new frames: the frames that it has were acknowledged to devices.
      discard: DiscardPolicy.New,
      ...(maxBytes === undefined ? {} : { max_bytes: maxBytes }),
    };
  }

  async #watch(connection: NatsConnection, host: BusHost): Promise<void> {
    for await (const { type } of connection.status()) {
      if (type === 'reconnect' && this.#state === 'away') {
        this.#state = 'up';
        host.onState(true, connection.getServer());
        void this.#renewAll();
      } else if ((type === 'disconnect' || type === 'close') && this.#state === 'up') {
        this.#state = 'away';
        host.onState(false, 'The connection to NATS broke.');
      }
    }
  }

  /**
   * Renews all claims, one after another, because notices of newer claims may have been missed and entries
   * may have expired.
   */
  async #renewAll(): Promise<void> {
    for (const claim of this.#claims) {
      if (!this.isUp) {
        return;
      }
      await claim.renew();
    }
  }

  async #pause(host: BusHost, length: number): Promise<void> {
    let cancel: (() => void) | undefined;
    const over = new Promise<void>((done) => {
      cancel = host.clock.after(length, done);
    });
    await Promise.race([over, this.#whenClosed]);
    cancel?.();
    if (this.#isClosed) {
      throw new BusError('ERR_BUS_CLOSED', 'The bus is closed.');
    }
  }
}

async function findStream(
  manager: JetStreamManager,
  name: string,
): Promise<StreamConfig | undefined> {
  try {
    return (await manager.streams.info(name)).config;
  } catch (error) {
    if (error instanceof Error && error.message === 'stream not found') {
      return undefined;
    }
    throw error;
  }
}

/**
 * Makes a bus over NATS JetStream, for one gateway. Frames are stored in a stream on `PREFIX.<id>.up` with a
 * message id. The bucket `PREFIX-owners` has the node that holds each device. Throws TypeError.
 */
export function jetStream(options: JetStreamOptions = {}): Bus {
  return new JetStreamBus(resolveJetStreamOptions(options));
}
