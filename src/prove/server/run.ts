// The words in which runs are spoken of: what is known of the whole requests, what is to be played, and
// what came of it.

import type { Boundary } from '../../deliver/sender.ts';
import type { Schedule } from '../../schedule/schedule.ts';
import type { Answered, Difference } from '../evidence/answers.ts';
import type { Sending } from '../trials/trial.ts';
import type { Answer } from './exchange.ts';
import type { Effort, Expected } from './listening.ts';

/** What is known of the whole requests. */
export interface Baseline extends Answered {
  /** The longest that a whole request took to be answered, in ms. */
  readonly latency: number;
  /** Bytes of the answer before the first request was sent. */
  readonly greeting: number;
  /** Bytes that had come when each request was answered. */
  readonly lengths: readonly number[];
  /** The length of the pieces of the whole requests, where they are too long for one; else Infinity. */
  readonly piece: number;
  /** Requests that were sent before the connection ended. */
  readonly sent: number;
  /** How long all of them take one by one when their answers are known, in ms. */
  readonly roundTrip: number;
}

/** What is expected of requests that are sent in some way. */
export interface ExpectedAnswers extends Expected {
  readonly greeting: number;
  /** Bytes that have come when each request is answered. */
  readonly lengths: readonly number[];
}

/** A schedule and how it is sent. */
export interface Run {
  readonly schedule: Schedule;
  readonly sending: Sending;
  readonly effort: Effort;
  /** Time in ms to go on listening after a complete answer. */
  readonly linger?: number;
}

/** An answer, normalized, and what it departs from. */
export interface Judged {
  readonly answer: Answer;
  readonly difference: Difference | undefined;
  /** For each boundary inside requests, how it was kept. */
  readonly cuts: readonly Boundary[];
  /** How long the run took, in ms. */
  readonly took: number;
  /** How the process of the server ended, where it is ours and ended in this run. */
  readonly ending?: string | undefined;
}
