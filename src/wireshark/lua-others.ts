// Writes the other codecs as Lua: frames of a fixed length, netstrings, Content-Length, and messages in
// fragments.

import type { ContinuedFraming, NetstringsFraming } from '../codec/formats/framing-types.ts';
import { frameLayout } from '../codec/frame-layout.ts';
import type { ContentLengthFraming } from '../codec/formats/framing-types.ts';
import { digitsUntil } from '../codec/digit-fields.ts';
import { fragmentOptions } from '../framing/codecs.ts';
import { pduLoop } from './lua-frame.ts';
import { hexNumber } from './lua-prefix.ts';
import { MAX_FRAME, prefixedBody } from './lua-prefixed.ts';
import { luaNumber } from './lua-words.ts';

interface Body {
  readonly finder: string;
  readonly loop: string;
}

export function fixedLengthBody(length: number): Body {
  const finder = `
local function frame_at(bytes, at)
  return ${luaNumber(length)}, { head = 0, payload = ${luaNumber(length)} }
end
`;
  return { finder, loop: pduLoop(length) };
}

export function netstringsBody({ maxPayloadLength }: NetstringsFraming): Body {
  const layout = frameLayout({ prefix: digitsUntil(':'), trailer: '2c', maxPayloadLength });
  return prefixedBody(layout, { digitsUntil: '3a' });
}

const DEFAULT_MAX_HEADER_LENGTH = 4096;
const DEFAULT_MAX_PAYLOAD_LENGTH = 8 * 1024 * 1024;

export function contentLengthBody({
  maxHeaderLength = DEFAULT_MAX_HEADER_LENGTH,
  maxPayloadLength = DEFAULT_MAX_PAYLOAD_LENGTH,
}: ContentLengthFraming): Body {
  const most = Math.min(maxPayloadLength, MAX_FRAME);
  const finder = `
-- The length that a block of header lines declares, or nil and a reason. The block has no empty line.
local function length_in(block)
  local length
  for line in string.gmatch(block, "(.-)\\r\\n") do
    local key, value = string.match(line, "^([!#$%&'*+.^_\`|~0-9A-Za-z-]+):(.*)$")
    if not key then
      return nil, "A header line does not have the form name: value"
    end
    if string.lower(key) == "content-length" then
      local digits = string.match(value, "^[ \\t]*([0-9]+)[ \\t]*$")
      if length or not digits then
        return nil, "Content-Length comes twice, or is no decimal number"
      end
      length = tonumber(digits)
    end
  end
  return length, "There is no Content-Length"
end

local function frame_at(bytes, at)
  local first, last = string.find(bytes, "\\r\\n\\r\\n", at + 1, true)
  if not first and #bytes - at < ${luaNumber(maxHeaderLength)} then
    return 0, nil
  end
  if not first or last - at > ${luaNumber(maxHeaderLength)} then
    return -1, "The header lines exceed ${luaNumber(maxHeaderLength)} bytes"
  end
  local length, reason = length_in(string.sub(bytes, at + 1, first + 1))
  if not length then
    return -1, reason
  end
  if length > ${luaNumber(most)} then
    return -1, string.format("A payload of %.0f bytes exceeds ${luaNumber(most)}", length)
  end
  return last - at + length, { head = last - at, payload = length }
end
`;
  return { finder, loop: pduLoop(1) };
}

const DEFAULT_MAX_LENGTH = 16 * 1024 * 1024;
const DEFAULT_MAX_FRAGMENTS = 4096;

/**
 * Returns a Lua expression for the byte of a fragment that has the mark, or for the flags of its length. `at`
 * counts the bytes of the section that are neither fixed nor a checksum.
 */
function markedByte(
  { part, at = 0 }: ContinuedFraming['mark'],
  layout: ReturnType<typeof frameLayout>,
): string {
  if (part === 'flags') {
    return 'parts.flags or 0';
  }
  const own = layout[part].own.flatMap(({ from, to }) =>
    Array.from({ length: to - from }, (_, i) => from + i),
  );
  const start = part === 'before' ? '0' : 'parts.head - AFTER.length';
  return `string.byte(bytes, next + ${start} + ${luaNumber((own[at] ?? 0) + 1)}) or 0`;
}

/**
 * Returns the Lua for frames that are a series of fragments. The series ends with the fragment whose mark
 * says that it is the last.
 */
export function continuedBody(given: ContinuedFraming): Body {
  const layout = frameLayout({ ...fragmentOptions(given.frame), deliver: 'parts' });
  const { maxLength = DEFAULT_MAX_LENGTH, maxFragments = DEFAULT_MAX_FRAGMENTS, mark } = given;
  const { finder } = prefixedBody({ ...layout, resync: undefined }, given.frame.prefix);
  const isMore = mark.means === 'more' ? '' : 'not ';
  const series = `
local fragment_at = frame_at

-- Finds a series of fragments. Its payload is the payloads of all fragments together.
frame_at = function(bytes, at)
  local next, pieces, total, wrong = at, {}, 0, nil
  for _ = 1, ${luaNumber(maxFragments)} do
    local length, parts = fragment_at(bytes, next)
    if length < 0 then
      return length, parts
    end
    if length == 0 or next + length > #bytes then
      return 0, nil
    end
    local marked = ${markedByte(mark, layout)}
    wrong = wrong or parts.wrong
    total = total + parts.payload
    if total > ${luaNumber(Math.min(maxLength, MAX_FRAME))} then
      return -1, "A series of fragments exceeds ${luaNumber(maxLength)} bytes"
    end
    table.insert(pieces, string.sub(bytes, next + parts.head + 1, next + parts.head + parts.payload))
    next = next + length
    if not (${isMore}has_bit(marked, ${hexNumber(mark.mask)})) then
      local plain = #pieces > 1 and table.concat(pieces) or nil
      local head = parts.head
      return next - at, {
        head = head, payload = #pieces > 1 and next - at - head or parts.payload, plain = plain,
        wrong = wrong, flags = parts.flags, before = parts.before, prefix = parts.prefix,
      }
    end
  end
  return -1, "A series has more than ${luaNumber(maxFragments)} fragments"
end
`;
  return { finder: `${finder}${series}`, loop: pduLoop(1) };
}
