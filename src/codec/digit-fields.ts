// Lengths in digits: ASCII decimal and hexadecimal digits, and BCD. Each is a LengthField, so that a program
// which imports none of them does not load this code.
//
// Rules:
// - A length consists of digits, and in `digitsUntil` of the byte that ends them. A sign, a blank or any
//   other byte is refused as soon as it comes, so that the decoder notices a wrong stream at its first wrong
//   byte.
// - A refusal says what was expected, and never quotes the byte. In a field of fixed width it also names the
//   place of the wrong byte.

import { checkNames, oneOf, refuseValue, whole } from '../options.ts';
import type { OptionNames } from '../options.ts';
import { encodeUtf8 } from '../utf8.ts';
import type { LengthField } from './length-field.ts';
import { malformed } from './malformed.ts';

/**
 * Maximum number of digits. 16 decimal digits hold 2^53-1, so a longer number has zeros in front or is too
 * large.
 */
const MAX_DIGITS = 16;
const ZERO = 48;
const NINE = 57;
const LOWER_A = 97;
const UPPER_A = 65;

/** A way to write a number with one digit of base `base` in each byte, the highest first. */
interface Notation {
  readonly name: string;
  readonly base: number;
  /** What a byte must be. The error quotes this text. */
  readonly byteIs: string;
  /** Returns the value of a byte, or -1 if the byte is no digit. */
  valueOf(byte: number): number;
  byteOf(value: number): number;
}

const DECIMAL: Notation = {
  name: 'digits',
  base: 10,
  byteIs: 'a decimal digit in ASCII',
  valueOf: (byte) => (byte >= ZERO && byte <= NINE ? byte - ZERO : -1),
  byteOf: (value) => ZERO + value,
};

const HEXADECIMAL: Notation = {
  name: 'hexDigits',
  base: 16,
  byteIs: 'a hexadecimal digit in ASCII',
  valueOf(byte) {
    const decimal = DECIMAL.valueOf(byte);
    if (decimal >= 0) {
      return decimal;
    }
    const letter = byte >= LOWER_A ? byte - LOWER_A : byte - UPPER_A;
    return letter >= 0 && letter < 6 ? letter + 10 : -1;
  },
  byteOf: (value) => (value < 10 ? ZERO + value : LOWER_A - 10 + value),
};

const UPPER_HEXADECIMAL: Notation = {
  ...HEXADECIMAL,
  byteOf: (value) => (value < 10 ? ZERO + value : UPPER_A - 10 + value),
};

const BCD: Notation = {
  name: 'bcd',
  base: 100,
  byteIs: 'two decimal digits, 0 to 9, in its halves',
  valueOf(byte) {
    const high = byte >> 4;
    const low = byte & 15;
    return high > 9 || low > 9 ? -1 : high * 10 + low;
  },
  byteOf: (value) => (Math.floor(value / 10) << 4) | (value % 10),
};

/**
 * Makes a length field of `count` decimal digits in ASCII, padded with zeros: `digits(4)` writes 5 as `0005`.
 * Decode refuses a sign, a blank or any other byte with ERR_PREFIX_MALFORMED. `count` is from 1 to 16.
 */
export function digits(count: number): LengthField {
  return fieldOf(DECIMAL, whole('digits', count, { min: 1, max: MAX_DIGITS }));
}

/** Options of `hexDigits`. */
export interface HexDigitsOptions {
  /** Case of the letters that encode writes. Decode accepts both cases. Default 'lower'. */
  readonly letters?: 'lower' | 'upper' | undefined;
}

const HEX_NAMES: OptionNames<HexDigitsOptions> = { letters: true };

/**
 * Makes a length field of `count` hexadecimal digits in ASCII, padded with zeros: `hexDigits(4)` writes 26 as
 * `001a`. Decode takes letters of either case, and refuses any other byte with ERR_PREFIX_MALFORMED. `count`
 * is from 1 to 16.
 */
export function hexDigits(count: number, options: HexDigitsOptions = {}): LengthField {
  checkNames('hexDigits', options, HEX_NAMES);
  const letters = oneOf('letters', options.letters ?? 'lower', ['lower', 'upper']);
  const notation = letters === 'upper' ? UPPER_HEXADECIMAL : HEXADECIMAL;
  return fieldOf(notation, whole('hexDigits', count, { min: 1, max: MAX_DIGITS }));
}

/**
 * Makes a length field of `count` bytes of BCD, two decimal digits a byte, the highest first: `bcd(2)` writes
 * 123 as `01 23`. Decode refuses halves above 9 with ERR_PREFIX_MALFORMED. `count` is from 1 to 8.
 */
export function bcd(count: number): LengthField {
  return fieldOf(BCD, whole('bcd', count, { min: 1, max: MAX_DIGITS / 2 }));
}

