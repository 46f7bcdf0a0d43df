// Plays a schedule onto a socket: piece by piece, each only when the receiver has read the one before
// it, where that can be seen; otherwise after a pause. Says which boundaries were achieved.
//
// Rule: a boundary is `exact` only when the receiver's queue was seen empty between the two pieces.

import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { steps } from '../schedule/pieces.ts';
import type { Step } from '../schedule/pieces.ts';
import type { Schedule } from '../schedule/schedule.ts';
import type { Gate } from './gate.ts';
import { Sender } from './sender.ts';
import type { Boundary } from './sender.ts';

export interface PlayOptions {
  /** Where the receiver can be seen; without it, pauses. */
  readonly gate?: Gate | undefined;
  /** The pause between two pieces without a gate, in ms. Default 20. */
  readonly pause?: number | undefined;
  /** How long a receiver may leave a piece unread, in ms. Default 500. */
  readonly patience?: number | undefined;
}

export interface Played {
  /** One for each place between two pieces. */
  readonly boundaries: readonly Boundary[];
  /** Bytes given to the kernel. */
  readonly sent: number;
  /** Whether every step was played; otherwise the connection ended first. */
  readonly complete: boolean;
}

/** The chunks to be sent, and how. */
export interface Delivery {
  readonly schedule: Schedule;
  readonly chunks: readonly Uint8Array[];
}

class Player {
  readonly boundaries: Boundary[] = [];
  sent = 0;
  readonly #socket: Socket;
  readonly #sender: Sender;

  constructor(socket: Socket, { gate, pause = 20, patience = 500 }: PlayOptions) {
    this.#socket = socket;
    this.#sender = new Sender(socket, { gate, pause, patience });
  }

  get ended(): boolean {
    return this.#socket.destroyed || !this.#socket.writable;
  }

  async play(step: Step, bytes: Uint8Array): Promise<void> {
    if (step.kind === 'piece') {
      await this.#piece(bytes.subarray(step.start, step.end));
    } else if (step.kind === 'delay') {
      await sleep(step.ms);
    } else if (step.kind === 'fin') {
      this.#socket.end();
    } else if (step.kind === 'rst') {
      this.#socket.resetAndDestroy();
    }
  }

  async #piece(piece: Uint8Array): Promise<void> {
    if (this.sent > 0) {
      const boundary = await this.#sender.settle();
      if (this.ended) {
        return;
      }
      this.boundaries.push(boundary);
    }
    if (await this.#sender.send(piece, false)) {
      this.sent += piece.length;
    }
  }
}

/**
 * Delivers the chunks as the schedule says. Returns early, without an error, when the connection ends.
 * The socket needs `noDelay` and an 'error' listener of yours. Throws UsageError ERR_SCHEDULE before
 * anything is sent.
 */
export async function play(
  socket: Socket,
  delivery: Delivery,
  options: PlayOptions = {},
): Promise<Played> {
  const lengths = delivery.chunks.map((chunk) => chunk.length);
  const plan = steps(delivery.schedule, lengths);
  const bytes = Buffer.concat(delivery.chunks);
  const player = new Player(socket, options);
  for (const step of plan) {
    if (player.ended) {
      break;
    }
    await player.play(step, bytes);
  }
  const { boundaries, sent } = player;
  const total = plan.reduce(
    (sum, step) => sum + (step.kind === 'piece' ? step.end - step.start : 0),
    0,
  );
  return { boundaries, sent, complete: sent === total };
}
