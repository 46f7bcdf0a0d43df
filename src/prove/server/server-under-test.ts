// Works with one server: sends the whole requests and the trials, and compares the answers. baselines.ts,
// prover.ts and prove/evidence decide what differences mean.

import type { Op, Schedule } from '../../schedule/schedule.ts';
import { difference } from '../evidence/answers.ts';
import type { AnswerEnd } from '../evidence/answers.ts';
import { toOps } from '../trials/departures.ts';
import { isGrouped, PLAIN, repeated, toServer } from '../trials/trial.ts';
import type { Sending } from '../trials/trial.ts';
import type { Exchange } from './exchange.ts';
import { Inconclusive } from './inconclusive.ts';
import { fullPatience } from './listening.ts';
import { normalized } from './normalize.ts';
import type { ResolvedProveServerOptions } from './options.ts';
import type { Baseline, ExpectedAnswers, Judged, Run } from './run.ts';
import { RunningServer } from './running-server.ts';
import { TrialPlayer } from './trial-player.ts';

/** Maximum length in bytes of several requests that are sent in one piece. */
const GROUP = 512;
/** Length in bytes above which a request may not fit into one segment. */
const LONG_REQUEST = 32_000;

export class ServerUnderTest {
  readonly options: ResolvedProveServerOptions;
  readonly server: RunningServer;
  /** Whether each run needs a new process. */
  alwaysFresh: boolean;
  /** Longest time in ms that a right answer took. Answers to very many requests do not count. */
  latest = 0;
  /**
   * Whether the baseline, too, sends long requests in pieces of PIECE bytes (baselines.ts). It does so if the
   * answers to requests in one write were not the same each time.
   */
  usesPieces = false;
  /** State of the connection after a FIN that the prover sends when the answer is complete. */
  finEnd: AnswerEnd = 'closed';
  readonly #player: TrialPlayer;
  #baseline: Baseline | undefined;
  /**
   * Whether a schedule has killed a newly started server. If so, a later death needs no second run to find
   * its cause.
   */
  #endsByCuts = false;

  constructor(options: ResolvedProveServerOptions) {
    this.options = options;
    this.server = new RunningServer(options);
    this.alwaysFresh = options.fresh === 'process';
    this.#player = new TrialPlayer(options, this.server);
  }

  /** The facts about the whole requests. Throws Inconclusive before the baseline was taken. */
  get baseline(): Baseline {
    if (this.#baseline === undefined) {
      throw new Inconclusive('there is no baseline');
    }
    return this.#baseline;
  }

  set baseline(baseline: Baseline) {
    this.#baseline = baseline;
    this.#endsByCuts = false;
  }

  get hasBaseline(): boolean {
    return this.#baseline !== undefined;
  }

  /**
   * Whether the prover could still switch to pieces: a request may be too long for one segment, and the
   * baseline sends it in one write.
   */
  get mayUsePieces(): boolean {
    const isLong = this.options.requests.some(({ length }) => length > LONG_REQUEST);
    return isLong && !this.usesPieces;
  }

  /**
   * Returns the schedule that sends the whole requests `repeat` times. It cuts nothing, except into the
   * pieces of the baseline. Very many requests are grouped.
   */
  wholeSchedule(repeat = 1): Schedule {
    if (isGrouped({ ...PLAIN, repeat }, this.options.requests.length)) {
      return this.groupedSchedule(repeat);
    }
    const { piece } = this.baseline;
    const lengths = this.lengths(repeat);
    let start = 0;
    const cuts = lengths.flatMap((length) => {
      const from = start;
      start += length;
      const count = piece === Infinity ? 0 : Math.ceil(length / piece) - 1;
      return Array.from({ length: count }, (_, index) => from + (index + 1) * piece);
    });
    return toServer(toOps({ cuts: cuts.map((at) => ({ at, delay: 0 })), joins: [] }, lengths), 0);
  }

  /**
   * Returns the schedule that sends whole requests in groups. Each group is one piece, which ends where a
   * request ends. A group of several requests is shorter than usual buffers.
   */
  groupedSchedule(repeat: number): Schedule {
    return toServer(groups(this.lengths(repeat)), 0);
  }

  lengths(repeat = 1): readonly number[] {
    return repeated(this.options.requests, repeat).map(({ length }) => length);
  }

