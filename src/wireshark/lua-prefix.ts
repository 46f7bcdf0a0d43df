// The length prefix of a description, as a Lua function.
//
//   read_prefix(bytes, at, start)    at: offset of the prefix; start: offset of the frame; both from 0
//   ─▶ length, width, flags          as the length field of the codec gives them
//   ─▶ nil                           bytes are missing
//   ─▶ false, reason                 these bytes are no length
//
// Numbers are floats (`0.0`), because integers of Lua 5.3 would wrap for a hostile length of 8 bytes.

import type {
  NamedPrefix,
  NumberDescription,
  PrefixDescription,
} from '../codec/formats/framing-types.ts';
import type { FrameLayout } from '../codec/frame-layout.ts';
import { isPrefixName, PREFIXES } from '../codec/prefixes.ts';
import type { LengthPrefix, PrefixRow } from '../codec/prefixes.ts';

const ROWS: Readonly<Record<LengthPrefix, PrefixRow>> = PREFIXES;

/** Lua that reads a whole number of `width` bytes. */
const READ_NUMBER = `
local function read_number(bytes, at, width, is_little)
  local value = 0.0
  for i = 1, width do
    value = value * 256 + string.byte(bytes, at + (is_little and width + 1 - i or i))
  end
  return value
end
`;

/**
 * Lua that says whether one of the bits of a mask is set. It uses no operators for bits, because Lua 5.2 does
 * not have them.
 */
const HAS_BIT = `
local function has_bit(byte, mask)
  while mask > 0 do
    if mask % 2 >= 1 and byte % 2 >= 1 then
      return true
    end
    mask, byte = math.floor(mask / 2), math.floor(byte / 2)
  end
  return false
end
`;

function reader(body: string): string {
  return `
local function read_prefix(bytes, at, start)
  local have = #bytes - at
${body}end
`;
}

function fixedReader(type: LengthPrefix, isSwapped = 'false'): string {
  const row = ROWS[type];
  if (row.kind !== 'fixed') {
    return '';
  }
  const { width, order, signed = false } = row;
  const little = order === 'le' ? `not ${isSwapped}` : isSwapped;
  const sign = signed
    ? `  if value >= 2 ^ ${8 * width - 1} then\n    value = value - 2 ^ ${8 * width}\n  end\n`
    : '';
  return `  if have < ${width} then
    return nil
  end
  local value = read_number(bytes, at, ${width}, ${little})
${sign}`;
}

function varintReader(layout: FrameLayout): string {
  const { prefixReadWidth, prefixCanonicalWidth, prefix } = layout;
  const most = prefix.minimal ? 'true' : 'false';
  return reader(`  local value, unit = 0.0, 1.0
  for width = 1, ${prefixReadWidth} do
    if have < width then
      return nil
    end
    local byte = string.byte(bytes, at + width)
    value = value + byte % 128 * unit
    unit = unit * 128
    if byte < 128 then
      if width > ${prefixCanonicalWidth} or (${most} and width > 1 and byte == 0) then
        return false, "the varint has more bytes than it needs"
      end
      return value, width
    end
  end
  return false, "the varint does not end"
`);
}

function numberReader({ type, mask, unit = 1, swapIf }: NumberDescription): string {
  const row = ROWS[type];
  const width = row.kind === 'fixed' ? row.width : 0;
  const swap =
    swapIf === undefined
      ? ''
      : `  if #bytes - start <= ${swapIf.at} then
    return nil
  end
  local is_swapped = has_bit(string.byte(bytes, start + ${swapIf.at + 1}), ${hexNumber(swapIf.mask)})
`;
  const whole = fixedReader(type, swapIf === undefined ? 'false' : 'is_swapped');
  if (mask === undefined) {
    return reader(`${swap}${whole}  return value * ${unit}, ${width}\n`);
  }
  const { low, span } = runOf(hexNumber(mask));
  return reader(`${swap}${whole}  local count = math.floor(value / ${low}) % ${span}
  return count * ${unit}, ${width}, value - count * ${low}
`);
}

/**
 * Returns the run of ones in a mask, which the codec has checked. The number in the run is `floor(number /
 * low) % span`.
 */
function runOf(mask: number): { readonly low: number; readonly span: number } {
  let low = 1;
  while (Math.floor(mask / low) % 2 === 0) {
    low *= 2;
  }
  return { low, span: mask / low + 1 };
}

/** Returns the number that a text in hex means. The codec has checked the text. */
export function hexNumber(text: string): number {
  return Number.parseInt(text.replaceAll(/\s/g, ''), 16);
}

/**
 * Returns Lua that reads `count` bytes, each of which is a digit of the base. `digit` is Lua that sets
 * `digit` from `byte`.
 */
