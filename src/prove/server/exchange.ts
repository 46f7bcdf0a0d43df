// One exchange with the program under test: the requests go out as a schedule says, the answer is
// collected until it is complete, too long, wrong, ended or overdue.
//
// Rule: time decides only that something did not come. If this process was busy and a timer fires late,
// the bytes that are already here are read first.

import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import { MAX_TIMER_MS } from '../../options.ts';
import { play } from '../../deliver/play.ts';
import type { Boundary } from '../../deliver/sender.ts';
import { toServer } from '../trials/trial.ts';
import type { Schedule } from '../../schedule/schedule.ts';
import type { AnswerEnd } from '../evidence/answers.ts';
import type { Wire } from './target.ts';

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
  /** Maximum silence in ms: before the first byte of the answer, and after it. */
  readonly first: number;
  readonly quiet: number;
}

/** How pieces are parted. */
export interface Pacing {
  /** The pause between two pieces where the receiver cannot be seen, in ms. */
  readonly pause: number;
  /** How long a receiver may leave a piece unread before the next one is sent, in ms. */
  readonly unread: number;
}

/** Time in ms for the kernel to hand over bytes, where no gate watches the receiver. */
const BLIND_TIME = 2;
/** Time in ms for a connection to close. */
const CLOSE_TIME = 1000;

export class Exchange {
  readonly #wire: Wire;
  #chunks: Buffer[] = [];
  #end: AnswerEnd = 'open';
  #lastSign = performance.now();
  #lastSent = performance.now();
  #lastReceived = 0;
  #wake: () => void = () => undefined;

  constructor(wire: Wire) {
    this.#wire = wire;
    const { input, output } = wire;
    input.on('data', (chunk: Buffer) => {
      this.#chunks.push(chunk);
      this.#lastReceived = this.#lastSign = performance.now();
      this.#wake();
    });
    input.on('end', () => this.#ended('closed'));
    input.on('close', () => this.#ended('closed'));
    input.on('error', () => this.#ended('reset'));
    output.on('error', () => this.#ended('reset'));
  }

  /** Sends chunks as a schedule says: each piece when the one before it was read. */
  async play(
    schedule: Schedule,
    chunks: readonly Uint8Array[],
    { pause, unread }: Pacing,
  ): Promise<readonly Boundary[]> {
    const { output, gate } = this.#wire;
    const options = { gate, pause, patience: unread };
    const { boundaries } = await play(output, { schedule, chunks }, options);
    this.#sent();
    return boundaries;
  }

  /** Waits until everything that was sent has been read, where that can be seen. */
  async settle(patience: number): Promise<void> {
    await this.#wire.gate?.settled(Infinity, patience);
  }

  /** Sends bytes without looking at the receiver, `withFin` as close behind as the kernel lets it be. */
  async sendBlindly(bytes: Uint8Array, withFin: boolean): Promise<void> {
    const { output } = this.#wire;
    if (output.writable && withFin) {
      output.end(bytes);
    } else if (output.writable) {
      output.write(bytes);
    }
    await sleep(BLIND_TIME);
    this.#sent();
  }

  /** Sends one request in pieces of at most `piece` bytes; Infinity for one piece. */
  async sendIn(piece: number, request: Uint8Array, pacing: Pacing): Promise<void> {
    const count = piece === Infinity ? 0 : Math.ceil(request.length / piece) - 1;
    const ops = Array.from({ length: count }, () => ({ kind: 'cut', n: piece }) as const);
    await this.play(toServer(ops, 0), [request], pacing);
  }

  /** Says that no more requests come. */
  finish(): void {
    const { output } = this.#wire;
    if (output.writable) {
      output.end();
    }
  }

  /** Listens until `satisfied`, the end of the connection, or too long a silence. */
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

  /** Ends with FIN, since a reset could kill a simple server. Destroys what does not close in time. */
  close(closed: () => void): void {
    const { input, output } = this.#wire;
    if (input.destroyed) {
      output.destroy();
      closed();
      return;
    }
    const timer = setTimeout(() => this.destroy(), CLOSE_TIME);
    input.once('close', () => {
      clearTimeout(timer);
      output.destroy();
      closed();
    });
    // Drop late bytes, so that the end behind them is seen.
    this.#chunks = [];
    input.removeAllListeners('data');
    input.resume();
    output.end();
  }

  /** Ends at once. */
  destroy(): void {
    this.#wire.input.destroy();
    this.#wire.output.destroy();
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
