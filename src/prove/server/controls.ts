// Finds out whether a way of sending can be tried at all: the whole requests, sent in that way, must get the
// expected answers. Each way is tested once. If a way cannot be tried, the report has the reason.

import type { Sending } from '../trials/trial.ts';
import { PLAIN, sendingName } from '../trials/trial.ts';
import { controlOf } from './health.ts';
import type { ServerUnderTest } from './server-under-test.ts';

/**
 * Number of times that the answers to the whole requests must be right for a way to be tried. With more than
 * FEW repeats, once is enough.
 */
const TIMES = 2;
/** Maximum `repeat` for which the requests are also tested one by one. More requests would take long. */
const FEW = 3;
/** Maximum time in ms that the requests may take when they are sent many times. */
const LONGEST = 2000;
/**
 * Times in ms. SAMPLE: time that a sample should take. LEAST: shortest time for one round of requests. WATCH:
 * part of a round trip in which the prover only watches for more bytes.
 */
const SAMPLE = 300;
const LEAST = 0.3;
const WATCH = 4;

export class Controls {
  readonly #server: ServerUnderTest;
  readonly #known = new Map<string, string | undefined>();
  /** Smallest number of repeats at which the server refused the requests because they came at once. */
  #bound = Infinity;

  constructor(server: ServerUnderTest) {
    this.#server = server;
  }

  get bound(): number {
    return this.#bound;
  }

  /** Notes that the server refuses the requests when they come joined `repeat` times. */
  refused({ repeat }: Sending): void {
    this.#bound = Math.min(this.#bound, repeat);
  }

  /** Returns the reason not to try this way of sending, or `undefined` if it can be tried. */
  async reasonAgainst(sending: Sending): Promise<string | undefined> {
    if (sending.repeat >= this.#bound) {
      return 'the server ends the connection when so many requests come at once';
    }
    const name = sendingName(sending);
    if (!this.#known.has(name)) {
      this.#known.set(name, await this.#find(sending));
    }
    return this.#known.get(name);
  }

  async #find(sending: Sending): Promise<string | undefined> {
    const { repeat, connections, fin } = sending;
    if (fin !== 'none') {
      return this.#findFin(sending);
    }
    if (repeat > 1) {
      return this.#findRepeat(sending);
    }
    if (connections > 1) {
      const isRight = !this.#server.alwaysFresh && (await this.#isRight(sending));
      return isRight
        ? undefined
        : 'the server does not serve several connections at once, even with whole requests';
    }
    return undefined;
  }

  async #findRepeat(sending: Sending): Promise<string | undefined> {
    const { baseline, options } = this.#server;
    if (baseline.end !== 'open' || options.until !== 'same-length') {
      return 'the server ends the connection after its answer, or --until is not same-length';
    }
    if (await this.#isLong(sending.repeat)) {
      return 'the server takes too long for so many requests';
    }
    const isFew = sending.repeat <= FEW;
    const single = isFew ? await this.#server.whole('one by one', { sending }) : undefined;
    const isRight =
      single?.difference === undefined && (await this.#isRight(sending, isFew ? TIMES : 1));
    return isRight
      ? undefined
      : 'the server answers a second round of whole requests in another way';
  }

  /** Returns whether the requests would take too long. Measures samples with more and more requests. */
  async #isLong(repeat: number): Promise<boolean> {
    const { roundTrip } = this.#server.baseline;
    const each = Math.max(LEAST, roundTrip - WATCH);
    if (repeat * each <= LONGEST / 2) {
      return false;
    }
    for (let times = Math.ceil(SAMPLE / each); times < repeat; times *= 4) {
      const schedule = this.#server.groupedSchedule(times);
      const sending = { ...PLAIN, repeat: times };
      const { took } = await this.#server.run({ schedule, sending, effort: 'short' });
      const all = (Math.max(0, took - roundTrip) * repeat) / times;
      if (all <= LONGEST || took > SAMPLE) {
        return all > LONGEST;
      }
    }
    return false;
  }

  async #findFin(sending: Sending): Promise<string | undefined> {
    if (this.#server.options.until === 'eof') {
      return undefined;
    }
    const late = await this.#server.whole('pipelined', {
      sending: { ...sending, fin: 'late' },
      effort: 'short',
    });
    this.#server.finEnd = late.answer.end === 'open' ? 'open' : 'closed';
    const isRight = late.difference === undefined && (await this.#isRight(sending));
    return isRight
      ? undefined
      : 'the server gives up its answer when FIN comes first, even to whole requests';
  }

  async #isRight(sending: Sending, times = TIMES): Promise<boolean> {
    for (let time = 0; time < times; time++) {
      const judged = await this.#server.whole('pipelined', { sending: controlOf(sending) });
      if (judged.difference !== undefined) {
        return false;
      }
    }
    return true;
  }
}
