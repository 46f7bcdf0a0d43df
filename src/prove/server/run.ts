// The types of a run: the facts about the whole requests, the schedule to be played, and the result.

import type { Boundary } from '../../deliver/sender.ts';
import type { Schedule } from '../../schedule/schedule.ts';
import type { Answered, Difference } from '../evidence/answers.ts';
import type { Sending } from '../trials/trial.ts';
import type { Answer } from './exchange.ts';
import type { Effort, Expected } from './listening.ts';

/** The answer to the whole requests when they are sent one by one, with facts about that answer. */
export interface Baseline extends Answered {
  /** Longest time in ms that a whole request took to be answered. */
  readonly latency: number;
  /** Number of bytes of the answer that came before the first request was sent. */
  readonly greeting: number;
  /** Number of bytes that had come when each request was answered. */
  readonly lengths: readonly number[];
  /**
   * Length in bytes of the pieces in which the whole requests are sent. It is Infinity if each request is one
   * piece.
   */
  readonly piece: number;
  /** Number of requests that were sent before the connection ended. */
  readonly sent: number;
  /** Time in ms that the whole requests take one by one when their answers are known. */
  readonly roundTrip: number;
}

/** The answers that are expected if requests are sent in a certain way. */
export interface ExpectedAnswers extends Expected {
  readonly greeting: number;
  /** Number of bytes that have come when each request is answered. */
  readonly lengths: readonly number[];
}

/** A schedule, and the way in which it is sent. */
export interface Run {
  readonly schedule: Schedule;
  readonly sending: Sending;
  readonly effort: Effort;
  /** Minimum time in ms to go on listening after a complete answer. Default: none. */
  readonly linger?: number;
}

/** A normalized answer, and how it differs from the expected answer. */
export interface Judged {
  readonly answer: Answer;
  readonly difference: Difference | undefined;
  /** How each boundary inside requests was kept. */
  readonly cuts: readonly Boundary[];
  /** Time in ms that the run took. */
  readonly took: number;
  /**
   * Words for how the process of the server ended, if the prover started it and this run ended it. Default:
   * none.
   */
  readonly ending?: string | undefined;
}