function fieldOf(notation: Notation, width: number): LengthField {
  const { base } = notation;
  return Object.freeze({
    name: `${notation.name}(${width})`,
    maxWidth: width,
    fixed: true,
    maxLength: Math.min(base ** width - 1, Number.MAX_SAFE_INTEGER),
    read(bytes: Uint8Array, at: number) {
      const stop = Math.min(bytes.length, at + width);
      let length = 0;
      for (let i = at; i < stop; i++) {
        const value = notation.valueOf(bytes[i] ?? 0);
        if (value < 0) {
          throw wrongByte(i - at, width, notation.byteIs);
        }
        length = length * base + value;
      }
      return stop - at < width ? undefined : { length, width };
    },
    write(length: number) {
      const bytes = new Uint8Array(width);
      let rest = length;
      for (let i = width - 1; i >= 0; i--) {
        bytes[i] = notation.byteOf(rest % base);
        rest = Math.floor(rest / base);
      }
      return bytes;
    },
  });
}

function wrongByte(index: number, width: number, byteIs: string): Error {
  const bytes = width === 1 ? 'is one byte' : `has ${width} bytes`;
  const hint = `The length ${bytes}, and each is ${byteIs}.`;
  return malformed(`byte ${index + 1} of the length is not ${byteIs}`, hint, {
    laterHint: `${hint} Or the length of the previous frame is wrong.`,
  });
}

/** The words of the errors of a field that `untilField` makes. */
export interface UntilWords {
  /** Facts and hints about a byte that is neither a digit nor the end. */
  readonly wrong: readonly [facts: string, hint: string, laterHint?: string];
  /** Facts and hint about a zero in front of other digits. Missing for a field that takes such zeros. */
  readonly leadingZero?: readonly [facts: string, hint: string] | undefined;
  /** Facts and hint about a length of 0. Missing for a field that takes 0. */
  readonly noZero?: readonly [facts: string, hint: string];
}

/** Options of `digitsUntil`. */
export interface DigitsUntilOptions {
  /**
   * Effect of zeros in front of the digits on decode. 'ignore' accepts such zeros, because some FIX engines
   * send them. Encode never writes such zeros, so only a value with `deliver: 'frame'` keeps them. Default:
   * decode refuses them with ERR_PREFIX_MALFORMED.
   */
  readonly leadingZeros?: 'ignore' | undefined;
}

const UNTIL_NAMES: OptionNames<DigitsUntilOptions> = { leadingZeros: true };

/**
 * Makes a length field of decimal digits that one other byte ends: `digitsUntil(' ')` writes 5 as `5 `. `end`
 * is that byte, as a number or as one ASCII character. Decode refuses any other byte that is no digit, more
 * than 16 digits, and, without `leadingZeros`, a zero in front of other digits, with ERR_PREFIX_MALFORMED.
 */
export function digitsUntil(end: number | string, options: DigitsUntilOptions = {}): LengthField {
  checkNames('digitsUntil', options, UNTIL_NAMES);
  const { leadingZeros } = options;
  if (leadingZeros !== undefined) {
    oneOf('leadingZeros', leadingZeros, ['ignore']);
  }
  const shape = 'The length is decimal digits and one byte that ends them.';
  return untilField(endByte(end), {
    wrong: ['the length is not decimal digits up to their end', shape],
    leadingZero: leadingZeros === undefined ? ['the length has a leading zero', shape] : undefined,
  });
}

function endByte(end: unknown): number {
  const byte = typeof end === 'string' && end.length === 1 ? end.charCodeAt(0) : end;
  const most = typeof end === 'string' ? 127 : 255;
  if (typeof byte !== 'number' || !Number.isInteger(byte) || byte < 0 || byte > most) {
    return refuseValue('digitsUntil', END_WORDS, end);
  }
  return isDigit(byte) ? refuseValue('digitsUntil', END_WORDS, end) : byte;
}

const END_WORDS = 'a byte, or one ASCII character, that is no digit';

/**
 * Makes a field as `digitsUntil` does, with the given words for errors. With `words.noZero` the field refuses
 * a length of 0.
 */
export function untilField(end: number, words: UntilWords): LengthField {
  return Object.freeze({
    name: 'digitsUntil',
    maxWidth: MAX_DIGITS + 1,
    maxLength: Number.MAX_SAFE_INTEGER,
    read: (bytes: Uint8Array, at: number) => readUntil(bytes, at, { end, words }),
    write(length: number) {
      if (length === 0 && words.noZero !== undefined) {
        throw malformed(...words.noZero);
      }
      return Uint8Array.of(...encodeUtf8(String(length)), end);
    },
  });
}

function readUntil(
  bytes: Uint8Array,
  at: number,
  { end, words }: { readonly end: number; readonly words: UntilWords },
): { length: number; width: number } | undefined {
  let length = 0;
  for (let i = at; i < bytes.length; i++) {
    const byte = bytes[i] ?? 0;
    const seen = i - at;
    if (byte === end && seen > 0) {
      return { length, width: seen + 1 };
    }
    if (!isDigit(byte)) {
      const [facts, hint, laterHint] = words.wrong;
      throw malformed(facts, hint, laterHint === undefined ? {} : { laterHint });
    }
    if (byte === ZERO && seen === 0 && words.noZero !== undefined) {
      throw malformed(...words.noZero);
    }
    if (seen > 0 && bytes[at] === ZERO && words.leadingZero !== undefined) {
      throw malformed(...words.leadingZero);
    }
    if (seen === MAX_DIGITS) {
      throw malformed('the digits do not end', 'No length needs more than 16 digits.');
    }
    length = length * 10 + (byte - ZERO);
  }
  return undefined;
}

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= NINE;
}
