// When two answers are equal, and how they differ. Pure.

/** How the connection stood when the answer was complete, or was given up. */
export type AnswerEnd = 'open' | 'closed' | 'reset';

/** How an answer departs from the one to the whole requests. */
export interface Difference {
  /** Wrong bytes, too few, too many, or the connection ended or did not end. */
  readonly kind: 'bytes' | 'short' | 'long' | 'ended' | 'open';
  /** The first byte of the answer that differs. */
  readonly at: number;
}

interface Answered {
  readonly bytes: Uint8Array;
  readonly end: AnswerEnd;
}

/** Bytes as text of one character a byte, for regular expressions, and back. */
function latin1(bytes: Uint8Array): string {
  const parts: string[] = [];
  for (let at = 0; at < bytes.length; at += 4096) {
    parts.push(String.fromCharCode(...bytes.subarray(at, at + 4096)));
  }
  return parts.join('');
}

/** The bytes without what the pattern matches; the pattern sees one character for each byte. */
export function normalized(bytes: Uint8Array, pattern: RegExp | undefined): Uint8Array {
  if (pattern === undefined) {
    return bytes;
  }
  const text = latin1(bytes).replace(pattern, '');
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** The first index at which they differ; the length of the shorter where one begins the other. */
export function firstDifference(one: Uint8Array, other: Uint8Array): number {
  const length = Math.min(one.length, other.length);
  for (let at = 0; at < length; at++) {
    if (one[at] !== other[at]) {
      return at;
    }
  }
  return length;
}

/** `undefined` when the answer is the expected one; both already normalized. */
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
  // A reset instead of a FIN depends on when the server's kernel saw the last piece: no difference.
  if (expected.end === 'open' && answer.end !== 'open') {
    return { kind: 'ended', at };
  }
  if (expected.end !== 'open' && answer.end === 'open') {
    return { kind: 'open', at };
  }
  return undefined;
}
