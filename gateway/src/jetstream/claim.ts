// One device that this node holds: its appends one after another, its entry in the bucket, and its commands.

import { headers } from '@nats-io/transport-node';
import type { Msg, NatsConnection, Subscription } from '@nats-io/transport-node';
import { BusError, PLAIN_OUTCOMES } from '../bus.ts';
import type { Claim, Holder, Outcome, UpMessage } from '../bus.ts';
import type { Clock } from '../clock.ts';
import { busErrorOf } from './errors.ts';
import type { Owners } from './owners.ts';
import { EPOCH, UpStream } from './up-stream.ts';
import type { UpStreamOptions } from './up-stream.ts';

/** Header with the time in ms that a command has left. */
const WITHIN = 'Unstick-Within';
/** Header with the outcome of a command. */
const OUTCOME = 'Unstick-Outcome';
/**
 * Maximum length of the id of a message. It is limited so that the headers fit beside the longest message.
 */
const MAX_ID_LENGTH = 256;

/** What a claim needs of its bus. */
export interface ClaimHost {
  readonly connection: NatsConnection;
  readonly owners: Owners;
  readonly clock: Clock;
  /** Time in ms between two renewals. */
  readonly renewal: number;
  readonly isUp: () => boolean;
  readonly maxLength: () => number;
}

export interface ClaimOptions {
  readonly device: string;
  readonly holder: Holder;
  readonly host: ClaimHost;
  /** Subject of the commands for the device. The notice that a newer claim was made comes on it, too. */
  readonly down: string;
  readonly up: Omit<UpStreamOptions, 'ownerEpoch'>;
}

export class JetStreamClaim implements Claim {
  readonly #options: ClaimOptions;
  readonly #stream: UpStream;
  readonly #subscription: Subscription;
  #state: 'taking' | 'held' | 'lost' | 'released' = 'taking';
  #epoch = 0;
  #revision = 0;
  /** Highest epoch that another claim has announced. */
  #announced = 0;
  #tail: Promise<void> = Promise.resolve();
  #hasFailed = false;
  #cancelRenewal: (() => void) | undefined;

  /** Takes the device. Rejects with the errors of the client. */
  static async take(options: ClaimOptions): Promise<JetStreamClaim> {
    const claim = new JetStreamClaim(options);
    try {
      await claim.#take();
      return claim;
    } catch (error) {
      claim.#leave('released');
      throw error;
    }
  }

