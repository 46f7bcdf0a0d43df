// Writes the codecs delimited, lines and cobs as Lua. Their frames end at an end marker, for which the
// dissector searches.
//
// If start and end are the same marker, one marker may end a frame and begin the next frame. A dissector does
// not know whether a frame came before, so it also takes a first frame without a start marker.

import type { DelimitedFraming } from '../codec/formats/framing-types.ts';
import { delimitedLayout } from '../codec/delimited/layout.ts';
import type { DelimitedLayout } from '../codec/delimited/layout.ts';
import { escapeTables } from '../codec/delimited/escapes.ts';
import type { EscapeTables } from '../codec/delimited/escapes.ts';
import type { FrameChecksum } from '../codec/checksum-layout.ts';
import type { Checksum } from '../codec/sections.ts';
import { resolveDelimitedChecksum, resolveEscape } from '../framing/checksums.ts';
import { toDelimited } from '../framing/codecs.ts';
import { checksumTables } from './lua-checksums.ts';
import { ownLoop } from './lua-frame.ts';
import { luaBytes, luaNumber } from './lua-words.ts';

type Layout = Pick<
  DelimitedLayout,
  'start' | 'end' | 'isShared' | 'maxLength' | 'skipEmpty' | 'optional'
>;

interface Body {
  readonly finder: string;
  readonly loop: string;
}

/**
 * Lua functions that find the end marker of the content that begins at offset `from`. They return the offset
 * behind the marker, the content as plain bytes if it was escaped, and the reason if the content is wrong. If
 * the marker has not come, they return three nils and the length of the content so far.
 */
const PLAIN_CONTENT = `
local function content_at(bytes, from)
  local first, last = string.find(bytes, END, from + 1, true)
  if not first then
    return nil, nil, nil, #bytes - from
  end
  return last
end
`;

const COBS_CONTENT = `
local function content_at(bytes, from)
  local zero = string.find(bytes, END, from + 1, true)
  if not zero then
    return nil, nil, nil, #bytes - from
  end
  local plain, i, code = {}, from + 1, 255
  while i < zero do
    if code < 255 then
      table.insert(plain, "\\0")
    end
    code = string.byte(bytes, i)
    if i + code > zero then
      return zero, nil, "A block reaches across the end of the frame"
    end
    table.insert(plain, string.sub(bytes, i + 1, i + code - 1))
    i = i + code
  end
  return zero, table.concat(plain)
end
`;

/** Returns the Lua table ESCAPES, which has the plain byte of each code, for each escape byte. */
function escapeTable({ escapes, plainOf }: EscapeTables): string {
  const maps = escapes.slice(1).map((escape, i) => {
    const codes = Array.from({ length: 256 }, (_, code) => plainOf[(i + 1) * 256 + code] ?? -1);
    const pairs = codes.flatMap((plain, code) => (plain === -1 ? [] : [`[${code}]=${plain}`]));
    return `  [${escape}] = { ${pairs.join(', ')} },`;
  });
  return `local ESCAPES = {\n${maps.join('\n')}\n}\n`;
}

const ESCAPED_CONTENT = `
local function content_at(bytes, from)
  local plain, done, wrong, is_escaped, length = {}, from + 1, nil, false, 0
  local i = from + 1
  while i <= #bytes do
    local byte = string.byte(bytes, i)
    local codes = ESCAPES[byte]
    local is_end = string.sub(bytes, i, i + #END - 1) == END
    if is_end then
      table.insert(plain, string.sub(bytes, done, i - 1))
      return i + #END - 1, is_escaped and table.concat(plain) or nil, wrong
    end
    if codes then
      if i == #bytes then
        break
      end
      local code = codes[string.byte(bytes, i + 1)]
      table.insert(plain, string.sub(bytes, done, i - 1))
      is_escaped, done = true, i + 1
      if code then
        table.insert(plain, string.char(code))
        done = i + 2
        i = i + 1
      else
        wrong = "The byte after an escape byte is no escape code"
      end
    end
    i = i + 1
    length = length + 1
  end
  return nil, nil, nil, length
end
`;

function settings(layout: Layout, sumLength: number): string {
  const { start, end, isShared, maxLength, skipEmpty, optional } = layout;
  // COBS adds one byte for each 254 bytes of content.
  const limit = maxLength + sumLength + Math.ceil(maxLength / 254) + 1;
  return `
local START, END = ${luaBytes(start)}, ${luaBytes(end)}
local IS_SHARED, SKIPS_EMPTY = ${isShared}, ${skipEmpty}
local OPTIONAL, SUM_LENGTH = ${optional}, ${sumLength}
local MAX_LENGTH, LIMIT = ${luaNumber(maxLength)}, ${luaNumber(limit)}
`;
}

