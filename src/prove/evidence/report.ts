// What proving a server gave, as a value. How it reads: report-text.ts. Pure.

import type { Schedule } from '../../schedule/schedule.ts';
import type { FrameSpan } from '../cut-points.ts';
import type { AnswerEnd, Difference } from './answers.ts';

export type Verdict = 'SAFE' | 'BROKEN' | 'INCONCLUSIVE';

/** Schedules by the worst of their boundaries: seen to be kept; hoped for by pauses; not kept. */
export interface ScheduleCounts {
  readonly exact: number;
  readonly delayed: number;
  readonly lost: number;
}

/** An answer as a report gives it, normalized. */
export interface ReportedAnswer {
  readonly bytes: Uint8Array;
  readonly end: AnswerEnd;
}

/** The schedule at which the answer was another one. */
export interface Failure {
  /** As small as it could be made, where the verdict is BROKEN. */
  readonly schedule: Schedule;
  /** As it was found. */
  readonly found: Schedule;
  readonly difference: Difference;
  /** What the server answers to the whole requests, and what to this schedule. */
  readonly whole: ReportedAnswer;
  readonly cut: ReportedAnswer;
  /** How often it failed in a row, with a right answer to the whole requests before each. */
  readonly confirmations: number;
  /** How the server's process ended, where it was ours and did. */
  readonly serverEnding: string | undefined;
}

export interface ServerReport {
  readonly verdict: Verdict;
  /** Why there is no verdict, or why SAFE says less than it could. */
  readonly because: string | undefined;
  readonly target: string;
  readonly seed: number;
  readonly schedules: ScheduleCounts;
  /** Milliseconds, all in all. */
  readonly elapsed: number;
  readonly requests: readonly Uint8Array[];
  readonly frames: readonly FrameSpan[];
  readonly failure: Failure | undefined;
}
