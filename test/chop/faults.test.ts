// The table of faults: every row reads its own words, checks its numbers, and has an effect.

import { describe, expect, expectTypeOf, test } from 'vitest';
import { FAULTS, checkFault, effectOf, parseFault } from '../../src/chop/faults/faults.ts';
import type { Fault, FaultKind } from '../../src/chop/faults/faults.ts';
import { faultRow } from '../../src/chop/faults/row.ts';

/** A word of help with numbers in the place of its names. */
const example = (word: string): string => word.replaceAll(/[A-Z]+/g, '7');

describe.each(Object.entries(FAULTS))('the fault %s', (kind, row) => {
  test.each(row.words)('reads %s', (word) => {
    const fault = parseFault(example(word));
    expect(fault.kind).toBe(kind);
    expect(Object.keys(fault).toSorted()).toEqual(['kind', ...row.numbers].toSorted());
    expect(checkFault({ ...fault })).toEqual(fault);
    expect(effectOf(fault).kind).toBeTypeOf('string');
  });

  test('refuses other words, numbers that are none, and names that it does not have', () => {
    const good: Fault = parseFault(example(row.words[0]));
    for (const word of [`${kind}!`, `${kind}:`, `${kind}@`, `${kind}:x`, `${kind}@1:2`]) {
      expect(() => parseFault(word)).toThrow('A fault cannot be the string');
    }
    for (const name of row.numbers) {
      for (const wrong of [-1, 1.5, Number.NaN, '7', undefined]) {
        expect(() => checkFault({ ...good, [name]: wrong })).toThrow(
          `${kind}: ${name} must be a whole number`,
        );
      }
    }
    expect(() => checkFault({ ...good, speed: 1 })).toThrow(`${kind} has no number "speed"`);
  });
});

test('a row without one of its parts does not compile', () => {
  // @ts-expect-error: it does not say what it does.
  faultRow({
    words: ['x'],
    numbers: [],
    read: () => ({}),
    check: () => undefined,
    effect: () => ({ kind: 'join' }),
  });
  // @ts-expect-error: it has no effect.
  faultRow({ words: ['x'], does: 'x', numbers: [], read: () => ({}), check: () => undefined });
  // @ts-expect-error: one kind of fault has no row.
  const table: typeof FAULTS = { slice: FAULTS.slice };
  expect(table.slice).toBe(FAULTS.slice);
  expectTypeOf<Fault['kind']>().toEqualTypeOf<FaultKind>();
});
