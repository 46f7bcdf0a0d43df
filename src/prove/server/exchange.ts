// One exchange with the program under test. The requests go out as a schedule says, and the answer is
// collected until it is complete, too long, wrong, ended or overdue.
//
// Rule: time only decides that something did not come. If a timer fires late because this process was busy,
// the bytes that have already arrived are read before anything counts as missing.

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
  /** How the boundaries inside requests were kept. It is empty in an answer that belongs to no trial. */
  readonly boundaries: readonly Boundary[];
  /**
   * Time in ms from the last byte that was sent to the last byte that came. It is 0 if no byte came after the
   * last byte was sent.
   */
  readonly latency: number;
}

/** Limits that end the listening before the connection ends. */
export interface Patience {
  /**
   * Function that returns whether to stop, because the answer is all there or can no longer become right. It
   * is called after every chunk with all bytes so far, so each call gets the bytes of the previous call and
   * more.
   */
  readonly satisfied: (bytes: Uint8Array) => boolean;
  /** Maximum time in ms of silence between the last byte that was sent and the first byte that comes. */
  readonly first: number;
  /** Maximum time in ms of silence after a byte that came. */
  readonly quiet: number;
}

/** How the prover keeps pieces apart. */
export interface Pacing {
  /** Pause in ms between two pieces, if the receiver's queue cannot be seen. */
  readonly pause: number;
  /** Maximum time in ms to wait for a piece to be read. After it, the next piece is sent. */
  readonly unread: number;
  /** Kind of the boundary after a piece that was left unread for the whole time. Default 'lost'. */
  readonly unreadIs?: Waiting['unreadIs'];
}

/** Time in ms that the kernel gets to hand over bytes which are sent without looking at the receiver. */
const BLIND_TIME = 2;
/** Time in ms that the remote has to close its side. After it, the connection is destroyed. */
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
   * Sends chunks as a schedule says. Each piece waits until the piece before it was read, or for as long as
   * `pacing` says.
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
   * Keeps the bytes so far apart from the bytes that follow, just as two pieces are kept apart. Resolves to
   * how the boundary was kept, or to `undefined` if nothing more can be sent.
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

  /** Sends one request in pieces of `piece` bytes. Infinity means one piece. */
  async sendIn(piece: number, request: Uint8Array, pacing: Pacing): Promise<void> {
    const count = piece === Infinity ? 0 : Math.ceil(request.length / piece) - 1;
    const ops = Array.from({ length: count }, () => ({ kind: 'cut', n: piece }) as const);
    await this.play(toServer(ops, 0), [request], pacing);
  }

  /** Ends the output. The program learns from it that no more requests come. */
  finish(): void {
    const { output } = this.#wire;
    if (output.writable) {
      output.end();
    }
  }

  /** Listens until `satisfied` returns true, until the connection ends, or until the silence is too long. */
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
   * Ends the connection with FIN, because a reset could kill a simple server. Destroys it after CLOSE_TIME.
   * Calls `closed` when it is closed.
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
    // Read and drop bytes that still come, so that the end of the input is seen.
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
