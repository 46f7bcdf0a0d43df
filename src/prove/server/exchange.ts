// One exchange with the program under test: the requests go out as a schedule says, and the answer is
// collected until it is complete, too long, wrong, ended or overdue.
//
// Rule: time decides only that something did not come. If this process was busy and a timer fires late, the
// bytes that are already here are read before anything counts as missing.

import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import { play } from '../../deliver/play.ts';
import type { Played } from '../../deliver/play.ts';
import { boundaryAfter, waitForReceiver } from '../../deliver/sender.ts';
import type { Boundary, Waiting } from '../../deliver/sender.ts';
import { toServer } from '../trials/trial.ts';
import type { Schedule } from '../../schedule/schedule.ts';
import type { AnswerEnd } from '../evidence/answers.ts';
import { Gathered } from './gathered.ts';
import type { Wire } from './target.ts';
import { Wake } from './wake.ts';

export interface Answer {
  readonly bytes: Uint8Array;
  readonly end: AnswerEnd;
  /** How the boundaries inside requests were kept. Empty in an answer that belongs to no trial. */
  readonly boundaries: readonly Boundary[];
  /** Time in ms from the last byte that was sent to the last byte that came; 0 if none came after it. */
  readonly latency: number;
}

/** When to stop listening, besides the end of the connection. */
export interface Patience {
  /**
   * Function that says whether to stop: the answer is all there, or cannot become right any more. It is
   * called after every chunk, with all bytes so far. Each call gets the bytes of the call before, and more.
   */
  readonly satisfied: (bytes: Uint8Array) => boolean;
  /** Maximum silence in ms after the last byte was sent, until a byte comes. */
  readonly first: number;
  /** Maximum silence in ms after a byte that came. */
  readonly quiet: number;
}

/** How pieces are kept apart. */
export interface Pacing {
  /** Pause in ms between two pieces, where the receiver's queue cannot be seen. */
  readonly pause: number;
  /** Maximum time in ms to wait for a piece to be read. Then the next one is sent. */
  readonly unread: number;
  /** Kind of the boundary after a piece that was left unread for so long. Default 'lost'. */
  readonly unreadIs?: Waiting['unreadIs'];
}

/** Time in ms for the kernel to hand over bytes that are sent without looking at the receiver. */
const BLIND_TIME = 2;
/** Time in ms for the remote to close its side. Then the connection is destroyed. */
const CLOSE_TIME = 1000;

export class Exchange {
  readonly #wire: Wire;
  #received = new Gathered();
  #end: AnswerEnd = 'open';
  #lastSign = performance.now();
  #lastSent = performance.now();
  #lastReceived = 0;
  readonly #wake = new Wake();

  constructor(wire: Wire) {
    this.#wire = wire;
    const { input, output } = wire;
    input.on('data', (chunk: Buffer) => {
      this.#received.append(chunk);
      this.#lastReceived = this.#lastSign = performance.now();
      this.#wake.now();
    });
    input.on('end', () => this.#ended('closed'));
    input.on('close', () => this.#ended('closed'));
    input.on('error', () => this.#ended('reset'));
    output.on('error', () => this.#ended('reset'));
  }

  /**
   * Sends chunks as a schedule says. Each piece waits until the piece before was read, or as `pacing` says.
   */
  async play(
    schedule: Schedule,
    chunks: readonly Uint8Array[],
    { pause, unread, unreadIs }: Pacing,
  ): Promise<Pick<Played, 'boundaries' | 'unread'>> {
    const { output, gate } = this.#wire;
    const options = { gate, pause, patience: unread, unreadIs };
    const played = await play(output, { schedule, chunks }, options);
    this.#sent();
    return played;
  }

  /**
   * Keeps the bytes so far apart from the bytes that follow, as two pieces are kept apart. Returns how the
   * boundary was kept; `undefined` if nothing more can be sent.
   */
  async part({ pause, unread, unreadIs }: Pacing): Promise<Boundary | undefined> {
    const { output, gate } = this.#wire;
    const waiting: Waiting = { pause, patience: unread, unreadIs };
    const answer = await waitForReceiver(gate, Infinity, waiting);
    return output.writable ? boundaryAfter(answer, waiting) : undefined;
  }

  /** Sends bytes without looking at the receiver. With `withFin`, FIN follows as closely as possible. */
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

  /** Sends one request in pieces of `piece` bytes; Infinity for one piece. */
  async sendIn(piece: number, request: Uint8Array, pacing: Pacing): Promise<void> {
    const count = piece === Infinity ? 0 : Math.ceil(request.length / piece) - 1;
    const ops = Array.from({ length: count }, () => ({ kind: 'cut', n: piece }) as const);
    await this.play(toServer(ops, 0), [request], pacing);
  }

  /** Ends the output, which tells the program that no more requests come. */
  finish(): void {
    const { output } = this.#wire;
    if (output.writable) {
      output.end();
    }
  }

  /** Listens until `satisfied`, until the connection ends, or until the silence is too long. */
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
      await this.#wake.wait(this.#overdue(patience));
    }
  }

  get bytes(): Uint8Array {
    return this.#received.bytes;
  }

  answer(boundaries: readonly Boundary[] = []): Answer {
    const latency = Math.max(0, this.#lastReceived - this.#lastSent);
    return { bytes: this.bytes, end: this.#end, boundaries, latency };
  }

  /**
   * Ends with FIN, because a reset could kill a simple server. Destroys the connection after CLOSE_TIME.
   * Calls `closed` when the connection is closed.
   */
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
    // Read and drop late bytes, so that the end of the input is seen.
    this.#received = new Gathered();
    input.removeAllListeners('data');
    input.resume();
    output.end();
  }

  /** Destroys the connection at once. */
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
    this.#wake.now();
  }
}
