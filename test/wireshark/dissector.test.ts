// The generator of dissectors: every description gives Lua, and no text of a description becomes code.
// test/interop/wireshark.test.ts runs the dissectors.

import { describe, expect, test } from 'vitest';
import type { Framing } from '../../src/codec/formats/framing-types.ts';
import { ROWS } from '../../src/codec/formats/formats.ts';
import { UsageError } from '../../src/errors.ts';
import { wiresharkDissector } from '../../src/wireshark/dissector.ts';
import {
  luaBytes,
  luaComment,
  luaString,
  luaTable,
  protocolName,
} from '../../src/wireshark/lua-words.ts';

/** The text without its string literals and comments: what Lua takes for code. */
function codeOf(lua: string): string {
  return lua.replaceAll(/--[^\n]*|"(?:[^"\\\n]|\\[^\n])*"/g, '""');
}

const HOSTILE = '"]]\n os.execute("touch /tmp/x") --[[\u2028\u202e\r\\';

describe('words of Lua', () => {
  test.each([
    ['a name', 'plain text', '"plain text"'],
    ['quotes and line ends', '"\\\n\r', '"\\034\\092\\010\\013"'],
    ['a digit behind an escape', '\u00001', '"\\0001"'],
    ['text beyond ASCII', '\u00e9', '"\\195\\169"'],
    ['brackets of long strings', ']]--[[', '"\\093\\093\\045\\045\\091\\091"'],
  ])('write %s as a literal', (_, text, literal) => {
    expect(luaString(text)).toBe(literal);
  });

  test('write bytes and tables', () => {
    expect(luaBytes([0x7e, 0x41, 0xff])).toBe(String.raw`"\126A\255"`);
    expect(luaTable([1, undefined, 3])).toBe('{[1]=1, [3]=3}');
  });

  test('keep a comment on its line', () => {
    expect(luaComment(HOSTILE)).not.toMatch(/[^\x20-\x7e]/);
  });

  test.each([
    ['postgres', 'unstick_postgres'],
    ['My Tracker-2.lua', 'unstick_my_tracker_2_lua'],
    [HOSTILE, 'unstick_os_execute_touch_tmp_x'],
    ['\u7c98\u5305', 'unstick'],
    ['x'.repeat(500), `unstick_${'x'.repeat(40)}`],
  ])('make a name of %j that Wireshark takes', (text, name) => {
    expect(protocolName(text)).toBe(name);
  });
});

describe('a dissector', () => {
  test.each(Object.entries(ROWS))('of %s has a protocol, fields and a loop', (name, row) => {
    const { lua, protocol } = wiresharkDissector(row, { format: name });
    expect(protocol).toMatch(/^unstick_[a-z0-9_]+$/);
    expect(lua).toContain('local proto = Proto(');
    expect(lua).toMatch(/function proto\.dissector\(/);
    expect(lua).toMatch(/dissect_tcp_pdus\(|desegment_len/);
    expect(lua).not.toMatch(/undefined|NaN|Infinity|\[object/);
    expect(lua).not.toMatch(/[^\x20-\x7e\n]/);
  });

  test('lets Wireshark put frames together where a prefix has their length', () => {
    expect(wiresharkDissector(ROWS.kafka).lua).toContain('dissect_tcp_pdus(tvb, tree, 4,');
    expect(wiresharkDissector(ROWS.mqtt).lua).toContain('dissect_tcp_pdus(tvb, tree, 2,');
    expect(wiresharkDissector(ROWS.jtt808).lua).not.toContain('dissect_tcp_pdus');
    expect(wiresharkDissector(ROWS.cjt188).lua).not.toContain('dissect_tcp_pdus');
  });

  test('with resync searches behind a wrong frame, as its first lines say', () => {
    const framing = { codec: 'lengthPrefixed', prefix: 'u8', before: ['68'] } as const;
    const { lua } = wiresharkDissector({ ...framing, resync: true });
    expect(lua).toContain('With resync it searches for the next marker.');
    expect(lua).toContain('local MARKER =');
    expect(wiresharkDissector(framing).lua).not.toContain('local MARKER =');
  });

  const hostile: readonly (readonly [string, Framing])[] = [
    ['a source', { codec: 'lines', source: HOSTILE }],
    ['a note', { codec: 'lengthPrefixed', note: HOSTILE }],
    ['markers', { codec: 'delimited', start: '22 5c 0a', end: '5d 5d 2d 2d 5b 5b' }],
    ['fixed bytes', { codec: 'lengthPrefixed', before: '22 0a 5d 5d', trailer: '5c 22' }],
  ];

  test.each(hostile)('takes no code from %s', (_, framing) => {
    const { lua } = wiresharkDissector(framing, { format: HOSTILE });
    const { source: _source, note: _note, ...plain } = framing;
    const harmless = wiresharkDissector(plain, { format: 'harmless' }).lua;
    expect(codeOf(lua)).toBe(codeOf(harmless));
    expect(codeOf(lua)).not.toContain('os.execute');
  });

  test('is refused for what is no description, and where Lua cannot find the end of a frame', () => {
    expect(() => wiresharkDissector({ codec: 'messages' })).toThrow(/JSON header/);
    expect(() => wiresharkDissector({ codec: 'messages' })).toThrow(UsageError);
    const wrong: unknown = { codec: 'lines', maxLength: '1) os.execute("x"' };
    expect(() => wiresharkDissector(wrong as Framing)).toThrow(UsageError);
  });
});
