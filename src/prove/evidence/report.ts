// The result of proving a server, as a value. report-text.ts turns it into text. This file is pure.

import type { Schedule } from '../../schedule/schedule.ts';
import type { FrameSpan } from '../cut-points.ts';
import type { Sending, TrialKind } from '../trials/trial.ts';
import type { AnswerEnd, Difference } from './answers.ts';
import type { Varying } from './baselines.ts';
import type { ScheduleCounts, Tried } from './tally.ts';

/**
 * SAFE: no schedule changed an answer. BROKEN: a schedule changed an answer, in three runs. INCONCLUSIVE: the
 * prover could not tell.
 */
export type Verdict = 'SAFE' | 'BROKEN' | 'INCONCLUSIVE';

/**
 * What ended the playing. 'all': every schedule that the bytes allow was played. 'runs' or 'time': the option
 * of that name. 'failure': a confirmed failure. 'reason': a reason that prevents a verdict.
 */
export type EndedBy = 'all' | 'runs' | 'time' | 'failure' | 'reason';

/** An answer in a report, without the bytes that `normalize` removes. */
export interface ReportedAnswer {
  readonly bytes: Uint8Array;
  readonly end: AnswerEnd;
}

/** A schedule that got a wrong answer. */
export interface Failure {
  readonly kind: TrialKind;
  /** How the requests were sent, apart from where they were cut. */
  readonly sending: Sending;
  /**
   * If the failure was confirmed: the schedule, as small as it could be made. Otherwise: the schedule as it
   * was found.
   */
  readonly schedule: Schedule;
  /** The schedule as it was found. */
  readonly found: Schedule;
  readonly difference: Difference;
  /** Answer that the whole requests get. */
  readonly whole: ReportedAnswer;
  /** Answer that this schedule got. */
  readonly cut: ReportedAnswer;
  /** Another answer to this schedule, if the wrong bytes differ from time to time. */
  readonly other: ReportedAnswer | undefined;
  /**
   * Number of runs that were wrong in the same way, with right answers to the whole requests between these
   * runs. It is 0 if the failure was not confirmed.
   */
  readonly confirmations: number;
  /** Number of runs of the schedule from which `confirmations` was counted. */
  readonly runs: number;
  /** Words for how the server's process ended, if the prover started it and this schedule ended it. */
  readonly serverEnding: string | undefined;
}

/**
 * Kind of program that is proven. 'server': it listens. 'client': it connects. 'program': it reads standard
 * input.
 */
export type Subject = 'server' | 'client' | 'program';

/**
 * What `proveServer` found: the verdict, the answer that it rests on, what was tried, and the smallest
 * failure.
 */
export interface ServerReport {
  readonly verdict: Verdict;
  /** Reason why there is no verdict, or why SAFE says less than it could. */
  readonly because: string | undefined;
  readonly target: string;
  /** Kind of program that was proven. The report uses this word. */
  readonly subject: Subject;
  readonly seed: number;
  readonly schedules: ScheduleCounts;
  /**
   * Numbers of played schedules that count as evidence, because they cut inside a request, by how their cuts
   * were kept.
   */
  readonly evidence: ScheduleCounts;
  /** What ended the playing. */
  readonly endedBy: EndedBy;
  /** What was tried, and what was not tried, with the reason. Empty if no schedule was played. */
  readonly tried: readonly Tried[];
  /** Time of the whole proof, in ms. */
  readonly elapsed: number;
  readonly requests: readonly Uint8Array[];
  readonly frames: readonly FrameSpan[];
  /**
   * Answer to the whole requests, with which all other answers were compared. `undefined` if there was none.
   */
  readonly answer: ReportedAnswer | undefined;
  /**
   * Facts that a reader should know besides the verdict, such as an answer that looks like an error, or late
   * answers.
   */
  readonly warnings: readonly string[];
  /** Two answers that should be equal, if their difference is the reason why there is no verdict. */
  readonly varying: Varying | undefined;
  readonly failure: Failure | undefined;
}
