// The work with one server: its process where it is ours, its answers to the whole requests, its
// answers to schedules. Knows when it cannot tell, and then throws Inconclusive.

import type { Schedule } from '../../schedule/schedule.ts';
import { Inconclusive } from './inconclusive.ts';
import { difference, firstDifference, normalized } from './answers.ts';
import type { Difference } from './answers.ts';
import type { Answer, Exchange } from './exchange.ts';
import type { ResolvedProveServerOptions } from './options.ts';
import { ServerTarget } from './server-target.ts';

/** Silence after which a first answer counts as complete, when nobody knows its length, in ms. */
const BASELINE_QUIET = 150;
/** How long a request that is not the last may stay without an answer: some get none. */
const UNANSWERED_TIME = 500;
/** Longer answers are floods, in bytes. */
const MAX_ANSWER = 16 * 1024 * 1024;
/** An answer is overdue after so many times the baseline's latency, and never before so many ms. */
const PATIENCE_FACTOR = 20;
const LEAST_PATIENCE = 250;
/** How long a complete answer is watched for more, at most, in ms. */
const LONGEST_WATCH = 50;

/** An answer, normalized, and what it departs from. */
export interface Judged {
  readonly answer: Answer;
  readonly difference: Difference | undefined;
}

/** The answer to the whole requests. */
interface Baseline {
  readonly answer: Answer;
  /** Bytes that had come when each request was answered. */
  readonly lengths: readonly number[];
}

export class ServerUnderTest {
  readonly options: ResolvedProveServerOptions;
  readonly #target: ServerTarget;
  #baseline: Baseline | undefined;
  #alwaysFresh: boolean;
  /**
   * Set once a schedule has killed a freshly started server: later deaths need no second run to
   * attribute.
   */
  #endsByCuts = false;

  private constructor(options: ResolvedProveServerOptions) {
    this.options = options;
    this.#target = new ServerTarget(options);
    this.#alwaysFresh = options.fresh === 'process';
  }

  /** Starts the server where it is ours, and takes the two baselines. Throws Inconclusive. */
  static async open(options: ResolvedProveServerOptions): Promise<ServerUnderTest> {
    const server = new ServerUnderTest(options);
    try {
      await server.#target.start();
      await server.#takeBaselines();
      return server;
    } catch (error) {
      await server.close();
      throw error;
    }
  }

  /** The answer to the whole requests, normalized. */
  get expected(): Answer {
    if (this.#baseline === undefined) {
      throw new Inconclusive('there is no baseline');
    }
    return this.#baseline.answer;
  }

  /** How the server's process ended, where it is ours and did. */
  get serverEnding(): string | undefined {
    return this.#target.ending;
  }

  /** One schedule, on a new connection. `factor` is how much more patient than usual. */
  async run(schedule: Schedule, factor = 1): Promise<Judged> {
    const judged = await this.#runOnce(schedule, factor);
    if (judged.difference === undefined || judged.answer.end === 'open') {
      return judged;
    }
    if (!(await this.#target.hasEnded()) || this.#alwaysFresh || this.#endsByCuts) {
      return judged;
    }
    // Whether this schedule ended the server, or a connection before it did, shows alone.
    await this.#target.restart();
    const alone = await this.#runOnce(schedule, factor);
    this.#endsByCuts = alone.difference !== undefined && (await this.#target.hasEnded());
    return alone;
  }

  async #runOnce(schedule: Schedule, factor: number): Promise<Judged> {
    if (this.#alwaysFresh) {
      await this.#target.restart();
    }
    const { requests, pause, until } = this.options;
    const { tables } = this.#target;
    const exchange = await this.#target.connect();
    try {
      const boundaries = await exchange.play(schedule, { requests, tables, pause });
      if (until === 'eof') {
        exchange.finish();
      }
      await this.#listenFor(exchange, factor);
      return this.#judge(exchange.answer(boundaries));
    } finally {
      this.#target.leave(exchange);
    }
  }

  /** Sees to it that the server still answers the whole requests. Throws Inconclusive when not. */
  async heal(): Promise<void> {
    const isRight = async (): Promise<boolean> =>
      (await this.#whole(this.#baseline)).difference === undefined;
    if (this.#alwaysFresh) {
      await this.#target.restart();
    }
    if (await isRight()) {
      return;
    }
    if (!this.#target.isOurs) {
      throw new Inconclusive('the server no longer answers the whole requests as it did at first');
    }
    await this.#target.restart();
    if (!(await isRight())) {
      throw new Inconclusive(
        'a new server does not answer the whole requests as the first one did',
      );
    }
  }

  /** Ends everything that was begun. */
  close(): Promise<void> {
    return this.#target.close();
  }

  #normalized(bytes: Uint8Array): Uint8Array {
    return normalized(bytes, this.options.normalize);
  }

  #judge(answer: Answer): Judged {
    if (this.options.signal?.aborted === true) {
      throw new Inconclusive('it was interrupted');
    }
    const judged = { ...answer, bytes: this.#normalized(answer.bytes) };
    const expected = this.#baseline?.answer;
    return { answer: judged, difference: expected && difference(expected, judged) };
  }