  /** Sends the whole requests once more: one by one, or without waiting for answers. */
  whole(how: 'one by one' | 'pipelined', more: Partial<Run> = {}): Promise<Judged> {
    const sending: Sending = { ...PLAIN, ...more.sending };
    const lockstep = sending.lockstep || how === 'one by one';
    const schedule = this.wholeSchedule(sending.repeat);
    return this.run({ effort: 'full', ...more, schedule, sending: { ...sending, lockstep } });
  }

  /** Plays one run, on new connections. If the run ended the server, the result says how the server ended. */
  async run(run: Run): Promise<Judged> {
    const judged = await this.#runOnce(run);
    if (judged.difference === undefined || judged.answer.end === 'open') {
      return judged;
    }
    if (!(await this.server.hasEnded())) {
      return judged;
    }
    if (this.alwaysFresh || this.#endsByCuts) {
      return { ...judged, ending: this.server.ending };
    }
    // An earlier connection may have ended the server. Play this schedule alone on a new server to see
    // whether it ends the server, too.
    await this.server.restart();
    const alone = await this.#runOnce(run);
    this.#endsByCuts = alone.difference !== undefined && (await this.server.hasEnded());
    return this.#endsByCuts ? { ...alone, ending: this.server.ending } : alone;
  }

  /** Returns what is expected of requests that are sent in this way. */
  expected({ repeat, fin }: Sending): ExpectedAnswers {
    const { bytes, end, greeting, latency, lengths } = this.baseline;
    const round = bytes.subarray(greeting);
    const offsets = Array.from({ length: repeat }, (_, index) => index * round.length);
    const rounds = [bytes.subarray(0, greeting), ...offsets.map(() => round)];
    return {
      bytes: repeat === 1 ? bytes : Buffer.concat(rounds),
      end: fin === 'none' ? end : this.finEnd,
      latency,
      slowest: Math.max(latency, this.latest),
      greeting,
      lengths: offsets.flatMap((offset) => lengths.map((length) => offset + length)),
    };
  }

  /** Returns an answer without what `normalize` matches. */
  normalized(bytes: Uint8Array): Uint8Array {
    return normalized(bytes, this.options.normalize);
  }

  async #runOnce(run: Run): Promise<Judged> {
    if (this.alwaysFresh) {
      await this.server.restart();
    }
    const exchanges: Exchange[] = [];
    const patience = fullPatience(this.options.patience, this.expected(run.sending).slowest);
    try {
      while (exchanges.length < run.sending.connections) {
        exchanges.push(await this.server.connect(patience));
      }
      // Wait for all connections, even if one of them cannot be judged.
      const runs = await Promise.allSettled(exchanges.map((each) => this.#exchange(each, run)));
      this.server.checkInterrupted();
      const judged = runs.map((each) => {
        if (each.status === 'rejected') {
          throw each.reason;
        }
        return each.value;
      });
      const wrong = judged.find((each) => each.difference !== undefined) ?? judged[0];
      if (wrong === undefined) {
        throw new Inconclusive('there was no connection');
      }
      return wrong;
    } finally {
      for (const exchange of exchanges) {
        this.server.leave(exchange);
      }
    }
  }

  async #exchange(exchange: Exchange, run: Run): Promise<Judged> {
    const begin = performance.now();
    const expected = this.expected(run.sending);
    const cuts = await this.#player.play(exchange, run, expected);
    const seen = exchange.answer(cuts);
    const answer = { ...seen, bytes: this.normalized(seen.bytes) };
    if (run.sending.connections > 1) {
      // A server may serve the next connection only when this one is closed.
      exchange.close(() => undefined);
    }
    const found = difference(expected, answer);
    // After FIN, the server may end the connection or leave it open, so neither is a difference.
    const isEnding = found?.kind === 'ended' || found?.kind === 'open';
    const differs = isEnding && run.sending.fin !== 'none' ? undefined : found;
    // So many requests take long, whether they are cut or not. Their time says nothing about the latency.
    const isMany = isGrouped(run.sending, this.options.requests.length);
    if (differs === undefined && !isMany) {
      this.latest = Math.max(this.latest, answer.latency);
    }
    return { answer, difference: differs, cuts, took: performance.now() - begin };
  }
}

/**
 * Returns holds for groups of whole requests, with as many requests in each group as fit into GROUP bytes.
 */
function groups(lengths: readonly number[]): readonly Op[] {
  const ops: Op[] = [];
  let n = 0;
  for (const length of lengths) {
    if (n > 0 && n + length > GROUP) {
      ops.push({ kind: 'hold', n });
      n = 0;
    }
    n += length;
  }
  return [...ops, { kind: 'hold', n }];
}
