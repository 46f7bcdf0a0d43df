// What every dissector has: the protocol and its fields, how a frame is shown, and the loop over a segment.
//
// Each kind of framing gives a Lua function that finds the frame at an offset (from 0) of the bytes so far:
//
//   frame_at(bytes, at)
//   ─▶ length, parts          a frame of `length` bytes, and its parts (below)
//   ─▶ 0, missing             bytes are missing: their number, or nil if it is not known. "fill": only filling
//                             has come, so the dissector does not ask for more bytes.
//   ─▶ -1, reason, extent     no frame begins here. `extent` is the number of bytes that were taken for the
//                             frame, or for its head if the head is wrong. Only a search needs it, to limit
//                             how many long wrong frames may overlap.
//
// `parts` has the lengths `head` and `payload`. It may have `before` and `prefix` (lengths inside the head),
// `flags`, `plain` (the payload, unescaped or joined), `wrong` (a reason), and `fill` (the length of the
// filling before the frame, which `length` includes).
//
// When a dissector asks for more bytes, Wireshark joins the segments, and calls the dissector again with all
// bytes from the offset that the dissector named.

import { luaComment, luaString } from './lua-words.ts';

export interface DissectorWords {
  /** Name of the protocol in Wireshark, with which filters begin. */
  readonly protocol: string;
  /** Words that say to people what the frames are. */
  readonly title: string;
  /** The description as JSON, to be read by people. */
  readonly framing: string;
}

/**
 * Returns the first part of the file: a comment that says what the file is and how to use it, and then the
 * declarations of the protocol, its fields and its preferences.
 */
export function head({ protocol, title, framing }: DissectorWords): string {
  return `-- ${luaComment(title)}: a dissector for Wireshark, made by unstick.
-- ${luaComment(framing)}
--
-- Use it once:   tshark -X lua_script:FILE -d tcp.port==PORT,${protocol} -r TRACE
-- Or for good:   copy it into the folder of personal Lua plugins (Help, About, Folders), and choose
--                ${protocol} in Decode As, or set its TCP ports in the preferences.
--
-- After a wrong frame the dissector goes on with the next segment. With resync it searches for the next marker.

local proto = Proto(${luaString(protocol)}, ${luaString(title)})

local function name(field)
  return ${luaString(`${protocol}.`)} .. field
end

local fields = {
  length = ProtoField.uint32(name("length"), "Length of the frame", base.DEC),
  before = ProtoField.bytes(name("before"), "Before the length"),
  prefix = ProtoField.bytes(name("prefix"), "Length on the wire"),
  after = ProtoField.bytes(name("after"), "After the length"),
  head = ProtoField.bytes(name("head"), "Head"),
  flags = ProtoField.uint32(name("flags"), "Flags", base.HEX),
  payload = ProtoField.bytes(name("payload"), "Payload"),
  payload_length = ProtoField.uint32(name("payload_length"), "Length of the payload", base.DEC),
  trailer = ProtoField.bytes(name("trailer"), "After the payload"),
  noise = ProtoField.bytes(name("noise"), "No frame"),
}
proto.fields = fields

local wrong_frame = ProtoExpert.new(name("wrong"), "Wrong frame", expert.group.MALFORMED, expert.severity.ERROR)
proto.experts = { wrong_frame }

proto.prefs.ports = Pref.range("TCP ports", "", "Ports whose streams have these frames", 65535)
local registered = ""
function proto.prefs_changed()
  local ports = DissectorTable.get("tcp.port")
  if registered ~= "" then
    ports:remove(registered, proto)
  end
  registered = proto.prefs.ports
  if registered ~= "" then
    ports:add(registered, proto)
  end
end
`;
}

