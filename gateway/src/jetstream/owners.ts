// The holders of the devices: for each device one entry `owner.<id>` in a KV bucket, with the bucket's time
// to live.
//
// The revision of the entry that a claim writes is the epoch of the claim. Revisions count the writes of the
// whole bucket, so an epoch is higher than every earlier epoch of the device, even if the entry has expired.
// Renewing an entry makes a new revision, so a renewed entry names its epoch.

import type { KV } from '@nats-io/kv';
import { isWrongSequence } from './errors.ts';

/** An entry, as it is in the bucket. */
export interface Owner {
  readonly node: string;
  readonly epoch: number;
  readonly revision: number;
}

export class Owners {
  readonly #bucket: KV;
  readonly #node: string;
  readonly #timeout: number;

  constructor(bucket: KV, node: string, timeout: number) {
    this.#bucket = bucket;
    this.#node = node;
    this.#timeout = timeout;
  }

  /** Makes this node the owner, even if another node is. Returns the epoch. */
  take(device: string): Promise<number> {
    const timeout = this.#timeout;
    return this.#bucket.put(keyOf(device), JSON.stringify({ node: this.#node }), { timeout });
  }

  /** Makes this node the owner if no node is. Returns the epoch, or `undefined` if a node is. */
  async takeIfFree(device: string): Promise<number | undefined> {
    const entry = await this.#bucket.get(keyOf(device));
    if (entry?.operation === 'PUT') {
      return undefined;
    }
    return this.#putBehind(device, { node: this.#node }, entry?.revision ?? 0);
  }

  /** Returns the owner that the leader of the bucket knows. */
  async get(device: string): Promise<Owner | undefined> {
    const entry = await this.#bucket.get(keyOf(device));
    if (entry === null || entry.operation !== 'PUT') {
      return undefined;
    }
    // The cast is safe, because each field is checked below. (Other programs may write any JSON.)
    const { node, epoch } = entry.json<{ node?: unknown; epoch?: unknown }>();
    return {
      node: String(node),
      epoch: typeof epoch === 'number' ? epoch : entry.revision,
      revision: entry.revision,
    };
  }

  /** Writes the entry again. Returns its new revision, or `undefined` if `revision` is not the last one. */
  renew(device: string, epoch: number, revision: number): Promise<number | undefined> {
    return this.#putBehind(device, { node: this.#node, epoch }, revision);
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

function keyOf(device: string): string {
  return `owner.${device}`;
}
