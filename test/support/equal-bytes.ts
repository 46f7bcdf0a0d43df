// Runs before each test file. `toEqual` compares two byte arrays element by element, which takes 20 s per
// mebibyte; this tester uses Buffer.compare. It leaves arrays of different classes to the rules of each
// matcher.

import { expect } from 'vitest';

function sameBytes(one: unknown, other: unknown): boolean | undefined {
  const areAlike =
    one instanceof Uint8Array &&
    other instanceof Uint8Array &&
    Object.getPrototypeOf(one) === Object.getPrototypeOf(other);
  return areAlike ? Buffer.compare(one, other) === 0 : undefined;
}

expect.addEqualityTesters([sameBytes]);
