// Makes warnings for a reader: signs that the whole requests were not answered as they should be. This file
// is pure.

import type { AnswerEnd } from './answers.ts';

export interface WholeSeen {
  readonly bytes: Uint8Array;
  readonly end: AnswerEnd;
  /** Number of bytes that had come when each request was answered. */
  readonly lengths: readonly number[];
  /** Number of requests that were sent before the connection ended. */
  readonly sent: number;
}

/** Matches the beginning of a line that refuses a request, in well-known protocols. */
const REFUSALS =
  /^(?:HTTP\/1\.[01] [45]\d\d|-ERR|ERR\b|ERROR\b|-?NOAUTH|FATAL|[45]\d\d[ -]|\* BAD|BAD |CLIENT_ERROR|SERVER_ERROR|\{"error")/i;

/** Returns the warnings, one sentence each. Looks for refusals in the first 400 bytes. */
export function warningsOf({ bytes, end, lengths, sent }: WholeSeen): readonly string[] {
  const warnings: string[] = [];
  const count = lengths.length;
  const [, before = 0] = lengths.toReversed();
  if (end !== 'open' && sent < count) {
    warnings.push(
      `the server ended the connection before request ${sent + 1} of ${count} was sent: the answer may be an error`,
    );
  } else if (end !== 'open' && count > 1 && lengths.at(-1) === before) {
    warnings.push(
      `the server ended the connection without an answer to request ${count}: the answer may be an error`,
    );
  }
  const text = Array.from(bytes.subarray(0, 400), (byte) => String.fromCharCode(byte)).join('');
  const refusal = text.split(/\r?\n/).find((line) => REFUSALS.test(line));
  if (refusal !== undefined) {
    warnings.push(
      'the answer looks like an error: a server may refuse whole and cut requests alike',
    );
  }
  return warnings;
}
