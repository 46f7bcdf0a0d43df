// Goes from trials to a verdict: plays trials while the budget lasts, pursues wrong answers, and concludes.
//
// Rules:
// - The verdict is BROKEN only if pursuit.ts confirms the failure.
// - SAFE counts only schedules that cut a request and whose cuts were seen to be kept. If there are none,
//   SAFE counts schedules whose cuts were kept by pauses, and the report says so.
// - If a schedule fails once and not again, the verdict is neither BROKEN nor SAFE.
// - If whole requests fail as well when they are joined, the failure is no fault of a cut. The verdict is
//   then that lock-step is needed.

import type { Pipelining, Varying } from '../evidence/baselines.ts';
import { isBound, isRefusal } from '../evidence/baselines.ts';
import type { EndedBy, Failure, Verdict } from '../evidence/report.ts';
import { Tally } from '../evidence/tally.ts';
import { candidates, reasonAgainstDeep } from '../trials/candidates.ts';
import { departures } from '../trials/departures.ts';
import { PLAIN } from '../trials/trial.ts';
import type { Trial } from '../trials/trial.ts';
import { takeBaselines } from './baselines.ts';
import { Controls } from './controls.ts';
import { Changed, Inconclusive } from './inconclusive.ts';
import type { ResolvedProveServerOptions } from './options.ts';
import { Pursuit } from './pursuit.ts';
import { Rounds } from './rounds.ts';
import type { Judged } from './run.ts';
import type { ServerUnderTest } from './server-under-test.ts';

/**
 * Maximum number of times that the baselines are taken. They are taken again if they turn out to be wrong.
 */
const MOST_EPOCHS = 3;
/**
 * Number of trials after which the whole requests are checked for the first time. They are checked once more
 * at the end.
 */
const EARLY_CHECK = 10;
/**
 * Number of ms by which a right answer to cut requests may be later than the slowest answer of the baseline.
 * If it is later, the report warns of the delay.
 */
const NOTABLE_DELAY = 200;

export interface Outcome {
  readonly verdict: Verdict;
  readonly because?: string | undefined;
  readonly failure?: Failure | undefined;
  readonly varying?: Varying | undefined;
}

interface Played {
  readonly trial: Trial;
  readonly judged: Judged;
}

export class Prover {
  tally: Tally = new Tally();
  endedBy: EndedBy = 'reason';
  readonly #server: ServerUnderTest;
  readonly #pursuit: Pursuit;
  #controls: Controls;
  #isChecked = false;
  /** Time in ms that playing took, without confirming and shrinking. */
  #spent = 0;
  /** The failure that is being pursued. The report has it if the pursuit ends without a verdict. */
  #suspect: Failure | undefined;
  /** The first failure that was not confirmed. */
  #unconfirmed: Failure | undefined;
  /** How the server answers whole requests that do not wait for answers. */
  #pipelining: Pipelining = { kind: 'supported' };
  /** The failure that showed that the server ends the connection when requests are joined. */
  #refused: Failure | undefined;

  constructor(server: ServerUnderTest) {
    this.#server = server;
    this.#pursuit = new Pursuit(server);
    this.#controls = new Controls(server);
  }

  get suspect(): Failure | undefined {
    return this.#suspect;
  }

  /** Whether requests wait for answers, because the options say so or the server needs it. */
  get lockstep(): boolean {
    const isRefused = this.#refused !== undefined || this.#pipelining.kind !== 'supported';
    return this.#server.options.lockstep || isRefused;
  }

  async prove(): Promise<Outcome> {
    for (let epoch = 1; ; epoch++) {
      try {
        return await this.#epoch();
      } catch (error) {
        if (!(error instanceof Changed) || epoch >= MOST_EPOCHS) {
          throw error;
        }
        // Forget what was played so far: it was compared with baselines that turned out to be wrong.
        this.tally = new Tally();
        this.#spent = 0;
        this.#isChecked = false;
        this.#controls = new Controls(this.#server);
        this.#unconfirmed = this.#suspect = this.#refused = undefined;
      }
    }
  }

