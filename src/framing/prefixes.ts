// Turns the length prefixes of descriptions in JSON into the values that lengthPrefixed() takes.

import { berLength } from '../codec/ber-length.ts';
import { bcd, digits, digitsUntil, hexDigits } from '../codec/digit-fields.ts';
import { berTagAndLength, decimalAndSpace, i32OrU64 } from '../codec/formats/format-fields.ts';
import type {
  NamedPrefix,
  NumberDescription,
  PrefixDescription,
  SwapDescription,
} from '../codec/formats/framing-types.ts';
import { fromHex } from '../codec/hex.ts';
import type { LengthField } from '../codec/length-field.ts';
import { number } from '../codec/number-field.ts';
import type { NumberOptions } from '../codec/number-field.ts';
import { isPrefixName, PREFIX_NAMES } from '../codec/prefixes.ts';
import type { LengthPrefix } from '../codec/prefixes.ts';
import { checkNames, refuseValue } from '../options.ts';
import type { OptionNames } from '../options.ts';
import { suggestion } from './nearest.ts';

/** The prefixes that are length fields, by their names in descriptions. */
const NAMED: Readonly<Record<NamedPrefix, LengthField>> = {
  berLength,
  berTagAndLength,
  decimalAndSpace,
  i32OrU64,
};

type Given = Readonly<Record<string, unknown>>;

interface Maker {
  /** The names of the options that may stand beside the argument. */
  readonly options?: Readonly<Record<string, true>>;
  readonly make: (argument: unknown, options: Given) => LengthField;
}

/**
 * The prefixes that have one argument. Each stands under the name of the function that makes it, as in `{
 * "digits": 5 }`. The function checks the values of the options.
 */
const MAKERS: Readonly<Record<string, Maker>> = {
  digits: { make: (count) => digits(numberOf('prefix.digits', count)) },
  hexDigits: {
    options: { letters: true },
    make: (count, options) => hexDigits(numberOf('prefix.hexDigits', count), options),
  },
  bcd: { make: (count) => bcd(numberOf('prefix.bcd', count)) },
  digitsUntil: {
    options: { leadingZeros: true },
    make: (end, options) => digitsUntil(bitsOf('prefix.digitsUntil', end), options),
  },
};

const NUMBER_NAMES: OptionNames<NumberDescription> = {
  type: true,
  mask: true,
  unit: true,
  swapIf: true,
  flags: true,
};
const SWAP_NAMES: OptionNames<SwapDescription> = { at: true, mask: true };

function isObject(given: unknown): given is Given {
  return typeof given === 'object' && given !== null && !Array.isArray(given);
}

function isNamed(word: unknown): word is NamedPrefix {
  return typeof word === 'string' && Object.hasOwn(NAMED, word);
}

/** Every name that can stand as the prefix in a description. */
export const PREFIX_WORDS: readonly string[] = [...PREFIX_NAMES, ...Object.keys(NAMED)];

/**
 * Returns the prefix as lengthPrefixed() takes prefixes. Throws UsageError ERR_OPTION for a value that is no
 * prefix.
 */
export function resolvePrefixDescription(
  given: PrefixDescription | undefined,
): LengthPrefix | LengthField | undefined {
  if (given === undefined || isPrefixName(given)) {
    return given;
  }
  if (isNamed(given)) {
    return NAMED[given];
  }
  return isObject(given) ? resolveObject(given) : refusePrefix(given);
}

function refusePrefix(given: unknown): never {
  const hint = `${suggestion(given, PREFIX_WORDS)}Prefixes are ${PREFIX_WORDS.join(', ')}, { digits }, { hexDigits }, { bcd }, { digitsUntil }, or { type, mask, unit, swapIf, flags }.`;
  return refuseValue('prefix', { what: 'a prefix', hint }, given);
}

function resolveObject(given: Given): LengthField {
  if (Object.hasOwn(given, 'type')) {
    return resolveNumber(given);
  }
  const [name = '', maker] =
    Object.entries(MAKERS).find(([each]) => Object.hasOwn(given, each)) ?? [];
  if (maker === undefined) {
    return refusePrefix(given);
  }
  checkNames('prefix', given, { [name]: true, ...maker.options });
  const { [name]: argument, ...options } = given;
  return maker.make(argument, options);
}

function resolveNumber(given: Given): LengthField {
  checkNames('prefix', given, NUMBER_NAMES);
  const { mask, swapIf } = given;
  const options: unknown = {
    ...given,
    ...(mask === undefined ? {} : { mask: bitsOf('prefix.mask', mask) }),
    ...(swapIf === undefined ? {} : { swapIf: resolveSwap(swapIf) }),
  };
  // The function number() checks the value of every option again.
  return number(options as NumberOptions);
}

function resolveSwap(given: unknown): object {
  if (!isObject(given)) {
    return refuseValue('prefix.swapIf', 'an object { at, mask }', given);
  }
  checkNames('prefix.swapIf', given, SWAP_NAMES);
  return { at: given['at'], mask: bitsOf('prefix.swapIf.mask', given['mask']) };
}

/**
 * Reads hex as a number, for bits or for a byte. Throws UsageError for more than 6 bytes, because a number
 * could not hold all of these exactly.
 */
function bitsOf(name: string, given: unknown): number {
  const bytes = typeof given === 'string' ? fromHex(name, given) : undefined;
  if (bytes === undefined || bytes.length > 6) {
    return refuseValue(name, { what: 'hex of at most 6 bytes', hint: "Such as '0f ff'." }, given);
  }
  return bytes.reduce((sum, byte) => sum * 256 + byte, 0);
}

function numberOf(name: string, given: unknown): number {
  return typeof given === 'number' ? given : refuseValue(name, 'a number', given);
}
