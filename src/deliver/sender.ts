// Writes pieces to one side, each apart from the one before it where that was planned: when the
// receiver has read that one, if it can be seen; otherwise after a pause. One piece is in flight at a
// time, so a receiver that does not read stops the flow.

import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Gate } from './gate.ts';

/**
 * How a boundary between two pieces was kept: seen; hoped for by a pause; or not at all, as the
 * receiver left the first piece unread, so that it meets the second.
 */
export type Boundary = 'exact' | 'delayed' | 'lost';

export interface SenderOptions {
  /** Where the receiver can be seen; without it, pauses. */
  readonly gate: Gate | undefined;
  /** The pause between two pieces without a gate, in ms. */
  readonly pause: number;
  /** How long a receiver may leave a piece unread, in ms. */
  readonly patience: number;
}

export class Sender {
  /** How many planned boundaries were kept in which way. */
  readonly boundaries: Record<Boundary, number> = { exact: 0, delayed: 0, lost: 0 };
  readonly #socket: Socket;
  readonly #options: SenderOptions;
  #gate: Gate | undefined;
  /** What was written since the receiver was last looked at. */
  #writes = 0;
  #written = 0;

  constructor(socket: Socket, options: SenderOptions) {
    this.#socket = socket;
    this.#options = options;
    this.#gate = options.gate;
  }

  /** Resolves when the kernel has taken the piece; to false when the connection ended instead. */
  async send(piece: Uint8Array, apart: boolean): Promise<boolean> {
    if (apart && this.#writes > 0) {
      this.boundaries[await this.settle()]++;
    }
    if (this.#socket.destroyed || !this.#socket.writable) {
      return false;
    }
    this.#writes++;
    this.#written += piece.length;
    return write(this.#socket, piece);
  }

  /** Waits until the receiver has read all that was written. Says how sure that is. */
  async settle(): Promise<Boundary> {
    const { pause, patience } = this.#options;
    // The gate trusts small pieces only. After several writes it gets Infinity and waits for the
    // acknowledgement.
    const length = this.#writes > 1 ? Number.POSITIVE_INFINITY : this.#written;
    this.#writes = 0;
    this.#written = 0;
    if (this.#gate !== undefined) {
      const answer = await this.#gate.settled(length, patience);
      if (answer === 'read') {
        return 'exact';
      }
      if (answer !== 'unseen') {
        return 'lost';
      }
      this.#gate = undefined; // Not on this machine: pauses from here on.
    }
    await sleep(pause);
    return 'delayed';
  }
}

function write(socket: Socket, piece: Uint8Array): Promise<boolean> {
  return new Promise((resolve) => {
    const gone = (): void => resolve(false);
    socket.once('close', gone);
    socket.write(piece, (error) => {
      socket.off('close', gone);
      resolve(error === undefined || error === null);
    });
  });
}