function digitsReader(count: number, base: number, digit: string): string {
  return reader(`  local value = 0.0
  for i = 1, math.min(${count}, have) do
    local byte = string.byte(bytes, at + i)
    local digit = nil
${digit}    if digit == nil then
      return false, "the length has a byte that is no digit"
    end
    value = value * ${base} + digit
  end
  if have < ${count} then
    return nil
  end
  return value, ${count}
`);
}

const DECIMAL = `    if byte >= 48 and byte <= 57 then
      digit = byte - 48
    end
`;
const HEXADECIMAL = `${DECIMAL}    if byte >= 65 and byte <= 70 then
      digit = byte - 55
    end
    if byte >= 97 and byte <= 102 then
      digit = byte - 87
    end
`;
const BCD = `    if byte % 16 <= 9 and byte < 160 then
      digit = math.floor(byte / 16) * 10 + byte % 16
    end
`;

interface Until {
  readonly takesLeadingZeros?: boolean;
  readonly takesZero?: boolean;
}

/** Returns Lua that reads decimal digits up to the byte `end`. */
function untilReader(
  end: number,
  { takesLeadingZeros = false, takesZero = true }: Until = {},
): string {
  const zeros = takesLeadingZeros
    ? ''
    : `    if i > 1 and string.byte(bytes, at + 1) == 48 then
      return false, "the length has a leading zero"
    end
`;
  const zero = takesZero
    ? ''
    : `    if i == 1 and byte == 48 then
      return false, "the length begins with a zero"
    end
`;
  return reader(`  local value = 0.0
  for i = 1, 17 do
    if have < i then
      return nil
    end
    local byte = string.byte(bytes, at + i)
    if byte == ${end} and i > 1 then
      return value, i
    end
    if byte < 48 or byte > 57 then
      return false, "the length has a byte that is neither a decimal digit nor the end byte"
    end
${zero}${zeros}    value = value * 10 + byte - 48
  end
  return false, "the digits do not end"
`);
}

const BER_LENGTH = `
local function read_ber_length(bytes, at)
  local have = #bytes - at
  if have < 1 then
    return nil
  end
  local first = string.byte(bytes, at + 1)
  if first < 128 then
    return first, 1
  end
  local count = first - 128
  if count == 0 or count > 7 then
    return false, "the BER length is indefinite or too long"
  end
  if have < 1 + count then
    return nil
  end
  return read_number(bytes, at + 1, count, false), 1 + count
end
`;

/**
 * Lua for the prefixes that have a name in descriptions. If a name has no row, this table does not compile.
 */
const NAMED: Readonly<Record<NamedPrefix, string>> = {
  berLength: `${BER_LENGTH}${reader('  return read_ber_length(bytes, at)\n')}`,
  berTagAndLength: `${BER_LENGTH}${reader(`  if have < 1 then
    return nil
  end
  local width = 1
  if string.byte(bytes, at + 1) % 32 == 31 then
    repeat
      if have <= width then
        return nil
      end
      width = width + 1
    until string.byte(bytes, at + width) < 128 or width == 6
    if string.byte(bytes, at + width) >= 128 then
      return false, "the BER tag takes more than 6 bytes"
    end
  end
  local length, more = read_ber_length(bytes, at + width)
  if not length then
    return length, more
  end
  return length, width + more
`)}`,
  decimalAndSpace: untilReader(32, { takesLeadingZeros: true, takesZero: false }),
  i32OrU64: reader(`${fixedReader('i32be')}  if value ~= -1 then
    return value, 4
  end
  if have < 12 then
    return nil
  end
  return read_number(bytes, at + 4, 8, false), 12
`),
};

/** Returns Lua that reads a prefix. `layout` has the limits of varints. */
export function prefixReader(given: PrefixDescription | undefined, layout: FrameLayout): string {
  return `${READ_NUMBER}${HAS_BIT}${readerOf(given ?? 'u32be', layout)}`;
}

function readerOf(given: PrefixDescription, layout: FrameLayout): string {
  if (typeof given !== 'string') {
    return objectReader(given);
  }
  if (!isPrefixName(given)) {
    return NAMED[given];
  }
  const row = ROWS[given];
  return row.kind === 'varint'
    ? varintReader(layout)
    : reader(`${fixedReader(given)}  return value, ${row.width}\n`);
}

function objectReader(given: Exclude<PrefixDescription, string>): string {
  if ('type' in given) {
    return numberReader(given);
  }
  if ('digits' in given) {
    return digitsReader(given.digits, 10, DECIMAL);
  }
  if ('hexDigits' in given) {
    return digitsReader(given.hexDigits, 16, HEXADECIMAL);
  }
  if ('bcd' in given) {
    return digitsReader(given.bcd, 100, BCD);
  }
  return untilReader(hexNumber(given.digitsUntil), {
    takesLeadingZeros: given.leadingZeros === 'ignore',
  });
}
