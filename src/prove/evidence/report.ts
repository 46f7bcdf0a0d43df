// What proving a server gave, as a value. How it reads: report-text.ts. Pure.

import type { Schedule } from '../../schedule/schedule.ts';
import type { FrameSpan } from '../cut-points.ts';
import type { Sending, TrialKind } from '../trials/trial.ts';
import type { AnswerEnd, Difference } from './answers.ts';
import type { Varying } from './baselines.ts';
import type { ScheduleCounts, Tried } from './tally.ts';

export type Verdict = 'SAFE' | 'BROKEN' | 'INCONCLUSIVE';

/**
 * What ended the playing: every schedule that the bytes allow, the number of schedules, the time, a
 * failure, or a reason for no verdict.
 */
export type EndedBy = 'all' | 'runs' | 'time' | 'failure' | 'reason';

/** An answer as a report gives it, normalized. */
export interface ReportedAnswer {
  readonly bytes: Uint8Array;
  readonly end: AnswerEnd;
}

/** The schedule at which the answer was another one. */
export interface Failure {
  readonly kind: TrialKind;
  /** How the requests were sent, apart from where they were cut. */
  readonly sending: Sending;
  /** As small as it could be made, where the verdict is BROKEN. */
  readonly schedule: Schedule;
  /** As it was found. */
  readonly found: Schedule;
  readonly difference: Difference;
  /** What the server answers to the whole requests, and what to this schedule. */
  readonly whole: ReportedAnswer;
  readonly cut: ReportedAnswer;
  /** Another answer to this schedule, where the wrong bytes differ from time to time. */
  readonly other: ReportedAnswer | undefined;
  /** How often it was wrong in the same way, with right answers to the whole requests in between. */
  readonly confirmations: number;
  /** How often it was played for that. */
  readonly runs: number;
  /** How the server's process ended, where it was ours and did. */
  readonly serverEnding: string | undefined;
}

/** A program that listens, one that connects, or one that reads its standard input. */
export type Subject = 'server' | 'client' | 'program';

export interface ServerReport {
  readonly verdict: Verdict;
  /** Why there is no verdict, or why SAFE says less than it could. */
  readonly because: string | undefined;
  readonly target: string;
  /** What kind of program was proven, as the report calls it. */
  readonly subject: Subject;
  readonly seed: number;
  readonly schedules: ScheduleCounts;
  /** Of them, those that are evidence: they cut a request. */
  readonly evidence: ScheduleCounts;
  /** What ended the playing. */
  readonly endedBy: EndedBy;
  /** What was tried and what was not. */
  readonly tried: readonly Tried[];
  /** Time of the whole proof, in ms. */
  readonly elapsed: number;
  readonly requests: readonly Uint8Array[];
  readonly frames: readonly FrameSpan[];
  /** What the server answers to the whole requests. */
  readonly answer: ReportedAnswer | undefined;
  /** What makes the verdict rest on less than it seems to. */
  readonly warnings: readonly string[];
  /** Two answers that should be equal, where that is why there is no verdict. */
  readonly varying: Varying | undefined;
  readonly failure: Failure | undefined;
}
