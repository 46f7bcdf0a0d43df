// Tests of the values of other decoders: which values count as the same, and how a value is shown. If two
// values count as the same, a decoder that confuses them is called SAFE.

import { describe, expect, test } from 'vitest';
import { drawValue, sameValue } from '../../src/prove/decoder/values.ts';

class Point {
  readonly x: number;
  constructor(x: number) {
    this.x = x;
  }
}

/** An object without a prototype. */
function bare(): object {
  return Object.assign(Object.create(null) as object, { a: 1 });
}

/** Makes each value anew, so that two equal values are different objects. */
const values: Readonly<Record<string, () => unknown>> = {
  undefined: () => undefined,
  null: () => null,
  zero: () => 0,
  'minus zero': () => -0,
  'not a number': () => NaN,
  bigint: () => 5n,
  text: () => 'a',
  bytes: () => Uint8Array.of(1, 2),
  'other bytes': () => Uint8Array.of(1, 3),
  'words of 16 bits': () => Uint16Array.of(1, 2),
  'an array': () => [1, 2],
  'an array with undefined': () => [undefined],
  'no array item': () => [],
  'an object': () => ({ a: 1 }),
  'an object with undefined': () => ({ a: undefined }),
  'an empty object': () => ({}),
  'an object of a class': () => new Point(1),
  'a map': () => new Map([['a', 1]]),
  'an empty map': () => new Map(),
  'a map that nests': () => new Map([['a', new Map([['b', Uint8Array.of(1)]])]]),
  'a set': () => new Set(['a']),
  'an empty set': () => new Set(),
  'a date': () => new Date(1000),
  'another date': () => new Date(2000),
  'no date': () => new Date(NaN),
  'an expression': () => /a/g,
  'another expression': () => /b/g,
  'other flags': () => /a/i,
  'an error': () => new RangeError('a'),
  'another error': () => new RangeError('b'),
  'an error of another class': () => new TypeError('a'),
  'an error with a field': () => Object.assign(new RangeError('a'), { code: 5 }),
  memory: () => Uint8Array.of(1, 2).buffer,
  'other memory': () => Uint8Array.of(1, 3).buffer,
  'a view': () => new DataView(Uint8Array.of(1, 2).buffer),
  'part of the view': () => new DataView(Uint8Array.of(1, 2).buffer, 1),
  'an address': () => new URL('http://a/'),
  'another address': () => new URL('http://b/'),
  'a boxed number': () => new Number(5),
  'another boxed number': () => new Number(6),
};

describe('two values are the same', () => {
  test.each(Object.entries(values))('if both are %s', (_, make) => {
    expect(sameValue(make(), make())).toBe(true);
  });

  test.each(Object.entries(values))('and %s is none of the others', (own, make) => {
    const alike = Object.entries(values).filter(([, other]) => sameValue(make(), other()));
    expect(alike.map(([name]) => name)).toEqual([own]);
  });

  test('whatever the class of the caller', () => {
    expect(sameValue(new Point(1), { x: 1 })).toBe(true);
  });

  test('also without a prototype', () => {
    const [one, other] = [bare(), bare()];
    expect([sameValue(one, other), sameValue(one, { a: 1 })]).toEqual([true, true]);
  });
});

test.each([
  [new Map([['a', 1]]), 'Map([["a", 1]])'],
  [new Set([1]), 'Set([1])'],
  [new Date(1000), 'Date(1000)'],
  [/a/g, 'RegExp("/a/g")'],
  [new URL('http://a/'), 'URL("http://a/")'],
  [{ a: { b: 1 } }, '{ a: { b: 1 } }'],
  [new RangeError('a'), 'RangeError: a'],
])('%s is shown as %s', (value, shown) => {
  expect(drawValue(value)).toBe(shown);
});