  async #takeBaselines(): Promise<void> {
    const { expect, patience, until } = this.options;
    const first = await this.#whole(undefined);
    if (first.answer.bytes.length === 0) {
      const how =
        first.answer.end === 'open' ? `within ${patience} ms` : 'and ended the connection';
      throw new Inconclusive(`the server answered nothing to the whole requests ${how}`);
    }
    if (until === 'eof' && first.answer.end === 'open') {
      throw new Inconclusive(`the server did not end its answer within ${patience} ms`);
    }
    this.#baseline = first;
    if (this.#alwaysFresh) {
      await this.#target.restart();
    }
    const at = await this.#secondDifference(first);
    if (at !== undefined) {
      throw new Inconclusive(
        `the server is not deterministic: two answers to the same whole requests differ at byte ${at}; --normalize can leave out what changes`,
      );
    }
    const wanted = expect && this.#normalized(expect);
    if (wanted === undefined) {
      return;
    }
    const wrong = firstDifference(wanted, first.answer.bytes);
    if (wrong < wanted.length || wrong < first.answer.bytes.length) {
      throw new Inconclusive(
        `the answer to the whole requests is not the expected one, from byte ${wrong}`,
      );
    }
  }

  /**
   * Where a second answer to the whole requests differs from the first. A server of ours that ends
   * with its first connection is started anew each time from here on.
   */
  async #secondDifference(first: Baseline): Promise<number | undefined> {
    const second = await this.#whole(first);
    if (second.difference === undefined) {
      return undefined;
    }
    if (this.#alwaysFresh || !(await this.#target.hasEnded())) {
      return second.difference.at;
    }
    this.#alwaysFresh = true;
    await this.#target.restart();
    return (await this.#whole(first)).difference?.at;
  }

  /** The requests whole: each sent in one piece when the one before it is answered. */
  async #whole(known: Baseline | undefined): Promise<Baseline & Judged> {
    const { requests, until } = this.options;
    const exchange = await this.#target.connect();
    const lengths: number[] = [];
    let latency = 0;
    try {
      for (const [index, request] of requests.entries()) {
        exchange.send(request);
        const isLast = index === requests.length - 1;
        if (until === 'eof') {
          if (isLast) {
            exchange.finish();
          } else {
            continue;
          }
        }
        await this.#listenWhole(exchange, { known: known?.lengths[index], isLast });
        lengths.push(this.#normalized(exchange.bytes).length);
        latency = Math.max(latency, exchange.answer().latency);
      }
      if (known !== undefined) {
        await this.#listenFor(exchange, 2);
      }
      return { lengths, ...this.#judge({ ...exchange.answer(), latency }) };
    } finally {
      this.#target.leave(exchange);
    }
  }

  /** Listens for the answer to one whole request. */
  async #listenWhole(
    exchange: Exchange,
    request: { readonly known: number | undefined; readonly isLast: boolean },
  ): Promise<void> {
    const { until, patience } = this.options;
    const { known, isLast } = request;
    const first = isLast ? patience : Math.min(patience, UNANSWERED_TIME);
    const quiet =
      typeof until === 'object' ? until.idle : until === 'eof' ? patience : BASELINE_QUIET;
    const deadline = performance.now() + 5 * Math.max(patience, quiet);
    const satisfied = (bytes: Uint8Array): boolean => {
      if (bytes.length > MAX_ANSWER || performance.now() > deadline) {
        throw new Inconclusive(
          `the server floods: its answer does not end (${bytes.length} bytes)`,
        );
      }
      return (
        known !== undefined && until === 'same-length' && this.#normalized(bytes).length >= known
      );
    };
    await exchange.listen({
      satisfied,
      first,
      quiet: known === undefined ? quiet : Math.max(quiet, LEAST_PATIENCE),
    });
  }

  /** Listens until the expected answer is complete, another one is certain, or it is overdue. */
  async #listenFor(exchange: Exchange, factor: number): Promise<void> {
    const { until, normalize } = this.options;
    const expected = this.expected;
    const isWrong = (bytes: Uint8Array): boolean => {
      if (normalize !== undefined) {
        return bytes.length > 2 * expected.bytes.length + MAX_ANSWER;
      }
      return firstDifference(expected.bytes, bytes) < bytes.length;
    };
    const isLong = (bytes: Uint8Array): boolean =>
      this.#normalized(bytes).length >= expected.bytes.length;
    const closes = expected.end !== 'open';
    const waits = closes || typeof until === 'object';
    const wait = Math.max(LEAST_PATIENCE, PATIENCE_FACTOR * expected.latency) * factor;
    const idle = typeof until === 'object' ? until.idle : wait;
    await exchange.listen({
      satisfied: (bytes) => isWrong(bytes) || (!waits && isLong(bytes)),
      first: Math.max(idle, wait),
      quiet: idle,
    });
    if (waits || !isLong(exchange.bytes) || isWrong(exchange.bytes)) {
      return;
    }
    const watch = Math.min(LONGEST_WATCH, Math.max(3, 3 * expected.latency)) * factor;
    await exchange.listen({ satisfied: isWrong, first: watch, quiet: watch });
  }
}
