// Checks of options: every error names the option, the allowed values, and the value that was given.

import { describe, expect, test } from 'vitest';
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

const TIMES = `a number of ms up to ${MAX_TIMER_MS}, or Infinity`;

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
      `idleTimeout must be ${TIMES}, not 0. For no limit say Infinity.`,
    ],
    ['knows negative times', () => callTime('timeout', -1), `timeout must be ${TIMES}, not -1.`],
    ['knows null', () => callTime('timeout', untyped(null)), `timeout must be ${TIMES}, not null.`],
    [
      'knows times that no timer takes',
      () => connectionTime('idleTimeout', 2 ** 31),
      `idleTimeout must be ${TIMES}, not 2147483648.`,
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
