// Decides when to stop listening for an answer: when it is complete, can no longer become right, or is
// overdue. Makes a Patience of the expected answer and the options.

import { firstDifference } from '../evidence/answers.ts';
import type { Answered } from '../evidence/answers.ts';
import type { Patience } from './exchange.ts';
import { Inconclusive } from './inconclusive.ts';
import { normalized } from './normalize.ts';
import type { ResolvedProveServerOptions } from './options.ts';

/**
 * Time in ms of silence after which the first answer counts as complete. A rule by length is not possible
 * there, because the length is unknown.
 */
const BASELINE_QUIET = 150;
/** Time in ms to wait for the answer to a request that is not the last one. Some requests get no answer. */
const UNANSWERED_TIME = 500;
/**
 * Maximum length in bytes of an answer whose length is unknown. A longer answer counts as a flood. With
 * `normalize`, an answer counts as wrong when it is longer than twice the expected answer and this together.
 */
const MAX_ANSWER = 16 * 1024 * 1024;
/**
 * PATIENCE_FACTOR: factor of the usual latency after which an answer is overdue, if the effort is short.
 * LEAST_PATIENCE: minimum of that time in ms.
 */
const PATIENCE_FACTOR = 20;
const LEAST_PATIENCE = 250;
/** Maximum time in ms to wait for an answer, except for the baselines. */
const LONGEST_PATIENCE = 60_000;
/**
 * Maximum time in ms to watch for more bytes after a complete answer, unless the `linger` of a run asks for
 * more.
 */
const LONGEST_WATCH = 50;

/**
 * How long to wait for an answer. 'full': a verdict depends on the answer. 'short': no verdict depends on it
 * (while shrinking, in the control of FIN, and in samples of the speed).
 */
export type Effort = 'full' | 'short';

/** The expected answer, and how long right answers have taken so far. */
export interface Expected extends Answered {
  /** Longest time in ms that a whole request took to be answered at first. */
  readonly latency: number;
  /** Longest time in ms that any right answer has taken. */
  readonly slowest: number;
}

type Listening = Pick<ResolvedProveServerOptions, 'until' | 'patience' | 'normalize'>;

/** Returns the time in ms to wait for an answer, except for the baselines. */
export function fullPatience(patience: number, latency: number): number {
  return Math.min(LONGEST_PATIENCE, Math.max(patience, 4 * latency));
}

/**
 * Returns how to listen for the answer to a whole request when nothing is known of the answer: until the
 * server is silent. `satisfied` throws Inconclusive if the answer does not end.
 */
export function untilQuiet({ until, patience }: Listening, isLast: boolean): Patience {
  const first = isLast ? patience : Math.min(patience, UNANSWERED_TIME);
  const quiet =
    typeof until === 'object' ? until.idle : until === 'eof' ? patience : BASELINE_QUIET;
  const deadline = performance.now() + 5 * Math.max(Math.min(patience, LONGEST_PATIENCE), quiet);
  const satisfied = (bytes: Uint8Array): boolean => {
    if (bytes.length > MAX_ANSWER || performance.now() > deadline) {
      throw new Inconclusive(
        `the server floods: its answer does not end (${bytes.length} bytes so far); --until cannot help, so prove another request`,
      );
    }
    return false;
  };
  return { satisfied, first, quiet };
}

/**
 * Returns how to listen until the answer has at least `length` bytes, not counting what `normalize` removes.
 */
export function untilLength(
  { patience, normalize }: Listening,
  expected: { readonly length: number; readonly slowest: number },
): Patience {
  const time = fullPatience(patience, expected.slowest);
  return {
    satisfied: (bytes) => hasLength(bytes, expected.length, normalize),
    first: time,
    quiet: time,
  };
}

interface Certainty {
  /** How to listen until the answer is as long as expected, is wrong, or is overdue. */
  readonly patience: Patience;
  /**
   * How to go on listening after a complete answer, for bytes that should not come. It is `undefined` if
   * `patience` waits for FIN or for a silence, and so sees such bytes anyway.
   */
  readonly watch: Patience | undefined;
  readonly isComplete: (bytes: Uint8Array) => boolean;
}

/**
 * Returns whether an answer has at least `length` bytes, not counting what `normalize` removes. Removing
 * takes time and makes no answer longer, so it is skipped for an answer that is too short anyway.
 */
function hasLength(bytes: Uint8Array, length: number, normalize: RegExp | undefined): boolean {
  return bytes.length >= length && normalized(bytes, normalize).length >= length;
}

/**
 * Returns how to listen until the answer is the expected answer, is certainly another answer, or is overdue.
 */
export function untilCertain(options: Listening, expected: Expected, effort: Effort): Certainty {
  const { until, normalize } = options;
  /**
   * Number of bytes that were compared and are right. They are not compared again, because an answer only
   * grows.
   */
  let same = 0;
  const isWrong = (bytes: Uint8Array): boolean => {
    if (normalize !== undefined) {
      return bytes.length > 2 * expected.bytes.length + MAX_ANSWER;
    }
    same += firstDifference(expected.bytes.subarray(same), bytes.subarray(same));
    return same < bytes.length;
  };
  const isLong = (bytes: Uint8Array): boolean => hasLength(bytes, expected.bytes.length, normalize);
  const waits = expected.end !== 'open' || typeof until === 'object';
  const full = fullPatience(options.patience, expected.slowest);
  const usual = Math.max(LEAST_PATIENCE, PATIENCE_FACTOR * expected.latency, 2 * expected.slowest);
  const wait = effort === 'full' ? full : Math.min(full, usual);
  const idle = typeof until === 'object' ? until.idle : wait;
  const time = Math.min(LONGEST_WATCH, Math.max(3, 3 * expected.latency));
  return {
    patience: {
      satisfied: (bytes) => isWrong(bytes) || (!waits && isLong(bytes)),
      first: Math.max(idle, wait),
      quiet: idle,
    },
    watch: waits ? undefined : { satisfied: isWrong, first: time, quiet: time },
    isComplete: (bytes) => isLong(bytes) && !isWrong(bytes),
  };
}