/** Lua that shows a frame with its parts, or bytes that are no frame. */
export const SHOW = `
local function show_noise(tvb, tree, reason)
  local item = tree:add(fields.noise, tvb())
  item:add_proto_expert_info(wrong_frame, reason)
end

local function add_part(tree, field, tvb, at, length)
  if length > 0 then
    tree:add(field, tvb(at, length))
  end
end

local function show_frame(tvb, pinfo, tree, parts)
  local length, from, payload = tvb:len(), parts.head, parts.payload
  pinfo.cols.protocol = proto.name
  pinfo.cols.info:append(string.format(" [%d+%d]", from, payload))
  local top = tree:add(proto, tvb(), string.format("%s, %d bytes", proto.description, length))
  top:add(fields.length, length):set_generated()
  if parts.prefix then
    add_part(top, fields.before, tvb, 0, parts.before)
    add_part(top, fields.prefix, tvb, parts.before, parts.prefix)
    add_part(top, fields.after, tvb, parts.before + parts.prefix, from - parts.before - parts.prefix)
  else
    add_part(top, fields.head, tvb, 0, from)
  end
  if parts.flags and parts.flags ~= 0 then
    top:add(fields.flags, parts.flags):set_generated()
  end
  local behind = from + payload
  if parts.plain then
    top:add(fields.payload_length, #parts.plain):set_generated()
    if #parts.plain > 0 then
      local plain = ByteArray.new(parts.plain, true):tvb("Plain payload")
      top:add(fields.payload, plain())
    end
  else
    top:add(fields.payload_length, payload):set_generated()
    add_part(top, fields.payload, tvb, from, payload)
  end
  add_part(top, fields.trailer, tvb, behind, length - behind)
  if parts.wrong then
    top:add_proto_expert_info(wrong_frame, parts.wrong)
  end
end
`;

/**
 * Returns a loop for frames whose segments Wireshark joins itself. Every frame has at least `least` bytes.
 */
export function pduLoop(least: number): string {
  return `
local function length_of(tvb, pinfo, at)
  local length = frame_at(tvb:raw(at), 0)
  if length < 0 then
    return tvb:len() - at
  end
  return length
end

local function show_pdu(tvb, pinfo, tree)
  local length, parts = frame_at(tvb:raw(), 0)
  if length == tvb:len() then
    show_frame(tvb, pinfo, tree, parts)
  else
    show_noise(tvb, tree, length < 0 and parts or "The frame is not whole")
  end
  return tvb:len()
end

function proto.dissector(tvb, pinfo, tree)
  dissect_tcp_pdus(tvb, tree, ${least}, length_of, show_pdu)
  return tvb:len()
end
`;
}

/** Lua for a dissector without a search: all bytes from a wrong frame to the end of the segment are noise. */
const NO_SEARCH = `
local function begin_search()
end

local function next_candidate(bytes)
  return #bytes
end
`;

const OWN_LOOP = `
local segment_length = Field.new("tcp.len")

-- Finds all frames and noise in the bytes so far. Returns them, the offset of an unfinished frame, and what it misses.
local function find_all(bytes, size)
  local found, at, noise = {}, 0, nil
  local function leave_noise(stop)
    if noise then
      table.insert(found, { at = noise.at, length = stop - noise.at, noise = noise.reason })
      noise = nil
    end
  end
  begin_search()
  while at < size do
    local length, parts, extent = frame_at(bytes, at)
    if length > 0 then
      leave_noise(at)
      local fill = parts.fill or 0
      table.insert(found, { at = at + fill, length = length - fill, parts = parts })
      at = at + length
    elseif length == 0 then
      leave_noise(at)
      return found, at, parts
    else
      noise = noise or { at = at, reason = parts }
      at = next_candidate(bytes, at, extent)
    end
  end
  leave_noise(size)
  return found, size, "fill"
end

local function show_all(tvb, pinfo, tree, found)
  for _, one in ipairs(found) do
    local part = tvb(one.at, one.length):tvb()
    if one.parts then
      show_frame(part, pinfo, tree, one.parts)
    else
      show_noise(part, tree, one.noise)
    end
  end
end

function proto.dissector(tvb, pinfo, tree)
  local bytes, size = tvb:raw(), tvb:len()
  local found, at, missing = find_all(bytes, size)
  if at < size and missing ~= "fill" then
    if pinfo.can_desegment == 0 then
      table.insert(found, { at = at, length = size - at, noise = "The frame is not whole" })
    else
      local last = segment_length()
      local before = last and size - last.value or 0
      if before > 0 and at <= before then
        found, at = {}, 0
      end
      pinfo.desegment_offset = at
      pinfo.desegment_len = DESEGMENT_ONE_MORE_SEGMENT
    end
  end
  show_all(tvb, pinfo, tree, found)
  return size
end
`;

/**
 * Returns a loop that asks Wireshark for more segments, for frames whose end or start must be searched.
 * `search` is Lua with `begin_search` and `next_candidate`, which find the next frame. All bytes in front of
 * that frame are noise.
 *
 * If an unfinished frame begins before the last segment, the loop asks for all bytes again. It shows nothing
 * until they come, because otherwise the same frames would be shown twice.
 */
export function ownLoop(search: string = NO_SEARCH): string {
  return `${search}${OWN_LOOP}`;
}

export const FOOT = `
DissectorTable.get("tcp.port"):add_for_decode_as(proto)
`;
