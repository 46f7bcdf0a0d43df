// Commands on their way to the node that holds the device, and notices between nodes. Whatever the number of
// devices, a node has three subscriptions, and the client makes them again when it has connected again.
//
//   any client ──PREFIX.<id>.down──▶ one node, which does what `command` does:
//
//   command ──the entry names a node──▶ PREFIX.<id>.down.<address> ──▶ the holder passes it on, or says `moved`
//           ──there is no entry───────▶ PREFIX.<id>.find ──▶ every node; a holder writes its entry again
//   claim   ──the entry named a node──▶ PREFIX.<id>.down.<address>, with the newer epoch

import { errors, headers } from '@nats-io/transport-node';
import type { Msg, NatsConnection } from '@nats-io/transport-node';
import { COMMAND_MS, PLAIN_OUTCOMES } from '../bus.ts';
import type { Outcome } from '../bus.ts';
import { MAX_TIMER_MS } from '../clock.ts';
import type { Clock } from '../clock.ts';
import { isDeviceId } from '../device-id.ts';
import type { Owners } from './owners.ts';
import type { Roster } from './roster.ts';
import { EPOCH } from './up-stream.ts';

/** Header with the time in ms that a command has left. */
const WITHIN = 'Unstick-Within';
/** Header with the outcome of a command. */
const OUTCOME = 'Unstick-Outcome';
/** Outcome that a node sends if it does not hold the device. The sender then looks for the holder again. */
const MOVED = 'moved';
/** Time in ms in which a node must answer that it holds a device without an entry. */
const FIND_MS = 500;

export interface SwitchboardOptions {
  readonly connection: NatsConnection;
  readonly owners: Owners;
  readonly roster: Roster;
  readonly clock: Clock;
  readonly prefix: string;
  /** Address of this node. */
  readonly address: string;
  /** Maximum number of bytes of a command. */
  readonly maxLength: () => number;
}

/** A command that is on its way. */
interface Trip {
  readonly device: string;
  readonly bytes: Uint8Array;
  /** Time of the monotonic clock at which the time is over. */
  readonly ends: number;
  /** Whether a node may have got the command. */
  isSent: boolean;
  /** Whether the outcome was given out, so that nothing may be sent any more. */
  isOver: boolean;
}

export class Switchboard {
  readonly #options: SwitchboardOptions;

