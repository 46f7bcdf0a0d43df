// Writes the codec lengthPrefixed as Lua: `before | prefix | after | payload | trailer`, with the fixed
// bytes, the checksums, and the search for the next frame after noise.

import type { LengthPrefixedFraming, PrefixDescription } from '../codec/formats/framing-types.ts';
import { frameLayout } from '../codec/frame-layout.ts';
import type { FrameLayout } from '../codec/frame-layout.ts';
import type { Section } from '../codec/sections.ts';
import { toLengthPrefixed } from '../framing/codecs.ts';
import { checksumTables } from './lua-checksums.ts';
import { ownLoop, pduLoop } from './lua-frame.ts';
import { prefixReader } from './lua-prefix.ts';
import { luaNumber, luaTable } from './lua-words.ts';

/**
 * Maximum length of a payload in bytes. Wireshark counts in 32 bits, so it cannot put much longer frames
 * together.
 */
export const MAX_FRAME: number = 2 ** 30;

/**
 * Returns the Lua table of a section: its length and its fixed bytes. All other bytes of the section are
 * those of the caller, or checksums.
 */
function sectionTable(name: string, { length, magic, mask }: Section): string {
  const fixed = Array.from(magic ?? [], (byte, i) => (mask?.[i] === 0 ? undefined : byte));
  return `local ${name} = { length = ${length}, fixed = ${luaTable(fixed)} }`;
}

const FIXED = `
-- Whether the fixed bytes of a section are right, as far as they have come.
local function is_right(bytes, at, section)
  for i, byte in pairs(section.fixed) do
    if at + i <= #bytes and string.byte(bytes, at + i) ~= byte then
      return false
    end
  end
  return true
end
`;

/** Returns the Lua settings of the layout, by which the head is judged. */
function settings(layout: FrameLayout): string {
  const { minPayloadLength, maxPayloadLength, counted, refusesFlags } = layout;
  const numbers = [counted, minPayloadLength, Math.min(maxPayloadLength, MAX_FRAME)];
  return `
local COUNTED, LEAST, MOST = ${numbers.map(luaNumber).join(', ')}
local REFUSES_FLAGS = ${refusesFlags}
`;
}

/**
 * Lua that finds a frame by its head. `fault_of` judges the whole frame: the bytes after the length, the
 * trailer and the checksums.
 */
const HEAD_AT = `
local function starts_of(at, head, payload)
  local width = head - BEFORE.length - AFTER.length
  local behind = at + head + payload
  return {
    at, at + BEFORE.length, at + BEFORE.length + width, at + head, behind, behind + TRAILER.length,
  }
end

local function fault_of(bytes, at, head, payload)
  local starts = starts_of(at, head, payload)
  if not is_right(bytes, at + head - AFTER.length, AFTER) then
    return "The fixed bytes after the length are wrong"
  end
  if not is_right(bytes, at + head + payload, TRAILER) then
    return "The fixed bytes after the payload are wrong"
  end
  for _, one in ipairs(CHECKSUMS) do
    if not checksum_holds(one, bytes, starts) then
      return "The checksum is wrong"
    end
  end
  return nil
end

local function head_at(bytes, at)
  if not is_right(bytes, at, BEFORE) then
    return -1, "The fixed bytes before the length are wrong"
  end
  local have = #bytes - at
  if have < BEFORE.length then
    return 0, nil
  end
  local declared, width, flags = read_prefix(bytes, at + BEFORE.length, at)
  if declared == nil then
    return 0, nil
  end
  if declared == false then
    return -1, "Malformed length: " .. width
  end
  local head = BEFORE.length + width + AFTER.length
  if #HEAD_CHECKSUMS > 0 then
    if have < head then
      return 0, head - have
    end
    for _, one in ipairs(HEAD_CHECKSUMS) do
      if not checksum_holds(one, bytes, starts_of(at, head, 0)) then
        return -1, "The checksum of the head is wrong"
      end
    end
  end
  local payload = declared - COUNTED
  if REFUSES_FLAGS and flags and flags ~= 0 then
    return -1, "The length has flags, which the format refuses"
  end
  if payload < LEAST then
    return -1, string.format("The length %.0f is too small", declared)
  end
  if payload > MOST then
    return -1, string.format("A payload of %.0f bytes exceeds %.0f", payload, MOST)
  end
  return head + payload + TRAILER.length, {
    head = head, payload = payload, flags = flags, before = BEFORE.length, prefix = width,
  }
end
`;

