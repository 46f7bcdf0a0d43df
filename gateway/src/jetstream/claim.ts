// One device that this node holds: its appends one after another, and its entry in the bucket. An idle claim
// should cost little: it has no timer, no subscription and no closures of its own.

import { BusError } from '../bus.ts';
import type { Claim, Holder, Outcome, UpMessage } from '../bus.ts';
import type { Clock } from '../clock.ts';
import { busErrorOf } from './errors.ts';
import type { Owners } from './owners.ts';
import type { Member, Roster } from './roster.ts';
import type { Switchboard } from './switchboard.ts';
import { UpStream } from './up-stream.ts';
import type { UpStreamHost } from './up-stream.ts';

/**
 * Maximum length of the id of a message. It is limited so that the headers fit beside the longest message.
 */
const MAX_ID_LENGTH = 256;

/** What all claims of a bus share. */
export interface ClaimHost {
  readonly owners: Owners;
  readonly roster: Roster;
  readonly switchboard: Switchboard;
  readonly up: UpStreamHost;
  readonly clock: Clock;
  /** Address of this node. */
  readonly address: string;
  readonly isUp: () => boolean;
  readonly isClosed: () => boolean;
  readonly maxLength: () => number;
}

const DONE = Promise.resolve();

export class JetStreamClaim implements Claim, Member {
  readonly device: string;
  readonly #host: ClaimHost;
  readonly #holder: Holder;
  readonly #stream: UpStream;
  #state: 'taking' | 'held' | 'lost' | 'released' = 'taking';
  #epoch = 0;
  #revision = 0;
  #tail: Promise<void> = DONE;
  #hasFailed = false;

  /** Takes the device. Rejects with the errors of the client. */
  static async take(host: ClaimHost, device: string, holder: Holder): Promise<JetStreamClaim> {
    const claim = new JetStreamClaim(host, device, holder);
    await host.roster.join(device, () => claim.#take());
    return claim;
  }

  private constructor(host: ClaimHost, device: string, holder: Holder) {
    this.#host = host;
    this.device = device;
    this.#holder = holder;
    this.#stream = new UpStream(host.up, device);
  }

  get epoch(): number {
    return this.#epoch;
  }

  append(message: UpMessage): Promise<void> {
    const call = this.#tail.then(() => this.#store(message));
    const tail = call
      .catch(() => undefined)
      .then(() => {
        // Let go of the promises of the last call.
        if (this.#tail === tail) {
          this.#tail = DONE;
        }
      });
    this.#tail = tail;
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
    const { owners, isUp } = this.#host;
    if (isUp()) {
      await owners.remove(this.device, this.#revision).catch(() => undefined);
    }
  }

  /** Writes the entry again, so that it does not expire. If that fails, the next renewal repeats it. */
  async renew(): Promise<void> {
    if (this.#state === 'held' && this.#host.isUp()) {
      await this.#renew().catch(() => undefined);
    }
  }

  lose(): void {
    if (this.#state === 'held') {
      this.#leave('lost');
      this.#holder.lost();
    }
  }

  /**
   * Passes a command on, after a check that this node still holds the device: a node that was frozen may have
   * missed the notice of a newer claim. Resolves to `undefined` if this node does not hold it.
   */
  async pass(bytes: Uint8Array, within: number): Promise<Outcome | undefined> {
    const { owners, clock } = this.#host;
    const since = clock.monotonic();
    let owner = await owners.get(this.device);
    if (owner === undefined) {
      // The entry has expired or was removed by hand, and no other node has the device.
      await this.renew();
      owner = await owners.get(this.device);
    }
    if (owner?.epoch !== this.#epoch) {
      if (owner !== undefined && owner.epoch > this.#epoch) {
        this.lose();
      }
      return undefined;
    }
    return this.#holder.command(bytes, within - (clock.monotonic() - since));
  }

  async #take(): Promise<this> {
    const { owners, switchboard, address } = this.#host;
    const { epoch, before } = await owners.take(this.device);
    this.#epoch = epoch;
    this.#revision = epoch;
    this.#state = 'held';
    // The roster of this node tells a holder at this address.
    if (before !== undefined && before.address !== '' && before.address !== address) {
      switchboard.announce(this.device, epoch, before.address);
    }
    return this;
  }

  async #renew(): Promise<void> {
    const { owners } = this.#host;
    const revision = await owners.renew(this.device, this.#epoch, this.#revision);
    if (revision !== undefined) {
      this.#revision = revision;
      return;
    }
    // The entry may have expired while the bus was away for long. No node has the device then, so take it
    // again.
    const epoch = await owners.takeIfFree(this.device);
    if (epoch !== undefined) {
      this.#epoch = epoch;
      this.#revision = epoch;
      return;
    }
    const owner = await owners.get(this.device);
    if (owner?.epoch === this.#epoch) {
      this.#revision = owner.revision; // The answer to an earlier renewal was lost.
    } else if (owner !== undefined) {
      this.lose();
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
    const { isUp, isClosed, maxLength } = this.#host;
    if (isClosed()) {
      throw new BusError('ERR_BUS_CLOSED', 'The bus is closed.');
    }
    if (this.#state === 'lost') {
      throw new BusError('ERR_FENCED', `Device ${this.device} has a newer connection.`);
    }
    if (this.#hasFailed) {
      throw new BusError('ERR_BEHIND_FAILURE', 'An earlier message failed.');
    }
    if (bytes.length > maxLength() || id.length > MAX_ID_LENGTH) {
      const lengths = `${bytes.length} bytes and an id of ${id.length} characters`;
      const limits = `${maxLength()} and ${MAX_ID_LENGTH}`;
      throw new BusError(
        'ERR_MESSAGE_TOO_LARGE',
        `A message of ${lengths}; the bus takes ${limits}.`,
      );
    }
    // Refuse while NATS is away: the client would queue each repeated call.
    if (!isUp()) {
      throw new BusError('ERR_BUS_AWAY', 'NATS is out of reach.');
    }
  }

  #leave(state: 'lost' | 'released'): void {
    this.#state = state;
    this.#host.roster.remove(this);
  }
}
