// Judges several answers to the whole requests, before anything is cut: whether the target answers the same
// each time, and whether a client may send requests without waiting for answers. This file is pure.

import { difference, firstDifference } from './answers.ts';
import type { Answered, Difference } from './answers.ts';

/** Two different answers to the same whole requests. */
export interface Varying {
  readonly one: Answered;
  readonly other: Answered;
  readonly at: number;
}

/**
 * Returns the first answer and the first answer that differs from it, or `undefined` if no answer differs.
 */
export function varying(answers: readonly Answered[]): Varying | undefined {
  const [one, ...others] = answers;
  for (const other of others) {
    const differs = one && difference(one, other);
    if (one !== undefined && differs !== undefined) {
      return { one, other, at: differs.at };
    }
  }
  return undefined;
}

/** How a target answers requests that are pipelined (sent without waiting for answers) and whole. */
export type Pipelining =
  /** The target answers as it does to requests that are sent one by one. */
  | { readonly kind: 'supported' }
  /** The answers differ from those to requests that are sent one by one, each time in the same way. */
  | { readonly kind: 'refused'; readonly found: Varying }
  /** The answers differ from time to time: their order differs, or some are missing. */
  | { readonly kind: 'changing'; readonly found: Varying };

/** Compares the answers to pipelined whole requests with the answer that the same requests get one by one. */
export function judgePipelining(expected: Answered, pipelined: readonly Answered[]): Pipelining {
  const wrong = pipelined.find((answer) => difference(expected, answer) !== undefined);
  if (wrong === undefined) {
    return { kind: 'supported' };
  }
  const at = difference(expected, wrong)?.at ?? 0;
  const among = varying(pipelined);
  return among === undefined
    ? { kind: 'refused', found: { one: expected, other: wrong, at } }
    : { kind: 'changing', found: among };
}

/**
 * The answer to the whole requests, and for each request the number of answer bytes that had come when it was
 * answered.
 */
export interface WholeAnswer extends Answered {
  readonly lengths: readonly number[];
}

/**
 * Returns whether a target limits how many requests may come at once: it answers none of them, not even the
 * first, and ends the connection. This is no lost request: a target that lost a request in a buffer would
 * have answered the requests in front of that request.
 */
export function isBound(
  { difference: { at }, answer }: { readonly difference: Difference; readonly answer: Answered },
  { lengths: [first = 0] }: WholeAnswer,
): boolean {
  return answer.end !== 'open' && at < first;
}

/**
 * Returns whether a target refused requests because they were joined: it answered some of them correctly, up
 * to where an answer ends, and then ended the connection, with or without last bytes. Servers do so on
 * purpose, such as PostgreSQL after an SSLRequest. If all bytes are right and the connection only ended
 * early, that also counts as a refusal, and not as the loss of a request.
 *
 * A target that goes on has refused nothing, but has lost a request. It has gone on if its last bytes are the
 * right answer to later requests, or if the connection stays open although a request should have ended it.
 * There is one exception. If the whole requests end in a reset, an open connection does not show a loss:
 * PostgreSQL with TLS drops the bytes that are joined to an SSLRequest, and waits for the handshake.
 */
export function isRefusal(
  {
    difference: { kind, at },
    answer,
  }: { readonly difference: Difference; readonly answer: Answered },
  { bytes, lengths, end }: WholeAnswer,
): boolean {
  if (kind === 'ended' || (kind === 'open' && end === 'reset')) {
    return true;
  }
  const isAtBorder = at > 0 && lengths.slice(0, -1).includes(at);
  return answer.end !== 'open' && isAtBorder && !answersLater(answer.bytes.subarray(at));

  /**
   * Returns whether the bytes from the first difference on are the answer to the last requests, with earlier
   * requests left out.
   */
  function answersLater(rest: Uint8Array): boolean {
    return lengths.some((length) => {
      const tail = bytes.subarray(length);
      const isTail = length > at && tail.length === rest.length && tail.length > 0;
      return isTail && firstDifference(tail, rest) === tail.length;
    });
  }
}