/**
 * Returns the Lua function frame_at. Without a search, a frame that `fault_of` finds wrong is shown with its
 * fault. With a search, such a frame is noise.
 */
function wholeFrame({ before, after, prefixReadWidth, resync }: FrameLayout): string {
  const isSearching = resync !== undefined;
  const headLength = before.length + prefixReadWidth + after.length;
  const fault = isSearching ? `    return -1, wrong, length\n` : `    parts.wrong = wrong\n`;
  return `
local function frame_at(bytes, at)
  local length, parts = head_at(bytes, at)
  if length <= 0 then
    return length, parts, ${headLength}
  end
  local missing = at + length - #bytes
  if missing > 0 then
    return ${isSearching ? '0, missing' : 'length, parts'}
  end
  local wrong = fault_of(bytes, at, parts.head, parts.payload)
  if wrong then
${fault}  end
  return length, parts
end
`;
}

/**
 * Returns the Lua for the search of the option resync, which finds the next place where the marker can begin.
 * As in the decoder, a byte lies in at most `maxTries` long candidates that failed.
 */
function search(layout: FrameLayout): string {
  const { magic = new Uint8Array(0), mask } = layout.before;
  const length = mask === undefined ? magic.length : mask.indexOf(0);
  const tries = layout.resync?.maxTries ?? 1;
  return `
local MARKER = ${luaTable(Array.from(magic.subarray(0, length)))}
local ends = {}

local function begin_search()
  ends = {}
end

local function next_candidate(bytes, at, length)
  local from = at + 1
  if length > 64 then
    table.insert(ends, at + length)
  end
  if #ends >= ${luaNumber(tries)} then
    table.sort(ends)
    from = math.max(from, ends[1])
  end
  while #ends > 0 and ends[1] <= from do
    table.remove(ends, 1)
  end
  from = math.min(from, #bytes)
  while from < #bytes do
    local is_marker = true
    for i = 1, math.min(#MARKER, #bytes - from) do
      if string.byte(bytes, from + i) ~= MARKER[i] then
        is_marker = false
        break
      end
    end
    if is_marker then
      return from
    end
    from = from + 1
  end
  return from
end
`;
}

/** Returns the Lua for a layout whose prefix is one of the descriptions. */
export function prefixedBody(
  layout: FrameLayout,
  prefix: PrefixDescription | undefined,
): { readonly finder: string; readonly loop: string } {
  const { before, after, trailer, checksums, resync } = layout;
  const isSearching = resync !== undefined;
  const tables = { HEAD_CHECKSUMS: checksums.head, CHECKSUMS: checksums.frame };
  const finder = [
    '\n',
    `${sectionTable('BEFORE', before)}\n`,
    `${sectionTable('AFTER', after)}\n`,
    `${sectionTable('TRAILER', trailer)}\n`,
    FIXED,
    prefixReader(prefix, layout),
    checksumTables(tables),
    settings(layout),
    HEAD_AT,
    wholeFrame(layout),
  ].join('');
  const least = before.length + Math.max(1, layout.prefix.width);
  return { finder, loop: isSearching ? ownLoop(search(layout)) : pduLoop(least) };
}

/** Returns the Lua for a description of lengthPrefixed. */
export function lengthPrefixedBody(given: LengthPrefixedFraming): {
  readonly finder: string;
  readonly loop: string;
} {
  const { codec: _codec, ...options } = given;
  return prefixedBody(frameLayout(toLengthPrefixed(options)), given.prefix);
}
