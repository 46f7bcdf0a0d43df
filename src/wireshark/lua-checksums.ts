// Writes the checksums of a frame as Lua. A CRC is computed from its parameters. Every other checksum has a
// Lua function of its own.
//
//   CHECKSUMS[i].of(bytes, spans) ─▶ the checksum as a number
//
// A span is { first, last }: the positions of its first and last byte in `bytes`, counted from 1.

import type { Edge, FrameChecksum } from '../codec/checksum-layout.ts';
import { crcParameters } from '../codec/crc.ts';
import type { CrcParameters } from '../codec/crc.ts';
import { RunningChecksum } from '../codec/running-checksum.ts';
import type { Checksum } from '../codec/sections.ts';
import type * as sums from '../codec/sums.ts';

/**
 * Returns a Lua function that loops over the bytes of all spans. The Lua in `step` gets each byte as `byte`.
 */
function overBytes(start: string, step: string, result: string): string {
  return `function(bytes, spans)
    ${start}
    for _, span in ipairs(spans) do
      for i = span[1], span[2] do
        local byte = string.byte(bytes, i)
        ${step}
      end
    end
    return ${result}
  end`;
}

const sum = (result: string): string => overBytes('local sum = 0', 'sum = sum + byte', result);

function pair(modulus: number, start: number, result: string): string {
  return overBytes(
    `local low, high = ${start}, 0`,
    `low = (low + byte) % ${modulus}; high = (high + low) % ${modulus}`,
    result,
  );
}

/** Lua for the checksums that are no CRC. If a sum of sums.ts has no row, this table does not compile. */
const SUMS: Readonly<Record<keyof typeof sums, string>> = {
  xor8: overBytes('local sum = 0', 'sum = bxor(sum, byte)', 'sum'),
  sum8: sum('sum % 256'),
  sum16: sum('sum % 65536'),
  sum32: sum('sum % 4294967296'),
  negatedSum8: sum('-sum % 256'),
  negatedSum16: sum('-sum % 65536'),
  invertedSum8: sum('255 - sum % 256'),
  internetSum: overBytes(
    'local sum, is_odd = 0, false',
    'sum = sum + (is_odd and byte or byte * 256); sum = sum % 65536 + math.floor(sum / 65536); is_odd = not is_odd',
    '65535 - sum',
  ),
  fletcher16: pair(255, 0, 'high * 256 + low'),
  fletcher8: pair(256, 0, 'low * 256 + high'),
  adler32: pair(65_521, 1, 'high * 65536 + low'),
};

/** Lua for the exclusive or. Lua 5.2 has it in a library, and Lua 5.3 and later have it as an operator. */
const XOR = `
local raw_xor = bit32 and bit32.bxor
  or load("return function(a, b) return a ~ b end")()

local function bxor(a, b)
  return raw_xor(math.floor(a), math.floor(b)) % 4294967296
end
`;

const CRC = `
-- The lowest "width" bits of a number in the opposite order.
local function reversed(value, width)
  local result = 0
  for _ = 1, width do
    result = result * 2 + value % 2
    value = math.floor(value / 2)
  end
  return result
end

-- As in the catalogue of reveng. The register has 32 bits: a reflected CRC lies at its low end, others at its high end.
local function crc(width, poly, init, refin, refout, xorout)
  local up = 2 ^ (32 - width)
  local taps = refin and reversed(poly, width) or poly * up
  local effect = {}
  for byte = 0, 255 do
    local register = refin and byte or byte * 16777216
    for _ = 1, 8 do
      local is_out, shifted
      if refin then
        is_out, shifted = register % 2 >= 1, math.floor(register / 2)
      else
        is_out, shifted = register >= 2147483648, register * 2 % 4294967296
      end
      register = is_out and bxor(shifted, taps) or shifted
    end
    effect[byte] = register
  end
  return function(bytes, spans)
    local register = refin and reversed(init, width) or init * up
    for _, span in ipairs(spans) do
      for i = span[1], span[2] do
        local byte = string.byte(bytes, i)
        if refin then
          register = bxor(math.floor(register / 256), effect[bxor(register, byte) % 256])
        else
          register = bxor(register * 256 % 4294967296, effect[bxor(math.floor(register / 16777216), byte)])
        end
      end
    end
    local result = refin and register or math.floor(register / up)
    if refin ~= refout then
      result = reversed(result, width)
    end
    return bxor(result, xorout)
  end
end
`;

const HOLDS = `
-- Whether a checksum is right. "starts" has the offset of each part of the frame, and of the end of the frame.
local function checksum_holds(one, bytes, starts)
  local spans = {}
  for i, span in ipairs(one.spans) do
    spans[i] = { starts[span[1]] + span[2] + 1, starts[span[3]] + span[4] }
  end
  local value = one.of(bytes, spans)
  local at = starts[one.part] + one.offset
  for i = 1, one.length do
    local place = one.is_little and i or one.length + 1 - i
    if string.byte(bytes, at + place) ~= value % 256 then
      return false
    end
    value = math.floor(value / 256)
  end
  return true
end
`;

function crcCall({ width, poly, init, refin, refout, xorout }: CrcParameters): string {
  return `crc(${width}, ${poly}, ${init}, ${refin}, ${refout}, ${xorout})`;
}

function isSum(name: string): name is keyof typeof sums {
  return Object.hasOwn(SUMS, name);
}

/** Returns the Lua function of a checksum. Every checksum that a description can name has a function. */
function functionOf(checksum: Checksum): string {
  const parameters = crcParameters(checksum);
  if (parameters !== undefined) {
    return crcCall(parameters);
  }
  const name = checksum instanceof RunningChecksum ? checksum.name : '';
  if (!isSum(name)) {
    throw new TypeError(`There is no Lua for the checksum "${name}".`);
  }
  return SUMS[name];
}

/** Returns an edge as two Lua numbers: the number of the part, counted from 1, and the offset. */
function edge({ part, offset }: Edge): string {
  return `${part + 1}, ${offset}`;
}

function entry(one: FrameChecksum): string {
  const spans = one.spans.map(({ from, to }) => `{ ${edge(from)}, ${edge(to)} }`);
  return `  {
    part = ${one.at.part + 1}, offset = ${one.at.offset}, length = ${one.length},
    is_little = ${one.reversed}, spans = { ${spans.join(', ')} },
    of = ${functionOf(one.checksum)},
  },`;
}

/** Returns Lua for the checksums of a frame: the functions, and a table of checksums under each name. */
export function checksumTables(tables: Readonly<Record<string, readonly FrameChecksum[]>>): string {
  const used = Object.values(tables).flat();
  const library = used.length === 0 ? '' : `${XOR}${CRC}`;
  const lists = Object.entries(tables).map(
    ([name, list]) => `\nlocal ${name} = {\n${list.map(entry).join('\n')}\n}\n`,
  );
  return `${library}${HOLDS}${lists.join('')}`;
}
