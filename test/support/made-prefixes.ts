// The prefixes that functions such as digits() make, each with an oracle that works on text and BigInt. The
// oracles are written from the documentation and share no code with src.

import { berLength } from '../../src/codec/ber-length.ts';
import { bcd, digits, digitsUntil, hexDigits } from '../../src/codec/digit-fields.ts';
import type { LengthField } from '../../src/codec/length-field.ts';
import { number } from '../../src/codec/number-field.ts';
import type { NumberOptions } from '../../src/codec/number-field.ts';
import type { PREFIX_MAKERS } from '../../src/codec/prefix-makers.ts';

export interface SlowLength {
  /** Undefined if the length is not a whole number. */
  readonly declared: bigint | undefined;
  readonly width: number;
  readonly flags?: bigint;
}

export type Prefix = SlowLength | 'more' | 'malformed';

export interface MadePrefix {
  readonly prefix: LengthField;
  readonly unit?: number;
  readonly largest: bigint;
  read(bytes: readonly number[], head: readonly number[]): Prefix;
  write(length: bigint, head: readonly number[], flags: bigint): Uint8Array | undefined;
}

const textOf = (bytes: readonly number[]): string => String.fromCharCode(...bytes);
const bytesOf = (text: string): Uint8Array =>
  Uint8Array.from(text.split(''), (character) => character.charCodeAt(0));
const hexOf = (bytes: readonly number[]): string =>
  bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('');

/**
 * A length of `width` bytes, written as one character per byte, or with `asHex` as two hex digits per byte.
 */
function textual(
  prefix: LengthField,
  width: number,
  {
    allowed,
    base,
    asHex = false,
    upper = false,
  }: { allowed: RegExp; base: number; asHex?: boolean; upper?: boolean },
): MadePrefix {
  const characters = asHex ? 2 * width : width;
  return {
    prefix,
    largest: BigInt(base) ** BigInt(characters) - 1n,
    read(bytes) {
      const seen = bytes.slice(0, width);
      const text = asHex ? hexOf(seen) : textOf(seen);
      if (!allowed.test(text)) {
        return 'malformed';
      }
      if (seen.length < width) {
        return 'more';
      }
      return { declared: BigInt(base === 16 ? `0x${text}` : text), width };
    },
    write(length) {
      const lower = length.toString(base).padStart(characters, '0');
      const text = upper ? lower.toUpperCase() : lower;
      return asHex ? Uint8Array.from(Buffer.from(text, 'hex')) : bytesOf(text);
    },
  };
}

function until(end: string, zeros = false): MadePrefix {
  const digitsOnly = zeros ? String.raw`\d{1,16}` : String.raw`(?:0|[1-9]\d{0,15})`;
  return {
    prefix: digitsUntil(end, zeros ? { leadingZeros: 'ignore' } : {}),
    largest: 2n ** 53n - 1n,
    read(bytes) {
      const text = textOf(bytes);
      const whole = new RegExp(`^${digitsOnly}(?=[^0-9])`).exec(text)?.[0];
      if (whole !== undefined && text[whole.length] === end) {
        return { declared: BigInt(whole), width: whole.length + 1 };
      }
      return new RegExp(`^(?:${digitsOnly})?$`).test(text) ? 'more' : 'malformed';
    },
    write: (length) => bytesOf(`${length}${end}`),
  };
}

const ber: MadePrefix = {
  prefix: berLength,
  largest: 2n ** 53n - 1n,
  read([first, ...rest]) {
    if (first === undefined) {
      return 'more';
    }
    if (first < 128) {
      return { declared: BigInt(first), width: 1 };
    }
    const count = first - 128;
    if (count < 1 || count > 7) {
      return 'malformed';
    }
    const some = rest.slice(0, count);
    return some.length < count
      ? 'more'
      : { declared: BigInt(`0x${hexOf(some)}`), width: 1 + count };
  },
  write(length) {
    const text = length.toString(16);
    const bytes = Uint8Array.from(
      Buffer.from(text.padStart(text.length + (text.length % 2), '0'), 'hex'),
    );
    return length < 128n ? bytes : Uint8Array.of(128 + bytes.length, ...bytes);
  },
};

