// number() makes a length field for a number of fixed width that is no plain number. The number shares its
// bytes with flags (`mask`), counts units of several bytes (`unit`), or has a byte order that a bit of the
// head decides (`swapIf`). A plain number does not need this function, because it has a name, such as
// 'u16be'.

import { checkNames, oneOf, refuse, refuseValue, whole } from '../options.ts';
import type { OptionNames } from '../options.ts';
import type { LengthField, MaskedField } from './length-field.ts';
import { malformed } from './malformed.ts';
import { otherOrder, readFixed, writeFixed } from './numbers.ts';
import { isPrefixName, resolvePrefix } from './prefixes.ts';
import type { LengthPrefix, PrefixFormat, PREFIXES } from './prefixes.ts';

/** Name of a built-in prefix of fixed width. */
export type FixedPrefix = {
  [Name in LengthPrefix]: (typeof PREFIXES)[Name] extends { readonly kind: 'fixed' } ? Name : never;
}[LengthPrefix];

/**
 * Bits in front of the length that decide its byte order. If a bit of `mask` is set in byte `at` of the
 * frame, the length has the other byte order.
 */
export interface OrderFlag {
  readonly at: number;
  readonly mask: number;
}

/** Options of `number`. */
export interface NumberOptions {
  /** Format of the number, such as 'u16be'. */
  readonly type: FixedPrefix;
  /**
   * Bits of the number that hold the length, one run of ones such as 0x0fff. The other bits are flags. With
   * `deliver: 'parts'` a value has the flags as the number `flags`, in which each bit stands where it stands
   * on the wire. For signed types, and for types of more than 6 bytes, a mask throws ERR_OPTION. Default all
   * bits.
   */
  readonly mask?: number | undefined;
  /**
   * Number of bytes in one unit, for a number that counts units. Encode refuses a length that is no multiple
   * of the unit. Default 1.
   */
  readonly unit?: number | undefined;
  /**
   * Bits in front of the number that decide its byte order. If a bit of `mask` is set in byte `at` of the
   * frame, the number has the opposite byte order of `type`. Throws ERR_OPTION for a number of one byte, and
   * if `before` ends in front of byte `at`. Default none.
   */
  readonly swapIf?: OrderFlag | undefined;
  /**
   * Effect on decode of flags when values are payloads alone. 'ignore' drops the flags. Where values are not
   * payloads alone, and without `mask`, the option has no effect. Default: decode refuses a prefix in which a
   * flag is set, with ERR_PREFIX_MALFORMED.
   */
  readonly flags?: 'ignore' | undefined;
}

const NAMES = {
  type: true,
  mask: true,
  unit: true,
  swapIf: true,
  flags: true,
} satisfies OptionNames<NumberOptions>;
const SWAP_NAMES = { at: true, mask: true } satisfies OptionNames<OrderFlag>;

/** Maximum width in bytes of a number with a mask. JavaScript holds numbers up to this width exactly. */
const MAX_MASKED_WIDTH = 6;

/** The checked options of a field. */
interface Spec {
  readonly code: number;
  readonly width: number;
  /** The largest number of the type. */
  readonly largest: number;
  readonly unit: number;
  /**
   * The bits of the mask: `low` is the lowest, and `span` is 2 to the number of bits, or 0 without a mask. The
   * number in these bits is `floor(number / low) % span`.
   */
  readonly low: number;
  readonly span: number;
  readonly swapIf: OrderFlag | undefined;
}

/**
 * Makes a prefix for a length in a number of fixed width that shares its bytes with flags, counts units, or
 * has a byte order that a bit decides: `number({ type: 'u16be', mask: 0x0fff, unit: 4 })`. Throws UsageError
 * ERR_OPTION for wrong options and for options that contradict each other.
 */