  constructor(options: SwitchboardOptions) {
    this.#options = options;
    const { prefix, address } = options;
    this.#on(`${prefix}.*.down.${address}`, undefined, (message, device) =>
      this.#hear(message, device),
    );
    this.#on(`${prefix}.*.down`, `${prefix}-commands`, (message, device) =>
      this.#relay(message, device),
    );
    this.#on(`${prefix}.*.find`, undefined, (message, device) => this.#beFound(message, device));
  }

  /** Sends a command to the node that holds the device. Never rejects, and settles in time. */
  async command(device: string, bytes: Uint8Array, within: number): Promise<Outcome> {
    const { clock, maxLength } = this.#options;
    if (!isDeviceId(device)) {
      return { outcome: 'absent' };
    }
    if (!(within > 0)) {
      return { outcome: 'expired' };
    }
    if (bytes.length > maxLength()) {
      return { outcome: 'refused' };
    }
    const ends = clock.monotonic() + within;
    const trip: Trip = { device, bytes, ends, isSent: false, isOver: false };
    let cancel: (() => void) | undefined;
    const late = new Promise<Outcome>((resolve) => {
      cancel = clock.after(within, () => {
        resolve({ outcome: trip.isSent ? 'unknown' : 'expired' });
      });
    });
    const outcome = await Promise.race([late, this.#deliver(trip)]);
    trip.isOver = true;
    cancel?.();
    return outcome;
  }

  /** Tells the node at this address that a claim with this epoch has taken the device. */
  announce(device: string, epoch: number, address: string): void {
    const given = headers();
    given.set(EPOCH, String(epoch));
    this.#options.connection.publish(this.#subjectOf(device, address), undefined, {
      headers: given,
    });
  }

  #on(
    subject: string,
    queue: string | undefined,
    then: (message: Msg, device: string) => unknown,
  ): void {
    this.#options.connection.subscribe(subject, {
      ...(queue === undefined ? {} : { queue }),
      callback: (error, message) => {
        if (error === null) {
          // The prefix is one token, and the id of the device the next one.
          then(message, message.subject.split('.')[1] ?? '');
        }
      },
    });
  }

  async #deliver(trip: Trip): Promise<Outcome> {
    try {
      return await this.#follow(trip);
    } catch {
      return { outcome: trip.isSent ? 'unknown' : 'unreachable' };
    }
  }

  /** Goes to the node that the entry names. If the device has moved meanwhile, goes to the next one. */
  async #follow(trip: Trip): Promise<Outcome> {
    const { owners } = this.#options;
    let tried = 0;
    let hasAsked = false;
    while (!trip.isOver) {
      const owner = await owners.get(trip.device);
      if (owner === undefined && !hasAsked) {
        hasAsked = true;
        await this.#find(trip);
        continue;
      }
      if (owner === undefined || owner.address === '' || owner.epoch === tried) {
        return { outcome: 'absent' };
      }
      tried = owner.epoch;
      const outcome = await this.#ask(trip, owner.address);
      if (outcome !== undefined) {
        return outcome;
      }
    }
    return { outcome: 'expired' };
  }

  /** Sends the command to one node. Resolves to `undefined` if that node does not hold the device. */
  async #ask(trip: Trip, address: string): Promise<Outcome | undefined> {
    const { clock, connection } = this.#options;
    const left = trip.ends - clock.monotonic();
    if (trip.isOver || !(left > 0)) {
      return { outcome: 'expired' };
    }
    const given = headers();
    given.set(WITHIN, String(Math.floor(left)));
    trip.isSent = true;
    try {
      const subject = this.#subjectOf(trip.device, address);
      const timeout = Math.min(Math.ceil(left), MAX_TIMER_MS);
      const answer = await connection.request(subject, trip.bytes, { timeout, headers: given });
      if (answer.headers?.get(OUTCOME) !== MOVED) {
        return outcomeOf(answer);
      }
    } catch (error) {
      // NATS reports when no node has this address. If the answer is merely missing, the outcome is not known.
      if (!(error instanceof errors.RequestError && error.isNoResponders())) {
        return { outcome: 'unknown' };
      }
    }
    trip.isSent = false;
    return undefined;
  }

  /**
   * Asks all nodes for a device without an entry: the entry may have expired while NATS was away, or was removed
   * by hand. Resolves when a node has written it again, or does not answer.
   */
  async #find({ device, ends }: Trip): Promise<void> {
    const { clock, connection, prefix } = this.#options;
    const timeout = Math.max(1, Math.min(FIND_MS, ends - clock.monotonic()));
    await connection
      .request(`${prefix}.${device}.find`, undefined, { timeout })
      .catch(() => undefined);
  }

  async #beFound(message: Msg, device: string): Promise<void> {
    const member = this.#options.roster.get(device);
    if (member !== undefined) {
      await member.renew();
      message.respond();
    }
  }

  /** Handles a message to this node: the notice of a newer claim, or a command. */
  async #hear(message: Msg, device: string): Promise<void> {
    const { roster } = this.#options;
    const epoch = message.headers?.get(EPOCH) ?? '';
    if (epoch !== '') {
      roster.hear(device, Number(epoch));
      return;
    }
    // If the holder cannot ask the bucket, it passes nothing on.
    const outcome = await roster
      .get(device)
      ?.pass(message.data, withinOf(message) ?? 0)
      .catch((): Outcome => ({ outcome: 'unreachable' }));
    respond(message, outcome);
  }

  /** Does for any client of NATS what `command` does for a program with a bus. */
  async #relay(message: Msg, device: string): Promise<void> {
    const within = withinOf(message) ?? COMMAND_MS;
    respond(message, await this.command(device, message.data, within));
  }

  #subjectOf(device: string, address: string): string {
    return `${this.#options.prefix}.${device}.down.${address}`;
  }
}

/** Returns the time that the sender gave, or `undefined` if it gave none. */
function withinOf(message: Msg): number | undefined {
  const given = message.headers?.get(WITHIN) ?? '';
  if (given === '') {
    return undefined;
  }
  return Number(given) > 0 ? Number(given) : 0;
}

function respond(message: Msg, outcome: Outcome | undefined): void {
  const given = headers();
  given.set(OUTCOME, outcome?.outcome ?? MOVED);
  const answer = outcome?.outcome === 'answered' ? outcome.answer : undefined;
  message.respond(answer, { headers: given });
}

/** Reads the outcome that `respond` wrote. An answer of another program counts as `unknown`. */
function outcomeOf(message: Msg): Outcome {
  const word = message.headers?.get(OUTCOME);
  if (word === 'answered') {
    return { outcome: word, answer: message.data };
  }
  return { outcome: PLAIN_OUTCOMES.find((one) => one === word) ?? 'unknown' };
}
