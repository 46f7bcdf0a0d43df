// The holders of the devices: for each device one entry `owner.<id>` in a KV bucket, with the bucket's time
// to live.
//
// The revision of the entry that a claim writes is the epoch of the claim. Revisions count the writes of the
// whole bucket, so an epoch is higher than every earlier epoch of the device, even if the entry has expired.
// Renewing an entry makes a new revision, so a renewed entry names its epoch.

import type { KV, KvEntry } from '@nats-io/kv';
import { BusError } from '../bus.ts';
import { isWrongSequence } from './errors.ts';

/** An entry, as it is in the bucket. */
export interface Owner {
  /** Address of the node, which is a token of subjects. It is empty if another program wrote none. */
  readonly address: string;
  readonly epoch: number;
  readonly revision: number;
}

/** What a claim gets when it takes a device. */
export interface Taken {
  readonly epoch: number;
  /** The owner before, if there was one. */
  readonly before: Owner | undefined;
}

/** Who this node is in its entries. */
export interface NodeNames {
  /** Name for people. */
  readonly node: string;
  readonly address: string;
}

/** Maximum number of tries within one call. A try fails if another node took the device in between. */
const MOST_TRIES = 8;

export class Owners {
  readonly #bucket: KV;
  readonly #names: NodeNames;
  readonly #timeout: number;

  constructor(bucket: KV, { node, address }: NodeNames, timeout: number) {
    this.#bucket = bucket;
    this.#names = { node, address };
    this.#timeout = timeout;
  }

  /** Makes this node the owner, even if another node is. */
  async take(device: string): Promise<Taken> {
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const entry = await this.#bucket.get(keyOf(device));
      const epoch = await this.#putBehind(device, this.#names, entry?.revision ?? 0);
      if (epoch !== undefined) {
        return { epoch, before: ownerOf(entry) };
      }
    }
    throw new BusError('ERR_BUS_AWAY', 'Other connections kept taking the device.');
  }

  /** Makes this node the owner if no node is. Returns the epoch, or `undefined` if a node is. */
  async takeIfFree(device: string): Promise<number | undefined> {
    const entry = await this.#bucket.get(keyOf(device));
    if (entry?.operation === 'PUT') {
      return undefined;
    }
    return this.#putBehind(device, this.#names, entry?.revision ?? 0);
  }

  /** Returns the owner that the leader of the bucket knows. */
  async get(device: string): Promise<Owner | undefined> {
    return ownerOf(await this.#bucket.get(keyOf(device)));
  }

  /** Writes the entry again. Returns its new revision, or `undefined` if `revision` is not the last one. */
  renew(device: string, epoch: number, revision: number): Promise<number | undefined> {
    return this.#putBehind(device, { ...this.#names, epoch }, revision);
  }

  /** Removes the entry, if `revision` is the last one. */
  async remove(device: string, revision: number): Promise<void> {
    try {
      await this.#bucket.delete(keyOf(device), { previousSeq: revision });
    } catch (error) {
      if (!isWrongSequence(error)) {
        throw error;
      }
    }
  }

  async #putBehind(device: string, entry: object, revision: number): Promise<number | undefined> {
    try {
      const options = { previousSeq: revision, timeout: this.#timeout };
      return await this.#bucket.put(keyOf(device), JSON.stringify(entry), options);
    } catch (error) {
      if (isWrongSequence(error)) {
        return undefined;
      }
      throw error;
    }
  }
}

function ownerOf(entry: KvEntry | null): Owner | undefined {
  if (entry === null || entry.operation !== 'PUT') {
    return undefined;
  }
  // The cast is safe, because each field is checked below. (Other programs may write any JSON.)
  const { address, epoch } = entry.json<{ address?: unknown; epoch?: unknown }>();
  return {
    address: typeof address === 'string' ? address : '',
    epoch: typeof epoch === 'number' ? epoch : entry.revision,
    revision: entry.revision,
  };
}

function keyOf(device: string): string {
  return `owner.${device}`;
}
