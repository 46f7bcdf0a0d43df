// Appends messages to the subject of one device, so that order holds and an older claim is fenced.
//
// Each publish names the sequence number of the last message of its subject. The server refuses the publish
// if another message came in between. So messages of a device go to the server one after another: each must
// know the sequence number of the message before it. After a refusal the last message is looked at:
//
//   the last message is this one          an earlier call stored it, and its answer was lost: done
//   the last message has a higher epoch   a newer claim has the device: ERR_FENCED
//   any other                             an older claim stored it before we did: name its sequence, repeat
//
// The message id makes the server drop a repeated message, within its window.

import type { JetStreamClient, JetStreamManager } from '@nats-io/jetstream';
import { headers } from '@nats-io/transport-node';
import { BusError } from '../bus.ts';
import type { UpMessage } from '../bus.ts';
import { isWrongSequence } from './errors.ts';

/**
 * Header with the epoch of a claim: of the claim that stored a message or, in a notice, of the newer claim.
 */
export const EPOCH = 'Unstick-Epoch';
const MESSAGE_ID = 'Nats-Msg-Id';
/** Maximum number of tries within one call. A try fails if another claim came in between. */
const MOST_REPEATS = 8;

/** What the streams of all devices share. */
export interface UpStreamHost {
  readonly client: JetStreamClient;
  readonly manager: JetStreamManager;
  readonly stream: string;
  readonly prefix: string;
  readonly timeout: number;
  /** Resolves to the owner's epoch in the bucket. It is needed when the last message has expired. */
  ownerEpoch(device: string): Promise<number | undefined>;
}

export class UpStream {
  readonly #host: UpStreamHost;
  readonly #device: string;
  /** Sequence number of the last message of the subject, as far as it is known. */
  #last: number | undefined;

  constructor(host: UpStreamHost, device: string) {
    this.#host = host;
    this.#device = device;
  }

  /**
   * Stores one message. Make only one call at a time. Rejects with BusError ERR_FENCED or ERR_BUS_AWAY, and
   * with the errors of the client.
   */
  async append(message: UpMessage, epoch: number): Promise<void> {
    for (let repeats = 0; repeats < MOST_REPEATS; repeats++) {
      if (this.#last === undefined && (await this.#look(message, epoch))) {
        return;
      }
      try {
        await this.#publish(message, epoch);
        return;
      } catch (error) {
        if (!isWrongSequence(error)) {
          throw error;
        }
        this.#last = undefined;
      }
    }
    throw new BusError('ERR_BUS_AWAY', 'Other nodes kept storing messages of the device.');
  }

  async #publish({ id, bytes }: UpMessage, epoch: number): Promise<void> {
    const { client, timeout } = this.#host;
    const given = headers();
    given.set(EPOCH, String(epoch));
    const { seq } = await client.publish(this.#subject, bytes, {
      msgID: this.#messageId(id),
      headers: given,
      expect: { lastSubjectSequence: this.#last ?? 0 },
      timeout,
    });
    // A repeated message gets the sequence number of the stored one, which may lie far back. So keep the
    // higher number.
    this.#last = Math.max(this.#last ?? 0, seq);
  }

  /**
   * Finds the last message of the subject. Returns whether it is `message`. Rejects with BusError ERR_FENCED,
   * and with the errors of the client.
   */
  async #look(message: UpMessage, epoch: number): Promise<boolean> {
    const { manager, stream } = this.#host;
    const last = await manager.streams.getMessage(stream, { last_by_subj: this.#subject });
    const lastEpoch = Number(last?.header?.get(EPOCH) ?? 0);
    const owner = (await this.#host.ownerEpoch(this.#device)) ?? 0;
    if (lastEpoch > epoch || owner > epoch) {
      throw new BusError('ERR_FENCED', `Device ${this.#device} has a newer connection.`);
    }
    this.#last = last?.seq ?? 0;
    return last?.header?.get(MESSAGE_ID) === this.#messageId(message.id);
  }

  /** It is made when it is needed, because an idle device should cost little. */
  get #subject(): string {
    return `${this.#host.prefix}.${this.#device}.up`;
  }

  #messageId(id: string): string {
    return `${this.#device}/${id}`;
  }
}
