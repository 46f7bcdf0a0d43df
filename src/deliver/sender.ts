// Writes pieces to a stream, and keeps two pieces apart where the plan says so. The second piece then waits
// until the gate tells that the receiver has read the first. Without a gate the second piece waits for a
// pause. Every piece waits until the kernel has taken the piece before it, so a receiver that never reads
// stops the flow when its queue is full.

import type { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Gate, GateAnswer } from './looking.ts';

/**
 * How a boundary between two pieces was kept. 'exact': the receiver's queue was seen empty. 'delayed': a
 * pause was between the pieces. 'lost': the receiver left the first piece unread, so that it may read both
 * together, or the connection ended.
 */
export type Boundary = 'exact' | 'delayed' | 'lost';

export interface SenderOptions {
  /**
   * Gate that tells when the receiver has read everything. Without a gate, or if the gate sees nothing, the
   * sender pauses.
   */
  readonly gate: Gate | undefined;
  /** Pause in ms between two pieces, without a gate. */
  readonly pause: number;
  /** Time in ms for which a receiver may leave a piece unread before the next piece goes. */
  readonly patience: number;
  /**
   * Kind of the boundary after a piece that the receiver left unread for all of `patience`. Default 'lost'.
   */
  readonly unreadIs?: Exclude<Boundary, 'exact'> | undefined;
}

/** How long to wait for a receiver, and how a boundary counts if the receiver does not read. */
export type Waiting = Pick<SenderOptions, 'pause' | 'patience' | 'unreadIs'>;

/**
 * Waits until the receiver has read everything that was written, or for `patience` ms. If no gate can see
 * whether it has, waits for `pause` ms.
 */
export async function waitForReceiver(
  gate: Gate | undefined,
  length: number,
  { pause, patience }: Waiting,
): Promise<GateAnswer> {
  const answer = (await gate?.settled(length, patience)) ?? 'unseen';
  if (answer === 'unseen') {
    await sleep(pause);
  }
  return answer;
}

/** Returns the kind of a boundary after the answer of a gate. It is exact only if the gate has seen it. */
export function boundaryAfter(answer: GateAnswer, { unreadIs = 'lost' }: Waiting): Boundary {
  const kept = { read: 'exact', unseen: 'delayed', unread: unreadIs, gone: 'lost' } as const;
  return kept[answer];
}

const NOTHING = new Uint8Array(0);

export class Sender {
  /** Number of planned boundaries of each kind. */
  readonly boundaries: Record<Boundary, number> = { exact: 0, delayed: 0, lost: 0 };
  /** Number of boundaries at which the receiver left a piece unread for all of `patience`. */
  unread = 0;
  readonly #stream: Writable;
  readonly #options: SenderOptions;
  #gate: Gate | undefined;
  /**
   * Number of writes (`#writes`), and of written bytes (`#written`), since the sender last waited for the
   * receiver.
   */
  #writes = 0;
  #written = 0;

  constructor(stream: Writable, options: SenderOptions) {
    this.#stream = stream;
    this.#options = options;
    this.#gate = options.gate;
  }

  /** Whether another piece can be sent. */
  get open(): boolean {
    return !this.#stream.destroyed && this.#stream.writable;
  }

  /**
   * Sends one piece, given in parts. With `apart`, calls `settle` first. Resolves to true when the kernel has
   * taken the piece, and to false if the connection ended instead.
   */
  async send(parts: readonly Uint8Array[], apart: boolean): Promise<boolean> {
    if (apart && this.#writes > 0) {
      this.boundaries[await this.settle()]++;
    }
    if (!this.open) {
      return false;
    }
    this.#writes++;
    this.#written += parts.reduce((sum, part) => sum + part.length, 0);
    return write(this.#stream, parts);
  }

  /**
   * Waits for the receiver, as `waitForReceiver` does. Resolves to how the boundary after the last piece was
   * kept.
   */
  async settle(): Promise<Boundary> {
    // The gate trusts small pieces only. After several writes, pass Infinity so that it waits for the
    // acknowledgement.
    const length = this.#writes > 1 ? Number.POSITIVE_INFINITY : this.#written;
    this.#writes = 0;
    this.#written = 0;
    const answer = await waitForReceiver(this.#gate, length, this.#options);
    if (answer === 'unseen') {
      // The receiver is not on this machine, so pause from now on.
      this.#gate = undefined;
    }
    this.unread += answer === 'unread' ? 1 : 0;
    return boundaryAfter(answer, this.#options);
  }
}

/** Writes all parts with one call of the kernel. */
function write(stream: Writable, parts: readonly Uint8Array[]): Promise<boolean> {
  return new Promise((resolve) => {
    const gone = (): void => resolve(false);
    stream.once('close', gone);
    stream.cork();
    for (const part of parts.slice(0, -1)) {
      stream.write(part);
    }
    stream.write(parts.at(-1) ?? NOTHING, (error) => {
      stream.off('close', gone);
      resolve(error === undefined || error === null);
    });
    stream.uncork();
  });
}
