// Regular expressions of the user, applied to answers of a remote. A failure is a reason in the report, and
// is not thrown.

import { expect, test } from 'vitest';
import { Inconclusive } from '../../src/prove/server/inconclusive.ts';
import { normalized } from '../../src/prove/server/normalize.ts';

test('removes every match, one character for each byte', () => {
  const bytes = Buffer.from('a\xff1\n2b', 'latin1');
  expect(normalized(bytes, /\d|\xff/g)).toEqual(Buffer.from('a\nb'));
});

/** Returns the reason why there is no answer. If there is an answer, it is not shown, because it is long. */
function reasonOf(answer: string, pattern: RegExp): string {
  try {
    return `${normalized(Buffer.from(answer), pattern).length} bytes`;
  } catch (error) {
    return error instanceof Inconclusive ? error.message : `no reason: ${String(error)}`;
  }
}

test('is INCONCLUSIVE where the expression is too deep for the stack', () => {
  expect(reasonOf('a'.repeat(6_000_000), /^(a|b)*c/)).toMatch(
    // On a slow machine the time limit is reached before the stack overflows.
    /--normalize (?:failed for|took longer than 1 s for) an answer/,
  );
});
