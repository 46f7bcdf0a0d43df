// The table of built-in length prefixes. The type LengthPrefix, the readers and writers, the words of the
// command line, the arbitraries and the oracle of the tests, and the list in docs all follow from it. To add
// a prefix, add a row. A row of a new kind also needs a branch in `builtIn`, which does not compile without
// the branch.

import { refuse, shown } from '../options.ts';
import { DESCRIBED_HINT } from './described.ts';
import { fixedCode, varintReadWidth, varintWidth, VARINT_MAX_WIDTH } from './numbers.ts';
import type { FixedCode } from './numbers.ts';
import type { LengthField } from './length-field.ts';

/** A whole number in a fixed number of bytes. With `signed` it is in two's complement. */
export interface FixedRow {
  readonly kind: 'fixed';
  readonly width: number;
  readonly order: 'be' | 'le';
  readonly signed?: boolean;
}

/**
 * LEB128: seven bits in each byte, the lowest bits first. With `minimal` decode refuses any form but the
 * shortest.
 */
export interface VarintRow {
  readonly kind: 'varint';
  readonly minimal: boolean;
}

export type PrefixRow = FixedRow | VarintRow;

// prettier-ignore
export const PREFIXES = {
  u8: { kind: 'fixed', width: 1, order: 'be' },
  u16be: { kind: 'fixed', width: 2, order: 'be' },
  u16le: { kind: 'fixed', width: 2, order: 'le' },
  u24be: { kind: 'fixed', width: 3, order: 'be' },
  u24le: { kind: 'fixed', width: 3, order: 'le' },
  u32be: { kind: 'fixed', width: 4, order: 'be' },
  u32le: { kind: 'fixed', width: 4, order: 'le' },
  u40be: { kind: 'fixed', width: 5, order: 'be' },
  u40le: { kind: 'fixed', width: 5, order: 'le' },
  u48be: { kind: 'fixed', width: 6, order: 'be' },
  u48le: { kind: 'fixed', width: 6, order: 'le' },
  u56be: { kind: 'fixed', width: 7, order: 'be' },
  u56le: { kind: 'fixed', width: 7, order: 'le' },
  u64be: { kind: 'fixed', width: 8, order: 'be' },
  u64le: { kind: 'fixed', width: 8, order: 'le' },
  i32be: { kind: 'fixed', width: 4, order: 'be', signed: true },
  i32le: { kind: 'fixed', width: 4, order: 'le', signed: true },
  varint: { kind: 'varint', minimal: false },
  minimalVarint: { kind: 'varint', minimal: true },
} as const;

/**
 * Name of a built-in prefix: `u` for unsigned or `i` for signed, the width in bits, and the byte order. varint
 * is LEB128. minimalVarint is LEB128 of which decode refuses over-long forms.
 */
export type LengthPrefix = keyof typeof PREFIXES;

/** The same table with one type for all rows. An incomplete row does not compile here. */
const ROWS: Readonly<Record<LengthPrefix, PrefixRow>> = PREFIXES;

export const PREFIX_NAMES: readonly string[] = Object.keys(PREFIXES);

export function isPrefixName(word: unknown): word is LengthPrefix {
  return typeof word === 'string' && Object.hasOwn(PREFIXES, word);
}

/** A checked prefix with everything that encoders and decoders need to know of it. */
export interface PrefixFormat {
  readonly name: string;
  /** Code for `readFixed`. It is 0 when the width varies or the field is custom. */
  readonly code: FixedCode;
  /** Number of bytes that every length takes, or 0 when lengths take different numbers of bytes. */
  readonly width: number;
  readonly maxWidth: number;
  readonly maxLength: number;
  /** Whether decode refuses an over-long form of a varint. */
  readonly minimal: boolean;
  readonly custom: LengthField | undefined;
  /** Number with all bits that can be flags. It is 0 if the prefix has no flags. */
  readonly flagBits: number;
  /** Maximum number of bytes to read for a length, when lengths up to `largest` are acceptable. */
  readonly readWidth: (largest: number) => number;
  /**
   * Maximum width of a prefix when lengths go up to `largest`. For a varint this is the number of bytes that
   * `largest` needs, for all other formats `maxWidth`. Decode refuses a wider prefix as over-long.
   */
  readonly canonicalWidth: (largest: number) => number;
}

/** Checks a prefix and makes its format. Throws UsageError ERR_OPTION for a value that is no prefix. */
export function resolvePrefix(prefix: LengthPrefix | LengthField): PrefixFormat {
  if (typeof prefix === 'object' && prefix !== null) {
    return customFormat(prefix);
  }
  if (isPrefixName(prefix)) {
    return builtIn(prefix, ROWS[prefix]);
  }
  return refuse(
    `prefix ${shown(prefix)} is not a length format.`,
    `Use ${PREFIX_NAMES.join(', ')}, or a LengthField. ${DESCRIBED_HINT}`,
  );
}

function builtIn(name: string, row: PrefixRow): PrefixFormat {
  switch (row.kind) {
    case 'fixed':
      return fixedFormat(name, row);
    case 'varint':
      return {
        ...unset(name, VARINT_MAX_WIDTH),
        minimal: row.minimal,
        readWidth: varintReadWidth,
        canonicalWidth: varintWidth,
      };
  }
}

/**
 * Returns a prefix format with default values, which the callers complete. All formats have the same
 * properties in the same order. Hot paths read the formats of every codec in the process, and would lose a
 * quarter of their speed with objects of several shapes.
 */
function unset(name: string, maxWidth: number): PrefixFormat {
  return {
    name,
    code: 0,
    width: 0,
    maxWidth,
    maxLength: Number.MAX_SAFE_INTEGER,
    minimal: false,
    custom: undefined,
    flagBits: 0,
    readWidth: () => maxWidth,
    canonicalWidth: () => maxWidth,
  };
}

function fixedFormat(name: string, { width, order, signed = false }: FixedRow): PrefixFormat {
  const most = 2 ** (8 * width - (signed ? 1 : 0)) - 1;
  return {
    ...unset(name, width),
    code: fixedCode(width, order === 'le', signed),
    width,
    maxLength: Math.min(most, Number.MAX_SAFE_INTEGER),
  };
}

function customFormat(field: LengthField): PrefixFormat {
  const { maxWidth, fixed = false, maxLength = Number.MAX_SAFE_INTEGER } = field;
  const { name = 'custom', headLength = 0, flagBits = 0, flags = 'ignore' } = field;
  const usable =
    Number.isSafeInteger(maxWidth) &&
    maxWidth > 0 &&
    Number.isSafeInteger(maxLength) &&
    maxLength >= 0 &&
    typeof name === 'string' &&
    [headLength, flagBits].every((one) => Number.isSafeInteger(one) && one >= 0) &&
    flags === 'ignore' &&
    typeof field.read === 'function' &&
    typeof field.write === 'function';
  if (!usable) {
    refuse(
      'prefix is an object but not a LengthField.',
      `A LengthField has a positive maxWidth, read(bytes, at) and write(length, head). ${DESCRIBED_HINT}`,
    );
  }
  const width = fixed ? maxWidth : 0;
  return { ...unset(name, maxWidth), width, maxLength, custom: field, flagBits };
}
