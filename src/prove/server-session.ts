// The work with one server: its process where it is ours, its answers to the whole requests, its
// answers to schedules. Knows when it cannot tell, and then throws Inconclusive.

import { setTimeout as sleep } from 'node:timers/promises';
import { KernelTables } from '../chop/kernel-tables.ts';
import type { Schedule } from '../schedule/schedule.ts';
import { difference, firstDifference, normalized } from './server-answers.ts';
import type { Difference } from './server-answers.ts';
import { Conversation } from './server-exchange.ts';
import type { Answer } from './server-exchange.ts';
import type { Settings } from './server-options.ts';
import { accepts, Inconclusive, ServerProcess } from './server-process.ts';

/** Silence after which a first answer counts as complete, when nobody knows its length, in ms. */
const baselineQuiet = 150;
/** How long a request that is not the last may stay without an answer: some get none. */
const unansweredTime = 500;
/** Longer answers are floods. */
const maxAnswer = 16 * 1024 * 1024;
/** An answer is overdue after so many times the baseline's latency, and never before so many ms. */
const patienceFactor = 20;
const leastPatience = 250;
/** How long a complete answer is watched for more, at most, in ms. */
const longestWatch = 50;
/** How long a process may take to end behind its last connection, in ms. */
const endingTime = 200;
/** A server that is gone may be started again by whoever looks after it. */
const comeBackTime = 2000;

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

export class Session {
  readonly settings: Settings;
  readonly #tables: KernelTables | undefined;
  readonly #conversations = new Set<Conversation>();
  #server: ServerProcess | undefined;
  #baseline: Baseline | undefined;

  private constructor(settings: Settings) {
    this.settings = settings;
    this.#tables = KernelTables.open();
  }

  /** Starts the server where it is ours, and takes the two baselines. Throws Inconclusive. */
  static async open(settings: Settings): Promise<Session> {
    const session = new Session(settings);
    try {
      await session.#start();
      await session.#takeBaselines();
      return session;
    } catch (error) {
      await session.close();
      throw error;
    }
  }

