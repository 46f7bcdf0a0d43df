// One exchange with the server under test: the requests go out as a schedule says, the answer is
// collected until it is complete, too long, wrong, ended or overdue.
//
// Rule: time decides only that something did not come. A timer that is late, as this process did not
// get the processor, first lets the bytes in that are already here.

import net from 'node:net';
import type { Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { openGate } from '../../deliver/gate.ts';
import type { KernelTables } from '../../deliver/kernel-tables.ts';
import { MAX_TIMER_MS } from '../../options.ts';
import { play } from '../../deliver/play.ts';
import type { Boundary } from '../../deliver/sender.ts';
import type { Schedule } from '../../schedule/schedule.ts';
import type { AnswerEnd } from './answers.ts';

export interface Answer {
  readonly bytes: Uint8Array;
  readonly end: AnswerEnd;
  /** What became of the schedule's boundaries. */
  readonly boundaries: readonly Boundary[];
  /** From the last byte that was sent to the last that came, in ms. */
  readonly latency: number;
}

/** When to stop listening. Asked after every chunk that comes. */
export interface Patience {
  /** The answer is all there, or cannot become right any more. */
  readonly satisfied: (bytes: Uint8Array) => boolean;
  /** Milliseconds without a sign, before the first byte of the answer and after it. */
  readonly first: number;
  readonly quiet: number;
}

/** How long a connection may take to be made, and to be unmade, in ms. */
const CONNECT_TIME = 3000;
const CLOSE_TIME = 1000;

export class Exchange {
  readonly #socket: Socket;
  #chunks: Buffer[] = [];
  #end: AnswerEnd = 'open';
  #lastSign = performance.now();
  #lastSent = performance.now();
  #lastReceived = 0;
  #wake: () => void = () => undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => {
      this.#chunks.push(chunk);
      this.#lastReceived = this.#lastSign = performance.now();
      this.#wake();
    });
    socket.on('end', () => this.#ended('closed'));
    socket.on('close', () => this.#ended('closed'));
    socket.on('error', () => this.#ended('reset'));
  }

  /** `undefined` when nobody accepts the connection. */
  static open(address: { host: string; port: number }): Promise<Exchange | undefined> {
    return new Promise((resolve) => {
      const socket = net.connect({ ...address, noDelay: true });
      const timer = setTimeout(() => socket.destroy(), CONNECT_TIME);
      const exchange = new Exchange(socket);
      socket.once('connect', () => {
        clearTimeout(timer);
        resolve(exchange);
      });
      socket.once('close', () => {
        clearTimeout(timer);
        resolve(undefined);
      });
    });
  }

  /** Sends bytes in one piece. */
  send(bytes: Uint8Array): void {
    if (this.#socket.writable) {
      this.#socket.write(bytes);
    }
    this.#sent();
  }

  /** Sends all requests as the schedule says. */
  async play(
    schedule: Schedule,
    options: { requests: readonly Uint8Array[]; tables: KernelTables | undefined; pause: number },
  ): Promise<readonly Boundary[]> {
    const gate = options.tables && openGate(options.tables, this.#socket);
    const delivery = { schedule, chunks: options.requests };
    const { boundaries } = await play(this.#socket, delivery, { gate, pause: options.pause });
    this.#sent();
    return boundaries;
  }

  /** Says that no more requests come. */
  finish(): void {
    if (this.#socket.writable) {
      this.#socket.end();
    }
  }

  /** Listens until satisfied, ended, or no sign came for too long. */
  async listen(patience: Patience): Promise<void> {
    for (;;) {
      if (this.#end !== 'open' || patience.satisfied(this.bytes)) {
        return;
      }
      if (this.#overdue(patience) <= 0) {
        const before = this.#lastSign;
        await turn();
        await turn();
        if (before === this.#lastSign && this.#end === 'open') {
          return;
        }
        continue;
      }
      await this.#sign(this.#overdue(patience));
    }
  }

  get bytes(): Uint8Array {
    if (this.#chunks.length > 1) {
      this.#chunks = [Buffer.concat(this.#chunks)];
    }
    return this.#chunks[0] ?? Buffer.alloc(0);
  }

  answer(boundaries: readonly Boundary[] = []): Answer {
    const latency = Math.max(0, this.#lastReceived - this.#lastSent);
    return { bytes: this.bytes, end: this.#end, boundaries, latency };
  }

  /** Ends politely, as a reset could end a simple server. What does not close in time is cut off. */
  close(closed: () => void): void {
    if (this.#socket.destroyed) {
      closed();
      return;
    }
    const timer = setTimeout(() => this.#socket.destroy(), CLOSE_TIME);
    this.#socket.once('close', () => {
      clearTimeout(timer);
      closed();
    });
    this.#socket.end();
  }

  /** Ends at once. */
  destroy(): void {
    this.#socket.destroy();
  }

  #overdue({ first, quiet }: Patience): number {
    const limit = this.#lastReceived >= this.#lastSent ? quiet : first;
    return this.#lastSign + limit - performance.now();
  }

  #sent(): void {
    this.#lastSent = this.#lastSign = performance.now();
  }

  #ended(how: AnswerEnd): void {
    if (this.#end === 'open') {
      this.#end = how;
    }
    this.#lastSign = performance.now();
    this.#wake();
  }

  #sign(limit: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, Math.min(Math.ceil(limit), MAX_TIMER_MS));
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
