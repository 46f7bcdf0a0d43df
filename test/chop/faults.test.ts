// The table of faults: every fault is parsed from its words, checks its numbers, and has an effect.

import { describe, expect, expectTypeOf, test } from 'vitest';
import { FAULTS, checkFault, effectOf, parseFault } from '../../src/chop/faults/faults.ts';
import type { Fault, FaultKind } from '../../src/chop/faults/faults.ts';
import { faultRow } from '../../src/chop/faults/row.ts';

/** A word of help with numbers in the place of its names. */
const example = (word: string): string => word.replaceAll('TIME', '7ms').replaceAll(/[A-Z]+/g, '7');

describe.each(Object.entries(FAULTS))('the fault %s', (kind, row) => {
  test.each(row.words)('reads %s', (word) => {
    const fault = parseFault(example(word));
    expect(fault.kind).toBe(kind);
    expect(Object.keys(fault).toSorted()).toEqual(['kind', ...row.numbers].toSorted());
    expect(checkFault({ ...fault })).toEqual(fault);
    expect(effectOf(fault).kind).toBeTypeOf('string');
  });

  test('reads its example', () => {
    expect(parseFault(row.example).kind).toBe(kind);
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

describe('the numbers of a fault', () => {
  test.each<readonly [string, Fault]>([
    ['delay:60ms', { kind: 'delay', min: 60, max: 60 }],
    ['delay:5-20ms', { kind: 'delay', min: 5, max: 20 }],
    ['delay:500ms-1.5s', { kind: 'delay', min: 500, max: 1500 }],
    ['throttle:64KiB', { kind: 'throttle', rate: 65_536 }],
    ['slice:1-4KiB', { kind: 'slice', min: 1, max: 4096 }],
    ['slice:10-20', { kind: 'slice', min: 10, max: 20 }],
    ['rst@1MB', { kind: 'rst', at: 1_000_000 }],
  ])('%s', (word, fault) => {
    expect(parseFault(word)).toEqual(fault);
  });

  test.each(['delay:5', 'delay:5-20', 'delay:0'])('%s lacks a unit, which the hint has', (word) => {
    expect(() => parseFault(word)).toThrow(`A time needs a unit: ${word}ms.`);
  });

  test.each([
    'delay:5ms-',
    'delay:-5ms',
    'delay:1h-2',
    'throttle:64K',
    'throttle:1e9',
    'slice:5',
    'stall@-1',
    'rst@9007199254740993',
    'fin@1.5',
    'corrupt:1KiB',
    'delay:5ms\n',
  ])('%j is refused with an example', (word) => {
    expect(() => parseFault(word)).toThrow(/is written .* Such as /);
  });
});

test('a row without one of its parts does not compile', () => {
  // @ts-expect-error: it does not say what it does.
  faultRow({
    words: ['x'],
    example: 'x',
    numbers: [],
    read: () => ({}),
    check: () => undefined,
    effect: () => ({ kind: 'join' }),
  });
  // @ts-expect-error: it has no effect.
  faultRow({
    words: ['x'],
    example: 'x',
    does: 'x',
    numbers: [],
    read: () => ({}),
    check: () => undefined,
  });
  // @ts-expect-error: one kind of fault has no row.
  const table: typeof FAULTS = { slice: FAULTS.slice };
  expect(table.slice).toBe(FAULTS.slice);
  expectTypeOf<Fault['kind']>().toEqualTypeOf<FaultKind>();
});