  private constructor(options: ClaimOptions) {
    this.#options = options;
    const { host, device, down, up } = options;
    const ownerEpoch = async (): Promise<number | undefined> =>
      (await host.owners.get(device))?.epoch;
    this.#stream = new UpStream({ ...up, ownerEpoch });
    this.#subscription = host.connection.subscribe(down, {
      callback: (error, message) => {
        if (error === null) {
          void this.#hear(message);
        }
      },
    });
  }

  get epoch(): number {
    return this.#epoch;
  }

  append(message: UpMessage): Promise<void> {
    const call = this.#tail.then(() => this.#store(message));
    this.#tail = call.catch(() => undefined);
    return call;
  }

  goBack(): void {
    this.#hasFailed = false;
  }

  async release(): Promise<void> {
    if (this.#state !== 'held') {
      return;
    }
    this.#leave('released');
    const { host, device } = this.#options;
    if (host.isUp()) {
      await host.owners.remove(device, this.#revision).catch(() => undefined);
    }
  }

  /** Writes the entry again, so that it does not expire. If that fails, the next renewal repeats it. */
  async renew(): Promise<void> {
    const { host, device } = this.#options;
    this.#cancelRenewal?.();
    if (this.#state === 'held' && host.isUp()) {
      await this.#renew(host.owners, device).catch(() => undefined);
    }
    this.#renewLater();
  }

  /** Takes the device. It subscribes first, so that it hears of every newer claim. */
  async #take(): Promise<void> {
    const { host, device, down } = this.#options;
    this.#epoch = await host.owners.take(device);
    this.#revision = this.#epoch;
    this.#state = 'held';
    const notice = headers();
    notice.set(EPOCH, String(this.#epoch));
    host.connection.publish(down, undefined, { headers: notice });
    this.#hearOf(this.#announced);
    this.#renewLater();
  }

  #renewLater(): void {
    if (this.#state === 'held') {
      const { clock, renewal } = this.#options.host;
      this.#cancelRenewal = clock.after(renewal, () => void this.renew());
    }
  }

  async #renew(owners: Owners, device: string): Promise<void> {
    const revision = await owners.renew(device, this.#epoch, this.#revision);
    if (revision !== undefined) {
      this.#revision = revision;
      return;
    }
    // The entry may have expired while the bus was away for long. No node has the device then, so take it
    // again.
    const epoch = await owners.takeIfFree(device);
    if (epoch !== undefined) {
      this.#epoch = epoch;
      this.#revision = epoch;
      return;
    }
    const owner = await owners.get(device);
    if (owner?.epoch === this.#epoch) {
      this.#revision = owner.revision; // The answer to an earlier renewal was lost.
    } else if (owner !== undefined) {
      this.#lose();
    }
  }

  async #store(message: UpMessage): Promise<void> {
    try {
      this.#check(message);
      await this.#stream.append(message, this.#epoch);
    } catch (error) {
      this.#hasFailed = true;
      throw busErrorOf(error);
    }
  }

  #check({ id, bytes }: UpMessage): void {
    const { host } = this.#options;
    if (this.#state === 'lost') {
      throw new BusError('ERR_FENCED', `Device ${this.#options.device} has a newer connection.`);
    }
    if (this.#hasFailed) {
      throw new BusError('ERR_BEHIND_FAILURE', 'An earlier message failed.');
    }
    if (bytes.length > host.maxLength() || id.length > MAX_ID_LENGTH) {
      const lengths = `${bytes.length} bytes and an id of ${id.length} characters`;
      const limits = `${host.maxLength()} and ${MAX_ID_LENGTH}`;
      throw new BusError(
        'ERR_MESSAGE_TOO_LARGE',
        `A message of ${lengths}; the bus takes ${limits}.`,
      );
    }
    // Refuse while NATS is away: the client would queue each repeated call.
    if (!host.isUp()) {
      throw new BusError('ERR_BUS_AWAY', 'NATS is out of reach.');
    }
  }

  /** Handles a message on the subject of commands: a command, or the notice of a newer claim. */
  async #hear(message: Msg): Promise<void> {
    const epoch = message.headers?.get(EPOCH) ?? '';
    if (epoch !== '') {
      this.#hearOf(Number(epoch));
    } else if (this.#state === 'held') {
      const outcome = await this.#pass(message).catch(() => undefined);
      if (outcome !== undefined) {
        respond(message, outcome);
      }
    }
  }

  #hearOf(epoch: number): void {
    if (!Number.isSafeInteger(epoch)) {
      return; // The sender of this number was no gateway.
    }
    this.#announced = Math.max(this.#announced, epoch);
    if (this.#state === 'held' && this.#announced > this.#epoch) {
      this.#lose();
    }
  }

  /**
   * Passes a command on, after a check that this node still holds the device: a node that was frozen may have
   * missed the notice of a newer claim. A node that no longer holds the device sends no answer, so that the
   * first answer is that of the true holder.
   */
  async #pass(message: Msg): Promise<Outcome | undefined> {
    const { host, device, holder } = this.#options;
    const since = host.clock.monotonic();
    let owner = await host.owners.get(device);
    if (owner === undefined) {
      // The entry has expired or was removed by hand, and no other node has the device.
      await this.renew();
      owner = await host.owners.get(device);
    }
    if (owner?.epoch !== this.#epoch) {
      if (owner !== undefined && owner.epoch > this.#epoch) {
        this.#lose();
      }
      return undefined;
    }
    const given = Number(message.headers?.get(WITHIN) ?? '');
    const within = given > 0 ? given : 0;
    return holder.command(message.data, within - (host.clock.monotonic() - since));
  }

  #lose(): void {
    if (this.#state === 'held') {
      this.#leave('lost');
      this.#options.holder.lost();
    }
  }

  #leave(state: 'lost' | 'released'): void {
    this.#state = state;
    this.#cancelRenewal?.();
    this.#subscription.unsubscribe();
  }
}

/** Makes the headers of a command for NATS. */
export function commandHeaders(within: number): ReturnType<typeof headers> {
  const given = headers();
  given.set(WITHIN, String(Math.floor(within)));
  return given;
}

function respond(message: Msg, outcome: Outcome): void {
  const given = headers();
  given.set(OUTCOME, outcome.outcome);
  message.respond(outcome.outcome === 'answered' ? outcome.answer : undefined, { headers: given });
}

/** Reads the outcome that `respond` wrote. An answer of another program counts as `unknown`. */
export function outcomeOf(message: Msg): Outcome {
  const word = message.headers?.get(OUTCOME);
  if (word === 'answered') {
    return { outcome: word, answer: message.data };
  }
  return { outcome: PLAIN_OUTCOMES.find((one) => one === word) ?? 'unknown' };
}
