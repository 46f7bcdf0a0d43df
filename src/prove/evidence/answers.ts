// Decides whether two answers are equal, and how they differ. This file is pure.

/** State of the connection when the answer was complete, or when the prover stopped waiting. */
export type AnswerEnd = 'open' | 'closed' | 'reset';

/** How an answer differs from the answer to the whole requests. */
export interface Difference {
  /**
   * 'bytes': wrong bytes. 'short', 'long': too few or too many bytes. 'ended', 'open': all bytes are right,
   * but the connection ended early or stayed open.
   */
  readonly kind: 'bytes' | 'short' | 'long' | 'ended' | 'open';
  /**
   * Offset of the first byte of the answer that differs. If no byte differs, it is the length of the shorter
   * answer.
   */
  readonly at: number;
}

export interface Answered {
  readonly bytes: Uint8Array;
  readonly end: AnswerEnd;
}

/**
 * Returns the first index at which two byte strings differ. If the longer one begins with the shorter one,
 * returns the shorter length.
 */
export function firstDifference(one: Uint8Array, other: Uint8Array): number {
  const length = Math.min(one.length, other.length);
  for (let at = 0; at < length; at++) {
    if (one[at] !== other[at]) {
      return at;
    }
  }
  return length;
}

/**
 * Returns how an answer differs from the expected answer, or `undefined` if it does not. Both must be
 * normalized.
 */
export function difference(expected: Answered, answer: Answered): Difference | undefined {
  const at = firstDifference(expected.bytes, answer.bytes);
  if (at < expected.bytes.length && at < answer.bytes.length) {
    return { kind: 'bytes', at };
  }
  if (answer.bytes.length > expected.bytes.length) {
    return { kind: 'long', at };
  }
  if (answer.bytes.length < expected.bytes.length) {
    return { kind: 'short', at };
  }
  // A reset in place of FIN is no difference: which of the two comes depends on when the server's kernel saw
  // the last piece.
  if (expected.end === 'open' && answer.end !== 'open') {
    return { kind: 'ended', at };
  }
  if (expected.end !== 'open' && answer.end === 'open') {
    return { kind: 'open', at };
  }
  return undefined;
}

/**
 * Returns words for the way in which an answer is wrong. Two runs are wrong in the same way if the words are
 * equal. For wrong bytes the words name where they begin, not their values.
 */
export function wayOf({ kind, at }: Difference, answer: Answered): string {
  if (kind === 'bytes' || kind === 'long') {
    return `other bytes from ${at}`;
  }
  if (kind === 'open') {
    return 'not ended';
  }
  const missing = answer.bytes.length === 0 ? 'nothing' : 'too short';
  const end = answer.end === 'open' ? '' : ', ended early';
  return kind === 'ended' ? 'ended early' : `${missing}${end}`;
}
