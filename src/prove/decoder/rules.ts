// Turns the options for values and errors into rules: which values are the same, and which errors are
// allowed.

import { ProtocolError } from '../../errors.ts';
import type { DecoderTarget, ProveDecoderOptions } from './options.ts';
import type { Rules } from './terms.ts';
import { sameValue } from './values.ts';

/**
 * Classes of the errors that the language throws. Such an error shows that the author overlooked these bytes.
 */
const ACCIDENTS = [TypeError, RangeError, ReferenceError, EvalError];

/**
 * Words that V8 and JavaScriptCore use when code fails by itself. A message with other words comes from an
 * author.
 */
const OF_THE_ENGINE = [
  /^Cannot (read|set) propert|^Cannot (access|assign|convert|create|destructure|mix|perform|use) /,
  /^Invalid (array|array buffer|code point|count|DataView|string|time|typed array)\b/,
  /^(Start )?offset .*(outside|out of) /i,
  /^(Array buffer allocation|Assignment to constant|Byte length of|Reduce of empty)/i,
  /^(Maximum (BigInt|call stack)|Out of (bounds|memory)|Length out of range|toString\(\) radix)/i,
  / is not (a constructor|a function|an object|defined|iterable)\b/,
];

/** Error codes with which Node refuses a wrong argument. */
const OF_NODE = /^ERR_(OUT_OF_RANGE|BUFFER_|INVALID_(ARG|RETURN|STATE|THIS)|STRING_TOO)/;

function codeOf(error: Error): string {
  const code: unknown = Reflect.get(error, 'code');
  return typeof code === 'string' ? code : '';
}

/**
 * Returns whether the language or Node threw the error by itself. Otherwise the author of the target threw it
 * on purpose.
 */
function isAccident(error: Error): boolean {
  if (!ACCIDENTS.some((kind) => error instanceof kind)) {
    return false;
  }
  const code = codeOf(error);
  if (code !== '') {
    return OF_NODE.test(code);
  }
  const plain = ACCIDENTS.some((kind) => Object.getPrototypeOf(error) === kind.prototype);
  return plain && OF_THE_ENGINE.some((words) => words.test(error.message));
}

function allowedByDefault(target: DecoderTarget<unknown, unknown>): Rules['allows'] {
  if ('decoder' in target) {
    return (error) => error instanceof ProtocolError;
  }
  return (error) => error instanceof Error && !isAccident(error);
}

function sameList(
  one: readonly unknown[],
  other: readonly unknown[],
  equals: (one: unknown, other: unknown) => boolean,
): boolean {
  return one.length === other.length && one.every((value, index) => equals(value, other[index]));
}

/** Makes the rules for values and errors from the options. */
export function rulesOf(
  target: DecoderTarget<unknown, unknown>,
  options: ProveDecoderOptions<unknown, unknown>,
): Omit<Rules, 'discards'> {
  const list = (values: readonly unknown[]): readonly unknown[] =>
    options.normalize === undefined ? values : options.normalize(values);
  const equals = (one: unknown, other: unknown): boolean =>
    options.equals === undefined ? sameValue(one, other) : options.equals(one, other);
  const byDefault = allowedByDefault(target);
  return {
    counted: options.normalize === undefined,
    same: (one, other) =>
      options.normalize === undefined && options.equals === undefined
        ? sameList(one, other, sameValue)
        : sameList(list(one), list(other), equals),
    allows: (error) => (options.allows === undefined ? byDefault(error) : options.allows(error)),
  };
}
