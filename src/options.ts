// Checks of options. Each kind of refusal has one wording. This file is pure.
//
// The names of an options object come from its type:
//
//   const NAMES = { port: true, host: true } satisfies OptionNames<ServeOptions>;
//
// If an option is added to the type and forgotten here, the code does not compile.

import { UsageError } from './errors.ts';
import { printable } from './text.ts';

/** An object with one entry for each name of an options type. */
export type OptionNames<T> = Readonly<Record<keyof T, true>>;

/** Maximum time of a timer in ms. Node turns a longer time into 1 ms. */
export const MAX_TIMER_MS: number = 2 ** 31 - 1;

/** Throws UsageError ERR_OPTION, to refuse an option. */
export function refuse(facts: string, hint?: string): never {
  throw new UsageError('ERR_OPTION', facts, { hint });
}

/** Words that say what an option must be, with a hint where a hint helps. */
interface Wanted {
  readonly what: string;
  readonly hint: string | undefined;
}

/** Refuses `value`, which is not what `wanted` says. The message shows the value as `shown` does. */
export function refuseValue(name: string, wanted: string | Wanted, value: unknown): never {
  const { what, hint } = typeof wanted === 'string' ? { what: wanted, hint: undefined } : wanted;
  refuse(`${name} must be ${what}, not ${shown(value)}.`, hint);
}

/**
 * Checks that `options` is an object whose properties are all in `names`. Without this check a misspelt limit
 * would leave the default in force.
 */
export function checkNames(
  owner: string,
  options: unknown,
  names: Readonly<Record<string, true>>,
): void {
  if (typeof options !== 'object' || options === null) {
    refuse(`${owner} takes an options object, not ${shown(options)}.`);
  }
  const unknown = Object.keys(options).find((name) => !Object.hasOwn(names, name));
  if (unknown === undefined) {
    return;
  }
  const known = Object.keys(names);
  refuse(
    `${owner} has no option ${printable(unknown)}.`,
    known.length === 0 ? undefined : `It has ${known.join(', ')}.`,
  );
}

export function checkFunction(name: string, value: unknown, hint?: string): void {
  if (typeof value !== 'function') {
    refuseValue(name, { what: 'a function', hint }, value);
  }
}

export function checkSignal(name: string, value: unknown): void {
  if (value === undefined) {
    return;
  }
  const isSignal =
    typeof value === 'object' &&
    value !== null &&
    'aborted' in value &&
    'addEventListener' in value;
  if (!isSignal) {
    refuseValue(name, 'an AbortSignal', value);
  }
}

/** Checks that a value is true or false. Returns `preset` if the caller gave no value. */
export function flag(name: string, value: boolean | undefined, preset: boolean): boolean {
  const given: unknown = value ?? preset;
  return typeof given === 'boolean' ? given : refuseValue(name, 'true or false', given);
}

interface Range {
  /** Smallest allowed value. Default 0. */
  readonly min?: number;
  /**
   * Largest allowed value. Default Number.MAX_SAFE_INTEGER. With this default, the message of a refusal names
   * only the smallest value, unless a number is too large.
   */
  readonly max?: number;
}

/** Checks that a value is a whole number in the range. */
export function whole(name: string, value: number, range: Range = {}): number {
  const { min = 0, max = Number.MAX_SAFE_INTEGER } = range;
  if (Number.isSafeInteger(value) && value >= min && value <= max) {
    return value;
  }
  const isPlain = max === Number.MAX_SAFE_INTEGER && !(value > max);
  const bounds = isPlain ? `, ${min} or more` : ` from ${min} to ${max}`;
  return refuseValue(name, `a whole number${bounds}`, value);
}

/** Checks a time limit in ms that must not be 0. Infinity means no limit. */
export function connectionTime(name: string, value: number): number {
  if (isTime(value) && value > 0) {
    return value;
  }
  const hint = value === 0 ? 'For no limit say Infinity.' : undefined;
  return refuseValue(name, { what: `a number of ms above 0 ${TIME_END}`, hint }, value);
}

/** Checks a time in ms that may be 0, which means not to wait. Infinity means no limit. */
export function callTime(name: string, value: number): number {
  return isTime(value) ? value : refuseValue(name, `a number of ms from 0 ${TIME_END}`, value);
}

const TIME_END = `to ${MAX_TIMER_MS}, or Infinity`;

function isTime(value: unknown): value is number {
  if (typeof value !== 'number' || !(value >= 0)) {
    return false;
  }
  return value <= MAX_TIMER_MS || value === Infinity;
}

/** Checks that a value is one of the words. */
export function oneOf<W extends string>(name: string, value: unknown, words: readonly W[]): W {
  const found = words.find((word) => word === value);
  return found ?? refuseValue(name, `one of ${words.join(', ')}`, value);
}

/**
 * Returns the words for a value in a refusal. The words for strings and bigints say their type, so that
 * "9000" and 9000 look different. The words for objects, functions and symbols say only the type.
 */
export function shown(value: unknown): string {
  if (typeof value === 'string') {
    return `the string ${printable(value, { maxLength: 60 })}`;
  }
  if (typeof value === 'bigint') {
    return `the bigint ${value}`;
  }
  if (typeof value === 'function') {
    return 'a function';
  }
  if (typeof value === 'symbol') {
    return 'a symbol';
  }
  if (typeof value !== 'object' || value === null) {
    return String(value);
  }
  if (Array.isArray(value)) {
    return 'an array';
  }
  const name = Object.prototype.toString.call(value).slice('[object '.length, -1);
  return name === 'Object' ? 'an object' : `an object of class ${printable(name)}`;
}