  /** The answer to the whole requests, normalized. */
  get expected(): Answer {
    if (this.#baseline === undefined) throw new Inconclusive('there is no baseline');
    return this.#baseline.answer;
  }

  /** How the server's process ended, where it is ours and did. */
  get serverEnding(): string | undefined {
    return this.#server?.alive === false ? this.#server.ending : undefined;
  }

  /** One schedule, on a new connection. `factor` is how much more patient than usual. */
  async run(schedule: Schedule, factor = 1): Promise<Judged> {
    if (this.settings.fresh === 'process') await this.#restart();
    const { requests, pause, until } = this.settings;
    const conversation = await this.#connect();
    try {
      const boundaries = await conversation.play(schedule, {
        requests,
        tables: this.#tables,
        pause,
      });
      if (until === 'eof') conversation.finish();
      await this.#listenFor(conversation, factor);
      const judged = this.#judge(conversation.answer(boundaries));
      if (judged.difference !== undefined) await this.#serverEnded(judged.answer);
      return judged;
    } finally {
      this.#leave(conversation);
    }
  }

  /** Sees to it that the server still answers the whole requests. Throws Inconclusive when not. */
  async heal(): Promise<void> {
    const isRight = async (): Promise<boolean> =>
      (await this.#whole(this.#baseline)).difference === undefined;
    if (this.settings.fresh === 'process') await this.#restart();
    if (await isRight()) return;
    if (this.#server === undefined) {
      throw new Inconclusive('the server no longer answers the whole requests as it did at first');
    }
    await this.#restart();
    if (!(await isRight())) {
      throw new Inconclusive(
        'a new server does not answer the whole requests as the first one did',
      );
    }
  }

  /** Ends everything that was begun. */
  async close(): Promise<void> {
    for (const conversation of this.#conversations) conversation.destroy();
    this.#conversations.clear();
    await this.#server?.stop();
    this.#tables?.close();
  }

  async #start(): Promise<void> {
    const { spawn, host, port, signal } = this.settings;
    if (spawn === undefined) return;
    if (await this.#isTaken()) {
      throw new Inconclusive(`something else listens on port ${port} already`);
    }
    this.#server = await ServerProcess.start(spawn, { host, port, signal, tables: this.#tables });
  }

  async #isTaken(): Promise<boolean> {
    const { host, port } = this.settings;
    if (this.#tables !== undefined) return this.#tables.listening(port);
    return accepts({ host, port }, 500);
  }

  async #restart(): Promise<void> {
    if (this.#server === undefined) return;
    await this.#server.stop();
    this.#server = undefined;
    for (const deadline = performance.now() + comeBackTime; await this.#isTaken();) {
      if (performance.now() > deadline) break;
      await sleep(10);
    }
    await this.#start();
  }

  async #connect(): Promise<Conversation> {
    const { host, port, signal } = this.settings;
    if (signal?.aborted === true) throw new Inconclusive('it was interrupted');
    if (this.#server?.alive === false) await this.#restart();
    const deadline = performance.now() + (this.#baseline === undefined ? 0 : comeBackTime);
    for (;;) {
      const conversation = await Conversation.open({ host, port });
      if (conversation !== undefined) {
        this.#conversations.add(conversation);
        return conversation;
      }
      if (performance.now() >= deadline) {
        const again = this.#baseline === undefined ? '' : ' any more';
        throw new Inconclusive(`nobody accepts connections on ${host}:${port}${again}`);
      }
      if (this.#server === undefined) await sleep(50);
      else await this.#restart();
    }
  }

  /** Whether our server ended with the connection, which shows a moment later. */
  async #serverEnded({ end }: Answer): Promise<boolean> {
    if (end === 'open' || this.#server === undefined) return false;
    return this.#server.endsWithin(endingTime);
  }

  #leave(conversation: Conversation): void {
    conversation.close();
    this.#conversations.delete(conversation);
  }

  #normalized(bytes: Uint8Array): Uint8Array {
    return normalized(bytes, this.settings.normalize);
  }

  #judge(answer: Answer): Judged {
    const judged = { ...answer, bytes: this.#normalized(answer.bytes) };
    const expected = this.#baseline?.answer;
    return { answer: judged, difference: expected && difference(expected, judged) };
  }

  async #takeBaselines(): Promise<void> {
    const { expect, patience, until } = this.settings;
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
    if (this.settings.fresh === 'process') await this.#restart();
    const second = await this.#whole(first);
    if (second.difference !== undefined) {
      if (await this.#serverEnded(second.answer)) {
        throw new Inconclusive(
          'the server ends with its first connection; --fresh process starts a new one each time',
        );
      }
      throw new Inconclusive(
        `the server is not deterministic: two answers to the same whole requests differ at byte ${second.difference.at}; --normalize can leave out what changes`,
      );
    }
    const wanted = expect && this.#normalized(expect);
    if (wanted === undefined) return;
    const at = firstDifference(wanted, first.answer.bytes);
    if (at < wanted.length || at < first.answer.bytes.length) {
      throw new Inconclusive(
        `the answer to the whole requests is not the expected one, from byte ${at}`,
      );
    }
  }

  /** The requests whole: each sent in one piece when the one before it is answered. */
  async #whole(known: Baseline | undefined): Promise<Baseline & Judged> {
    const { requests, until } = this.settings;
    const conversation = await this.#connect();
    const lengths: number[] = [];
    let latency = 0;
    try {
      for (const [index, request] of requests.entries()) {
        conversation.send(request);
        const isLast = index === requests.length - 1;
        if (until === 'eof') {
          if (isLast) conversation.finish();
          else continue;
        }
        await this.#listenWhole(conversation, { known: known?.lengths[index], isLast });
        lengths.push(this.#normalized(conversation.bytes).length);
        latency = Math.max(latency, conversation.answer().latency);
      }
      if (known !== undefined) await this.#listenFor(conversation, 2);
      return { lengths, ...this.#judge({ ...conversation.answer(), latency }) };
    } finally {
      this.#leave(conversation);
    }
  }

  /** Listens for the answer to one whole request. */
  async #listenWhole(
    conversation: Conversation,
    request: { readonly known: number | undefined; readonly isLast: boolean },
  ): Promise<void> {
    const { until, patience } = this.settings;
    const { known, isLast } = request;
    const first = isLast ? patience : Math.min(patience, unansweredTime);
    const quiet =
      typeof until === 'object' ? until.idle : until === 'eof' ? patience : baselineQuiet;
    const deadline = performance.now() + 5 * Math.max(patience, quiet);
    const satisfied = (bytes: Uint8Array): boolean => {
      if (bytes.length > maxAnswer || performance.now() > deadline) {
        throw new Inconclusive(
          `the server floods: its answer does not end (${bytes.length} bytes)`,
        );
      }
      return (
        known !== undefined && until === 'same-length' && this.#normalized(bytes).length >= known
      );
    };
    await conversation.listen({
      satisfied,
      first,
      quiet: known === undefined ? quiet : Math.max(quiet, leastPatience),
    });
  }

  /** Listens until the expected answer is complete, another one is certain, or it is overdue. */
  async #listenFor(conversation: Conversation, factor: number): Promise<void> {
    const { until, normalize } = this.settings;
    const expected = this.expected;
    const isWrong = (bytes: Uint8Array): boolean => {
      if (normalize !== undefined) return bytes.length > 2 * expected.bytes.length + maxAnswer;
      return firstDifference(expected.bytes, bytes) < bytes.length;
    };
    const isLong = (bytes: Uint8Array): boolean =>
      this.#normalized(bytes).length >= expected.bytes.length;
    const closes = expected.end !== 'open';
    const waits = closes || typeof until === 'object';
    const wait = Math.max(leastPatience, patienceFactor * expected.latency) * factor;
    const idle = typeof until === 'object' ? until.idle : wait;
    await conversation.listen({
      satisfied: (bytes) => isWrong(bytes) || (!waits && isLong(bytes)),
      first: Math.max(idle, wait),
      quiet: idle,
    });
    if (waits || !isLong(conversation.bytes) || isWrong(conversation.bytes)) return;
    const watch = Math.min(longestWatch, Math.max(3, 3 * expected.latency)) * factor;
    await conversation.listen({ satisfied: isWrong, first: watch, quiet: watch });
  }
}