  async #epoch(): Promise<Outcome> {
    this.#pipelining = await takeBaselines(this.#server);
    const { doubt } = this.#server.server;
    if (doubt !== undefined) {
      throw new Inconclusive(doubt);
    }
    let failure = await this.#play();
    if (failure === undefined && this.#refused !== undefined) {
      // The server refuses joined requests, so play again with requests that are sent one by one.
      failure = await this.#play();
    }
    if (failure !== undefined) {
      this.endedBy = 'failure';
      return { verdict: 'BROKEN', failure };
    }
    await this.#pursuit.health.check(this.lockstep);
    return this.#conclude();
  }

  /**
   * Plays trials until a failure, or until the budget is used up. Ends early if joined requests are refused.
   */
  async #play(): Promise<Failure | undefined> {
    const { runs, time, onProgress } = this.#server.options;
    const wasLockstep = this.lockstep;
    const rounds = new Rounds(this.#trials(), this.#server, this.#controls);
    for (;;) {
      if (this.tally.count >= runs || this.#spent >= time) {
        this.endedBy = this.tally.count >= runs ? 'runs' : 'time';
        return undefined;
      }
      const begin = performance.now();
      const round = await rounds.next(runs - this.tally.count, this.tally);
      const played = await this.#playRound(round);
      this.#spent += performance.now() - begin;
      if (round.length === 0) {
        this.endedBy = 'all';
        return undefined;
      }
      onProgress?.({ played: this.tally.count, runs, spent: this.#spent, time });
      const failure = await this.#pursueAll(played);
      if (failure !== undefined || this.lockstep !== wasLockstep) {
        return failure;
      }
      if (this.tally.count >= EARLY_CHECK && !this.#isChecked) {
        this.#isChecked = true;
        await this.#pursuit.health.check(this.lockstep);
      }
    }
  }

  /**
   * Plays several trials at the same time. A trial with a wrong answer is played again alone, and only the
   * answer of that run counts.
   */
  async #playRound(round: readonly Trial[]): Promise<readonly Played[]> {
    const all = await Promise.allSettled(
      round.map((trial) => this.#server.run({ ...trial, effort: 'full' })),
    );
    const played: Played[] = [];
    for (const [index, trial] of round.entries()) {
      const one = all[index];
      if (one?.status === 'rejected') {
        throw one.reason;
      }
      if (one !== undefined) {
        const isAlone = round.length === 1 || one.value.difference === undefined;
        const judged = isAlone ? one.value : await this.#server.run({ ...trial, effort: 'full' });
        this.tally.add(trial.kind, judged.cuts);
        played.push({ trial, judged });
      }
    }
    return played;
  }

  async #pursueAll(played: readonly Played[]): Promise<Failure | undefined> {
    const wasLockstep = this.lockstep;
    for (const { trial, judged } of played) {
      const failure = judged.difference && (await this.#pursue(trial, judged));
      if (failure !== undefined || this.lockstep !== wasLockstep) {
        return failure;
      }
    }
    return undefined;
  }

  #trials(): Iterable<Trial> {
    const { requests, seed, runs, frames, replay, dialogue } = this.#server.options;
    if (replay !== undefined) {
      return replays(this.#server.options);
    }
    const { roundTrip } = this.#server.baseline;
    const isScripted = dialogue !== undefined;
    const { lockstep } = this;
    const trials = { requests, seed, runs, frames, lockstep, isScripted, roundTrip };
    const against = lockstep ? undefined : reasonAgainstDeep(trials);
    if (against !== undefined) {
      this.tally.skip('deep', against);
    }
    return candidates(trials);
  }

  /**
   * Pursues a wrong answer. Returns the failure if it is confirmed. If it is confirmed as a refusal of joined
   * requests, notes the refusal and returns `undefined`.
   */
  async #pursue(trial: Trial, judged: Judged): Promise<Failure | undefined> {
    const { baseline, options } = this.#server;
    this.#suspect = this.#pursuit.failure(trial, trial.schedule, [judged]);
    if (judged.difference !== undefined && judged.difference.at < baseline.greeting) {
      throw new Inconclusive(
        'the server does not always greet in the same way, before it has read a byte; leave out what changes with --normalize',
        { one: baseline, other: judged.answer, at: judged.difference.at },
      );
    }
    const failure = await this.#pursuit.pursue(trial, judged);
    if (failure === undefined) {
      this.#unconfirmed ??= this.#suspect;
    } else if (this.#isBound(failure)) {
      await this.#skipDeeper(trial);
      return undefined;
    } else if (options.replay === undefined && this.#isRefused(failure)) {
      this.#refused = failure;
    }
    this.#suspect = undefined;
    return failure === this.#refused ? undefined : failure;
  }

  /** Returns whether the server ended the connection on purpose, because very many requests came at once. */
  #isBound({ kind, sending, difference, cut, serverEnding }: Failure): boolean {
    const seen = { difference, answer: cut };
    const isDeep = kind === 'deep' && serverEnding === undefined;
    return isDeep && isBound(seen, this.#server.expected(sending));
  }

  /** Makes sure that from now on fewer requests than in this trial are sent at once. */
  async #skipDeeper({ kind, sending }: Trial): Promise<void> {
    this.#suspect = undefined;
    this.#controls.refused(sending);
    this.tally.skip(kind, (await this.#controls.reasonAgainst(sending)) ?? '');
  }

  /** Returns whether the server ended the connection on purpose, because requests came joined. */
  #isRefused({ schedule, sending, difference, cut, serverEnding }: Failure): boolean {
    const { cuts, joins } = departures(schedule, this.#server.lengths(sending.repeat));
    const isJoined = cuts.length === 0 && joins.length > 0 && sending.repeat === 1;
    const seen = { difference, answer: cut };
    const expected = this.#server.expected(sending);
    return isJoined && serverEnding === undefined && isRefusal(seen, expected);
  }

  #conclude(): Outcome {
    const { evidence, count } = this.tally;
    const { options } = this.#server;
    if (this.#unconfirmed !== undefined) {
      const because =
        'an answer differed once and not again with the same schedule; the server may be racing, so try another --seed or more --runs';
      return { verdict: 'INCONCLUSIVE', because, failure: this.#unconfirmed };
    }
    if (count === 0) {
      const because = 'no schedule was played in the time given; give a longer --time';
      return { verdict: 'INCONCLUSIVE', because };
    }
    const isCut = evidence.exact + evidence.delayed > 0;
    if (
      !isCut &&
      options.replay === undefined &&
      options.requests.some(({ length }) => length > 1)
    ) {
      const because =
        'the server left pieces unread, so that no cut reached it as a cut; a proxy in front of it may gather them';
      return { verdict: 'INCONCLUSIVE', because };
    }
    if (this.lockstep && !options.lockstep) {
      return this.#lockstepNeeded();
    }
    const isExact = evidence.exact > 0 || !isCut;
    return {
      verdict: 'SAFE',
      because: isExact ? undefined : 'by pauses only: the network may have undone cuts',
    };
  }

  #lockstepNeeded(): Outcome {
    const { kind } = this.#pipelining;
    const how =
      kind === 'changing'
        ? 'the answers to whole requests that are sent together come in changing order, or some are missing'
        : kind === 'refused'
          ? 'whole requests that are sent without waiting get another answer than one by one'
          : 'the server ends the connection when whole requests come joined';
    return {
      verdict: 'INCONCLUSIVE',
      because: `lock-step is needed: ${how}; --lockstep proves it request by request, and if the protocol lets clients send ahead, this is a bug`,
      failure: this.#refused,
      varying: kind === 'supported' ? undefined : this.#pipelining.found,
    };
  }

  /** Warnings, if answers to cut requests came late, or if the server refused many requests at once. */
  get warnings(): readonly string[] {
    const { latest, baseline } = this.#server;
    const late = Math.round(latest - baseline.latency);
    return [
      ...(late >= NOTABLE_DELAY
        ? [`answers came up to ${late} ms later when requests were cut`]
        : []),
      ...(this.#controls.bound === Infinity
        ? []
        : [
            `the server ends the connection when the requests come ${this.#controls.bound} times at once, though it answers as many in small pieces: unless it sets such a limit, this is a bug`,
          ]),
    ];
  }
}

/** Makes trials of the schedules to be replayed, sent as the options say. */
function replays(options: ResolvedProveServerOptions): readonly Trial[] {
  const { replay = [], rounds, connections, fin, lockstep } = options;
  const sending = { ...PLAIN, repeat: rounds, connections, fin, lockstep };
  return replay.map((schedule) => ({ kind: 'replay', schedule, sending }));
}