export function number(options: NumberOptions & { readonly mask: number }): MaskedField;
export function number(options: NumberOptions): LengthField;
export function number(options: NumberOptions): LengthField {
  const spec = resolveNumber(options);
  const { low, span, unit, width, largest } = spec;
  const hasMask = options.mask !== undefined;
  const most = (hasMask ? span - 1 : largest) * unit;
  return Object.freeze({
    name: 'number',
    maxWidth: width,
    fixed: true,
    maxLength: Math.min(most, Number.MAX_SAFE_INTEGER),
    ...(spec.swapIf === undefined ? {} : { headLength: spec.swapIf.at + 1 }),
    ...(hasMask ? { flagBits: largest - (span - 1) * low } : {}),
    ...(options.flags === undefined ? {} : { flags: options.flags }),
    read: (bytes: Uint8Array, at: number) => readNumber(spec, bytes, at),
    write: (length: number, head: Uint8Array, flags: number = 0) => {
      const count = length / unit;
      if (!Number.isInteger(count)) {
        throw malformed(`it counts in units of ${unit} bytes`, 'Pad the payload to whole units.');
      }
      const bytes = new Uint8Array(width);
      writeFixed(codeFor(spec, head), count * low + flags, bytes, 0);
      return bytes;
    },
  });
}

function readNumber(
  spec: Spec,
  bytes: Uint8Array,
  at: number,
): { length: number; width: number; flags?: number } | undefined {
  const { low, span, unit, width } = spec;
  if (bytes.length - at < width) {
    return undefined;
  }
  const all = readFixed(codeFor(spec, bytes), bytes, at);
  if (span === 0) {
    return { length: all * unit, width };
  }
  const count = Math.floor(all / low) % span;
  return { length: count * unit, width, flags: all - count * low };
}

/**
 * Returns the code for `readFixed` and `writeFixed`. If the bits of the head say so, it is the code of the
 * other byte order.
 */
function codeFor({ code, swapIf }: Spec, head: Uint8Array): number {
  const swaps = swapIf !== undefined && ((head[swapIf.at] ?? 0) & swapIf.mask) !== 0;
  return swaps ? otherOrder(code) : code;
}

function resolveNumber(options: NumberOptions): Spec {
  checkNames('number', options, NAMES);
  const { type, mask, unit = 1, swapIf, flags } = options;
  const { code, width, maxLength: largest } = fixedFormat(type);
  if (flags !== undefined) {
    oneOf('flags', flags, ['ignore']);
  }
  if (swapIf !== undefined) {
    checkNames('swapIf', swapIf, SWAP_NAMES);
    whole('swapIf.at', swapIf.at);
    whole('swapIf.mask', swapIf.mask, { min: 1, max: 255 });
    if (width === 1) {
      refuse('swapIf chooses a byte order, but a number of one byte has none.');
    }
  }
  return {
    code,
    width,
    largest,
    unit: whole('unit', unit, { min: 1 }),
    ...(mask === undefined ? { low: 1, span: 0 } : bitsOf(mask, type)),
    swapIf: swapIf === undefined ? undefined : { ...swapIf },
  };
}

/**
 * Returns where the run of ones in a mask lies, as `low` and `span` of Spec. Refuses a mask that is not one
 * run of ones.
 */
function bitsOf(mask: number, type: FixedPrefix): { low: number; span: number } {
  const { width, maxLength } = fixedFormat(type);
  if (width > MAX_MASKED_WIDTH || type.startsWith('i')) {
    refuse(
      `A number of type ${type} cannot have a mask.`,
      'Only unsigned types of up to 6 bytes can have one.',
    );
  }
  whole('mask', mask, { min: 1, max: maxLength });
  let low = 1;
  while (Math.floor(mask / low) % 2 === 0) {
    low *= 2;
  }
  const span = mask / low + 1;
  if (!Number.isInteger(Math.log2(span)) || mask === maxLength) {
    const what = 'one run of ones with room for flags, such as 0x0fff';
    refuseValue('mask', { what, hint: 'Without flags leave mask out.' }, mask);
  }
  return { low, span };
}

function fixedFormat(type: unknown): PrefixFormat {
  const format = isPrefixName(type) ? resolvePrefix(type) : undefined;
  if (format !== undefined && format.code !== 0) {
    return format;
  }
  return refuseValue('type', 'a prefix of fixed width, such as u16be', type);
}