/** The oracle of `number()`, with BigInt. */
function masked(options: NumberOptions): MadePrefix {
  const { type, mask, unit = 1, swapIf } = options;
  const [, sign, bits = '8', order] = /^([ui])(\d+)(be|le)?$/.exec(type) ?? [];
  const width = Number(bits) / 8;
  const all = 2n ** BigInt(bits) - 1n;
  const held = mask === undefined ? all : BigInt(mask);
  const isLittle = (head: readonly number[]): boolean => {
    const swaps = swapIf !== undefined && ((head[swapIf.at] ?? 0) & swapIf.mask) > 0;
    return (order === 'le') !== swaps;
  };
  const lowest = held & -held;
  const most = sign === 'i' ? all >> 1n : held / lowest;
  return {
    prefix: number(options),
    unit,
    largest: most * BigInt(unit),
    read(bytes, head) {
      const some = bytes.slice(0, width);
      if (some.length < width) {
        return 'more';
      }
      const raw = BigInt(`0x${hexOf(isLittle(head) ? some.toReversed() : some)}`);
      const value = sign === 'i' ? BigInt.asIntN(8 * width, raw) : (raw & held) / lowest;
      return { declared: value * BigInt(unit), width, flags: raw & ~held & all };
    },
    write(length, head, flags) {
      if (length % BigInt(unit) !== 0n) {
        return undefined;
      }
      const raw = (length / BigInt(unit)) * lowest + flags;
      const bytes = Uint8Array.from(Buffer.from(raw.toString(16).padStart(2 * width, '0'), 'hex'));
      return isLittle(head) ? bytes.toReversed() : bytes;
    },
  };
}

const DECIMAL = /^[0-9]*$/;
const HEXADECIMAL = /^[0-9a-fA-F]*$/;

/** Samples of every function that makes a prefix. If one is missing, this file does not compile. */
export const MADE = {
  digits: [1, 3, 5, 16].map((count) =>
    textual(digits(count), count, { allowed: DECIMAL, base: 10 }),
  ),
  hexDigits: [
    ...[2, 4, 16].map((count) =>
      textual(hexDigits(count), count, { allowed: HEXADECIMAL, base: 16 }),
    ),
    textual(hexDigits(4, { letters: 'upper' }), 4, {
      allowed: HEXADECIMAL,
      base: 16,
      upper: true,
    }),
  ],
  bcd: [1, 2, 8].map((count) =>
    textual(bcd(count), count, { allowed: DECIMAL, base: 10, asHex: true }),
  ),
  digitsUntil: [...[' ', ':', '/'].map((end) => until(end)), until(',', true)],
  berLength: [ber],
  number: [
    masked({ type: 'u16be', mask: 0x0fff, unit: 4 }),
    masked({ type: 'u16le', mask: 0x3ff, flags: 'ignore' }),
    masked({ type: 'u8', mask: 0xfe }),
    masked({ type: 'u32be', mask: 0x7f_ff_ff_ff }),
    masked({ type: 'u48le', mask: 0xff_ff_ff_ff_00 }),
    masked({ type: 'u24be', unit: 2 }),
    masked({ type: 'u16be', swapIf: { at: 0, mask: 0x01 } }),
    masked({ type: 'u32le', swapIf: { at: 1, mask: 0xf0 }, mask: 0x00_ff_ff_00, unit: 3 }),
    masked({ type: 'i32be', swapIf: { at: 1, mask: 0x80 } }),
  ],
} satisfies Record<keyof typeof PREFIX_MAKERS, readonly MadePrefix[]>;

const all: readonly MadePrefix[] = Object.values(MADE).flat();
const byField = new Map(all.map((one) => [one.prefix, one]));

export const madePrefixes: readonly LengthField[] = all.map(({ prefix }) => prefix);

/** The oracle of a prefix that a function made; undefined for any other field. */
export function madeBy(prefix: LengthField): MadePrefix | undefined {
  return byField.get(prefix);
}
