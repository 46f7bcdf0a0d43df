// Checks of options: every error names the option, the allowed values, and the value that was given.

import { describe, expect, test } from 'vitest';
import { parseCount } from '../src/cli/inputs.ts';
import { parseTime } from '../src/cli/units.ts';
import {
  callTime,
  checkFunction,
  checkNames,
  checkSignal,
  connectionTime,
  flag,
  MAX_TIMER_MS,
  oneOf,
  shown,
  whole,
} from '../src/options.ts';
import { resolvePeerOptions } from '../src/peer/peer-options.ts';

function refusalOf(check: () => unknown): unknown {
  try {
    check();
  } catch (error) {
    return error;
  }
  return undefined;
}

/** What JavaScript callers pass and TypeScript would not allow. */
function untyped(value: unknown): never {
  return value as never;
}

const CONNECTION_TIMES = `a number of ms above 0 to ${MAX_TIMER_MS}, or Infinity`;
const CALL_TIMES = `a number of ms from 0 to ${MAX_TIMER_MS}, or Infinity`;

describe('a refusal', () => {
  test.each<[string, () => unknown, string]>([
    [
      'names the port and quotes the string',
      () => whole('port', untyped('9000'), { max: 65_535 }),
      'port must be a whole number from 0 to 65535, not the string "9000".',
    ],
    [
      'knows a least',
      () => whole('runs', 0, { min: 1 }),
      'runs must be a whole number, 1 or more, not 0.',
    ],
    [
      'knows fractions',
      () => whole('runs', 1.5),
      'runs must be a whole number, 0 or more, not 1.5.',
    ],
    ['knows NaN', () => whole('runs', NaN), 'runs must be a whole number, 0 or more, not NaN.'],
    [
      'sends 0 to Infinity, for a time of a connection',
      () => connectionTime('idleTimeout', 0),
      `idleTimeout must be ${CONNECTION_TIMES}, not 0. For no limit say Infinity.`,
    ],
    [
      'knows negative times',
      () => callTime('timeout', -1),
      `timeout must be ${CALL_TIMES}, not -1.`,
    ],
    [
      'knows null',
      () => callTime('timeout', untyped(null)),
      `timeout must be ${CALL_TIMES}, not null.`,
    ],
    [
      'knows times that no timer takes',
      () => connectionTime('idleTimeout', 2 ** 31),
      `idleTimeout must be ${CONNECTION_TIMES}, not 2147483648.`,
    ],
    [
      'knows flags',
      () => flag('copy', untyped('yes'), false),
      'copy must be true or false, not the string "yes".',
    ],
    ['knows functions', () => checkFunction('onSkip', 5), 'onSkip must be a function, not 5.'],
    [
      'knows signals',
      () => checkSignal('signal', {}),
      'signal must be an AbortSignal, not an object.',
    ],
    [
      'lists the words',
      () => oneOf('deliver', 'frames', ['payload', 'frame']),
      'deliver must be one of payload, frame, not the string "frames".',
    ],
    [
      'lists the names of options',
      () => checkNames('serve', { prot: 1 }, { port: true, host: true }),
      'serve has no option "prot". It has port, host.',
    ],
    [
      'wants an object',
      () => checkNames('serve', 'x', {}),
      'serve takes an options object, not the string "x".',
    ],
  ])('%s', (_name, check, message) => {
    expect(refusalOf(check)).toMatchObject({ name: 'UsageError', code: 'ERR_OPTION', message });
  });

  test('does not take names from the prototype for options', () => {
    expect(refusalOf(() => checkNames('serve', { toString: 1 }, { port: true }))).toMatchObject({
      code: 'ERR_OPTION',
    });
  });
});

describe('a number out of its range', () => {
  // What is the smallest and the largest value, and one that is too small and one that is too large.
  test.each<[string, (value: number) => number, string, readonly number[], readonly number[]]>([
    [
      'of a connection time',
      (ms) => connectionTime('n', ms),
      CONNECTION_TIMES,
      [Number.MIN_VALUE, MAX_TIMER_MS, Infinity],
      [0, -1, MAX_TIMER_MS + 1],
    ],
    [
      'of the time of a call',
      (ms) => callTime('n', ms),
      CALL_TIMES,
      [0, MAX_TIMER_MS, Infinity],
      [-1, MAX_TIMER_MS + 1],
    ],
    [
      'between two bounds',
      (n) => whole('n', n, { min: 2, max: 9 }),
      'a whole number from 2 to 9',
      [2, 9],
      [1, 10],
    ],
    ['below its least', (n) => whole('n', n, { min: 2 }), 'a whole number, 2 or more', [2], [1]],
    [
      'above what a number holds exactly',
      (n) => whole('n', n),
      `a whole number from 0 to ${Number.MAX_SAFE_INTEGER}`,
      [0, Number.MAX_SAFE_INTEGER],
      [2 ** 53, Infinity],
    ],
    [
      'of a rate',
      (rate) => resolvePeerOptions({ floodRate: rate }).flood.rate,
      'a number above 0, or Infinity',
      [Number.MIN_VALUE, Infinity],
      [0, -1, NaN],
    ],
    [
      'of the command line, a time',
      (ms) => parseTime(`${ms}ms`, 'n'),
      `a time from 0ms to ${MAX_TIMER_MS}ms`,
      [0, MAX_TIMER_MS],
      [MAX_TIMER_MS + 1],
    ],
    [
      'of the command line, a count',
      (n) => parseCount(String(n), 'n'),
      'a whole number from 0 to 999999999999999',
      [0, 999_999_999_999_999],
      [-1, 1_000_000_000_000_000],
    ],
  ])('%s is refused with the range', (_name, check, range, right, wrong) => {
    expect(right.map(check)).toEqual(right);
    for (const value of wrong) {
      const { message } = Object(refusalOf(() => check(value)));
      expect(message).toMatch(/^(?:n|floodRate) must be /);
      expect(message).toContain(` must be ${range}, not `);
    }
  });
});

describe('a value that is right', () => {
  test('comes back', () => {
    expect(whole('port', 80, { max: 65_535 })).toBe(80);
    expect(connectionTime('idleTimeout', Infinity)).toBe(Infinity);
    expect(connectionTime('idleTimeout', 0.5)).toBe(0.5);
    expect(callTime('timeout', 0)).toBe(0);
    expect(flag('copy', undefined, true)).toBe(true);
    expect(oneOf('deliver', 'frame', ['payload', 'frame'])).toBe('frame');
    expect(refusalOf(() => checkSignal('signal', new AbortController().signal))).toBeUndefined();
    expect(refusalOf(() => checkSignal('signal', undefined))).toBeUndefined();
    expect(refusalOf(() => checkFunction('f', () => 1))).toBeUndefined();
  });
});

test.each([
  ['a\u001b[2J', 'the string "a\\u{1b}[2J"'],
  [5n, 'the bigint 5'],
  [[], 'an array'],
  [{}, 'an object'],
  [new Map(), 'an object of class "Map"'],
  [new Uint8Array(3), 'an object of class "Uint8Array"'],
  [() => 1, 'a function'],
  [Symbol('x'), 'a symbol'],
  [undefined, 'undefined'],
])('shows %o as %s', (value, text) => {
  expect(shown(value)).toBe(text);
});
