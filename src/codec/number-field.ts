// number(): a length that is a number of fixed width with something special about it. It shares its bytes
// with flags (`mask`), counts words (`unit`), or has the byte order that a flag of the head says (`swapIf`).
// A plain number needs none of this: its name is enough as a prefix.

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

/** Bits of a byte in front of the length: if one of `mask` is set in byte `at`, the byte order is swapped. */
export interface OrderFlag {
  readonly at: number;
  readonly mask: number;
}

export interface NumberOptions {
  /** Format of the number. */
  readonly type: FixedPrefix;
  /**
   * Bits of the number that hold the length, one run of ones such as 0x0fff. Default all bits. The other
   * bits are the part `flags` of a frame: a number, with its bits in their place. An unsigned type of at
   * most 6 bytes can have a mask.
   */
  readonly mask?: number | undefined;
  /** Number of bytes that the number counts as 1. Default 1. Encode refuses a length between two units. */
  readonly unit?: number | undefined;
  /**
   * Bits of the head that say the byte order. If a bit of `mask` is set in byte `at` of the frame, the
   * number is in the other byte order than `type` says. That byte must stand in front of the number.
   */
  readonly swapIf?: OrderFlag | undefined;
  /**
   * What decode does with flags when values are payloads alone. By default it refuses any flag that is set
   * with ERR_PREFIX_MALFORMED. 'ignore' drops the flags.
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

/** Numbers of up to 6 bytes are exact, and so are their bits. */
const MAX_MASKED_WIDTH = 6;

/** What a field knows of its number. */
interface Spec {
  readonly code: number;
  readonly width: number;
  /** The largest number of the type. */
  readonly largest: number;
  readonly unit: number;
  /** The length is `number / low % span`: the bits of the mask, moved to the right end. */
  readonly low: number;
  readonly span: number;
  readonly swapIf: OrderFlag | undefined;
}

/**
 * A length in a number of fixed width, with flags beside it, in units, or with a byte order by flag:
 * `number({ type: 'u16be', mask: 0x0fff, unit: 4 })`. Throws UsageError ERR_OPTION for options that
 * contradict each other.
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

/** The code of the number behind this head: in the other byte order if the head says so. */
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

/** Where the run of ones in a mask lies. */
function bitsOf(mask: number, type: FixedPrefix): { low: number; span: number } {
  const { width, maxLength } = fixedFormat(type);
  if (width > MAX_MASKED_WIDTH || type.startsWith('i')) {
    refuse(
      `A number of type ${type} has no mask.`,
      'An unsigned type of up to 6 bytes can have one.',
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