const FRAME_AT = `
local function frame_at(bytes, at)
  local from, fill = at, 0
  while true do
    local head = math.min(#START, #bytes - from)
    local has_start = string.sub(bytes, from + 1, from + head) == string.sub(START, 1, head)
    if has_start and head < #START then
      return 0, nil
    end
    if not has_start and not IS_SHARED then
      return -1, "The start marker is missing"
    end
    local content = has_start and from + #START or from
    local stop, plain, wrong, length = content_at(bytes, content)
    if not stop then
      if length > LIMIT + #END then
        return -1, string.format("A frame exceeds %d bytes, or its end marker is missing", LIMIT)
      end
      if content == #bytes and fill > 0 then
        return 0, "fill"
      end
      return 0, nil
    end
    local last = stop - #END
    if SKIPS_EMPTY and last == content then
      fill = fill + (IS_SHARED and content - from or stop - from)
      from = at + fill
      if from >= #bytes then
        return 0, "fill"
      end
    else
      local payload = last - content
      if payload > 0 and string.byte(bytes, last) == OPTIONAL then
        payload = payload - 1
      end
      local value = plain or string.sub(bytes, content + 1, content + payload)
      if not wrong and #CHECKSUMS > 0 then
        local before = #value - SUM_LENGTH
        if before < 0 or not checksum_holds(CHECKSUMS[1], value, { 0, 0, 0, 0, before, #value }) then
          wrong = "The checksum is wrong"
        end
        value = string.sub(value, 1, math.max(0, before))
        if plain then
          plain = value
        else
          payload = math.max(0, before)
        end
      end
      if #value > MAX_LENGTH then
        wrong = string.format("The payload exceeds %d bytes", MAX_LENGTH)
      end
      return stop - at, {
        head = content - from, payload = payload, plain = plain, wrong = wrong, fill = fill,
      }
    end
  end
end
`;

/**
 * Returns the checksum at the end of a value, over all bytes in front of it. Returns `undefined` if the
 * framing has none.
 */
function sumAtEnd(given: DelimitedFraming['checksum']): FrameChecksum | undefined {
  if (given === undefined) {
    return undefined;
  }
  const name = typeof given === 'string' ? given : given.checksum;
  const resolved: unknown = resolveDelimitedChecksum(name);
  const checksum = resolved as Checksum;
  return {
    checksum,
    at: { part: 4, offset: 0 },
    length: checksum.length,
    spans: [{ from: { part: 0, offset: 0 }, to: { part: 4, offset: 0 } }],
    reversed: typeof given !== 'string' && given.order === 'le',
  };
}

function bodyOf(layout: Layout, content: string, sum?: FrameChecksum): Body {
  const finder = [
    settings(layout, sum?.length ?? 0),
    checksumTables({ CHECKSUMS: sum === undefined ? [] : [sum] }),
    content,
    FRAME_AT,
  ];
  return { finder: finder.join(''), loop: ownLoop() };
}

export function delimitedBody(given: DelimitedFraming): Body {
  const { codec: _codec, source: _s, note: _n, known: _k, seen: _e, ...options } = given;
  const layout = delimitedLayout(toDelimited(options));
  const escape = resolveEscape(given.escape);
  const content =
    escape === undefined
      ? PLAIN_CONTENT
      : `${escapeTable(escapeTables(escape, layout.end))}${ESCAPED_CONTENT}`;
  return bodyOf(layout, content, sumAtEnd(given.checksum));
}

const NO_START = { start: new Uint8Array(0), isShared: false };
const DEFAULT_MAX_LENGTH = 64 * 1024;

export function linesBody(maxLength: number = DEFAULT_MAX_LENGTH): Body {
  const end = Uint8Array.of(10);
  return bodyOf({ ...NO_START, end, maxLength, skipEmpty: false, optional: 13 }, PLAIN_CONTENT);
}

export function cobsBody(maxLength: number = DEFAULT_MAX_LENGTH): Body {
  const end = Uint8Array.of(0);
  return bodyOf({ ...NO_START, end, maxLength, skipEmpty: true, optional: -1 }, COBS_CONTENT);
}
