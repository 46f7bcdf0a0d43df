// The bus over NATS: a JetStream stream for frames, a KV bucket for the holders of devices, and plain
// requests for commands.

import { DiscardPolicy, jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { JetStreamClient, JetStreamManager, StreamConfig } from '@nats-io/jetstream';
import { Kvm } from '@nats-io/kv';
import type { KV } from '@nats-io/kv';
import { connect, nanos, nuid } from '@nats-io/transport-node';
import type { NatsConnection } from '@nats-io/transport-node';
import { BusError, COMMAND_MS } from '../bus.ts';
import type { Bus, BusHost, Claim, CommandOptions, Holder, Outcome } from '../bus.ts';
import { JetStreamClaim } from './claim.ts';
import type { ClaimHost } from './claim.ts';
import { busErrorOf } from './errors.ts';
import { resolveJetStreamOptions } from './options.ts';
import type { JetStreamOptions, ResolvedJetStreamOptions } from './options.ts';
import { Owners } from './owners.ts';
import { Roster } from './roster.ts';
import { Switchboard } from './switchboard.ts';

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
  readonly host: ClaimHost;
  /** Time in ms in which each claim is renewed once. */
  readonly round: number;
}

class JetStreamBus implements Bus {
  readonly #options: ResolvedJetStreamOptions;
  readonly #roster = new Roster();
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
    this.#roster.start(host.clock, this.#open.round);
    host.onState(true, this.#open.connection.getServer());
    void this.#watch(this.#open.connection, host);
  }

  async claim(device: string, holder: Holder): Promise<Claim> {
    const { host } = this.#opened();
    if (!this.isUp) {
      throw new BusError('ERR_BUS_AWAY', 'NATS is out of reach.');
    }
    try {
      return await JetStreamClaim.take(host, device, holder);
    } catch (error) {
      throw busErrorOf(error);
    }
  }

  async command(
    device: string,
    bytes: Uint8Array,
    { within = COMMAND_MS }: CommandOptions = {},
  ): Promise<Outcome> {
    if (this.#open === undefined || !this.isUp) {
      return { outcome: 'unreachable' };
    }
    return this.#open.host.switchboard.command(device, bytes, within);
  }

  async close(): Promise<void> {
    this.#state = 'closed';
    this.#close();
    this.#roster.stop();
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

  async #connect(host: BusHost): Promise<Open> {
    const { servers, timeout, connect: more } = this.#options;
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
      return await this.#openOn(connection, host);
    } catch (error) {
      await connection.close();
      throw error;
    }
  }

  async #openOn(connection: NatsConnection, { node, clock }: BusHost): Promise<Open> {
    const { prefix, stream, timeout, timeToLive } = this.#options;
    const manager = await jetstreamManager(connection, { timeout });
    // A node that starts again gets another address, so that no earlier entry names it.
    const address = nuid.next();
    const client = jetstream(connection, { timeout });
    const bucket = await this.#prepare(client, manager);
    const owners = new Owners(bucket, { node, address }, timeout);
    const roster = this.#roster;
    const ownerEpoch = async (device: string): Promise<number | undefined> =>
      (await owners.get(device))?.epoch;
    const maxLength = (): number => this.maxLength;
    const shared = { owners, roster, clock, address, maxLength };
    // A bucket that existed may have another time to live than the options.
    const { ttl } = await bucket.status();
    return {
      connection,
      round: (ttl === 0 ? timeToLive : ttl) / RENEWALS,
      host: {
        ...shared,
        switchboard: new Switchboard({ ...shared, connection, prefix }),
        up: { client, manager, stream, prefix, timeout, ownerEpoch },
        isUp: () => this.isUp,
        isClosed: () => this.#isClosed,
      },
    };
  }

  /** Makes the stream and the bucket, if they are missing. */
  async #prepare(client: JetStreamClient, manager: JetStreamManager): Promise<KV> {
    const { prefix, stream, replicas, timeToLive } = this.#options;
    const subject = `${prefix}.*.up`;
    const found = await findStream(manager, stream);
    if (found === undefined) {
      await manager.streams.add(this.#streamConfig(subject));
    } else if (!(found.subjects ?? []).includes(subject)) {
      throw new BusError('ERR_BUS_REFUSED', `Stream ${stream} does not take ${subject}.`);
    }
    await this.#refuseStoredCommands(manager);
    return new Kvm(client).create(`${prefix}-owners`, {
      ttl: timeToLive,
      history: 1,
      replicas,
      // Send reads to the leader: a follower may still name the previous holder.
      allow_direct: false,
    });
  }

  /**
   * Rejects if a stream takes the subjects of commands. It would answer each command that it has stored it, before
   * the device can answer.
   */
  async #refuseStoredCommands(manager: JetStreamManager): Promise<void> {
    const { prefix } = this.#options;
    for (const subject of [`${prefix}.x.down`, `${prefix}.x.down.x`, `${prefix}.x.find`]) {
      for await (const name of manager.streams.names(subject)) {
        const why = `takes ${subject} and so commands; it may take ${prefix}.*.up`;
        throw new BusError('ERR_BUS_REFUSED', `Stream ${name} ${why}.`);
      }
    }
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
    for await (const status of connection.status()) {
      const { type } = status;
      if (type === 'reconnect' && this.#state === 'away') {
        this.#state = 'up';
        host.onState(true, connection.getServer());
        // Notices of newer claims may have been missed, and entries may have expired.
        void this.#roster.renewAll(() => this.isUp);
      } else if ((type === 'disconnect' || type === 'close') && this.#state === 'up') {
        this.#state = 'away';
        host.onState(false, 'The connection to NATS broke.');
      } else if (status.type === 'error' && this.#state === 'away') {
        // It says why the client cannot connect again, such as credentials that were changed.
        host.onState(false, busErrorOf(status.error).message);
      }
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
