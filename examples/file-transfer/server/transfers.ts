// The transfers of one connection. Each has a ticket, and one of the server's workers while it runs. The
// server ends a transfer that is too slow, and all transfers when the client is gone.

import type { Channel, Peer } from '../../../src/entries/peer.ts';
import type { Sums } from '../both/checksums.ts';
import { quoted, reasonOf } from '../../support/shown.ts';
import { Refusal } from '../both/refusal.ts';
import { showPercent } from '../both/sizes.ts';
import type { Ready, Transfer } from './transfer.ts';
import type { Place, Workers } from './workers.ts';

/** Number of bytes that count as progress: a client that sends single bytes must not keep a worker. */
const PROGRESS_LENGTH = 64 * 1024;

/** Maximum number of transfers of one connection, including those that wait in line. */
const MAX_TICKETS = 16;

export interface TransfersOptions {
  readonly user: string;
  readonly workers: Workers;
  /**
   * Time in ms in which a transfer must move 64 KiB or end, because other transfers may wait for its worker.
   */
  readonly idleMs: number;
  readonly log: (line: string) => void;
}

class Running {
  readonly transfer: Transfer;
  readonly #place: Place;
  readonly #timer: NodeJS.Timeout;
  #channel: Channel | undefined;
  #failure: unknown;
  /** Settles when all bytes have passed, or the transfer has failed. */
  readonly moved: Promise<void>;
  #resolve: () => void = () => undefined;
  #reject: (why: unknown) => void = () => undefined;

  constructor(transfer: Transfer, place: Place, idleMs: number) {
    this.transfer = transfer;
    this.#place = place;
    this.moved = new Promise<void>((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.moved.catch(() => undefined); // `finish` awaits it and gets the rejection.
    const seconds = idleMs / 1000;
    const facts = `Less than ${PROGRESS_LENGTH} bytes moved in ${seconds} s`;
    const stalled = new Refusal('E_STALLED', `${facts}; \`--resume\` continues it.`);
    this.#timer = setTimeout(() => void this.end(stalled), idleMs);
  }

  get hasFailed(): boolean {
    return this.#failure !== undefined;
  }

  async run(channel: Channel, from: number): Promise<void> {
    if (this.#channel !== undefined) {
      throw new Refusal('E_REQUEST', 'This transfer is running already.');
    }
    this.#channel = channel;
    try {
      let moved = 0;
      await this.transfer.run(channel, from, (length) => {
        moved += length;
        if (moved >= PROGRESS_LENGTH) {
          moved = 0;
          this.#timer.refresh();
        }
      });
      clearTimeout(this.#timer);
      this.#resolve();
    } catch (error) {
      await this.end(error);
      throw error;
    }
  }

  /** Ends the transfer and frees its worker. `why` is the reason of a failure. */
  async end(why?: unknown): Promise<void> {
    clearTimeout(this.#timer);
    if (why !== undefined) {
      this.#failure ??= why;
      this.#channel?.reset(why instanceof Refusal ? why.code : undefined);
      this.#reject(this.#failure);
    }
    await this.transfer.stop(this.#failure).finally(() => this.#place.leave());
  }
}

export class Transfers {
  readonly #peer: Peer;
  readonly #options: TransfersOptions;
  readonly #running = new Map<number, Running>();
  readonly #gone = new AbortController();
  #waiting = 0;
  #tickets = 0;

  constructor(peer: Peer, options: TransfersOptions) {
    this.#peer = peer;
    this.#options = options;
    void peer.closed.then(() => this.#abandon());
  }

  /** Takes a prepared transfer. Resolves with its ticket when there is a worker for it. */
  async begin(
    transfer: Transfer,
    signal: AbortSignal,
  ): Promise<Ready & { readonly ticket: number }> {
    let running: Running | undefined;
    this.#waiting += 1;
    try {
      this.#checkCount();
      const place = await this.#place(transfer, signal);
      running = new Running(transfer, place, this.#options.idleMs);
      const ready = await transfer.ready();
      this.#gone.signal.throwIfAborted();
      this.#tickets += 1;
      this.#running.set(this.#tickets, running);
      return { ...ready, ticket: this.#tickets };
    } catch (error) {
      await (running?.end(error) ?? transfer.stop(error));
      throw error;
    } finally {
      this.#waiting -= 1;
    }
  }

  async run(channel: Channel, ticket: number, from: number): Promise<void> {
    const running = this.#find(ticket);
    try {
      await running.run(channel, from);
    } catch (error) {
      this.#tell(running.transfer, error);
      throw error;
    }
  }

  /** Resolves with the result of a transfer. The ticket is not valid afterwards. */
  async finish(ticket: number, sha256: string | undefined): Promise<Sums> {
    const running = this.#find(ticket);
    const { transfer } = running;
    try {
      await running.moved;
      const sums = await transfer.finish(sha256);
      await running.end();
      this.#options.log(`${transfer.title}: ${transfer.size} bytes, sha256 ${sums.sha256}`);
      return sums;
    } catch (error) {
      if (!running.hasFailed) {
        this.#tell(transfer, error);
      }
      await running.end(error);
      throw error;
    } finally {
      this.#running.delete(ticket);
    }
  }

  #find(ticket: number): Running {
    const running = this.#running.get(ticket);
    if (running !== undefined) {
      return running;
    }
    throw new Refusal('E_REQUEST', `There is no transfer ${ticket}.`);
  }

  #checkCount(): void {
    // Drop failed transfers only when there are too many: until then the client may ask for the reason.
    for (const [ticket, { hasFailed }] of this.#running) {
      if (hasFailed && this.#running.size + this.#waiting > MAX_TICKETS) {
        this.#running.delete(ticket);
      }
    }
    if (this.#running.size + this.#waiting <= MAX_TICKETS) {
      return;
    }
    throw new Refusal(
      'E_BUSY',
      `One connection may have ${MAX_TICKETS} transfers at once; finish one first.`,
    );
  }

  #place({ title }: Transfer, signal: AbortSignal): Promise<Place> {
    const { workers, user, log } = this.#options;
    const either = AbortSignal.any([signal, this.#gone.signal]);
    return workers.enter(user, either, (ahead) => {
      log(`${title} waits for a worker, ${ahead} before it`);
      this.#peer.notify('waiting', { title, ahead }).catch(() => undefined);
    });
  }

  #tell({ title, position, size }: Transfer, error: unknown): void {
    // Quote the reason: that of a reset is a text of the client.
    const why = quoted(reasonOf(error));
    this.#options.log(
      `${title} broke off at ${position} of ${size} bytes (${showPercent(position, size)}): ${why}`,
    );
  }

  /** Ends all transfers of a client that is gone. */
  async #abandon(): Promise<void> {
    const why = new Error('The client is gone');
    this.#gone.abort(why);
    for (const running of this.#running.values()) {
      if (!running.hasFailed) {
        await running.end(why);
      }
    }
    this.#running.clear();
  }
}
