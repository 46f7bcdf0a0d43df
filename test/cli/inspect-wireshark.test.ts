// `unstick inspect --wireshark` as people start it. What the dissectors find: test/interop/wireshark.test.ts.

import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { runCommand } from '../support/command.ts';
import type { Ran } from '../support/command.ts';

function folder(): string {
  const cwd = mkdtempSync(join(tmpdir(), 'unstick-wireshark-'));
  onTestFinished(() => rmSync(cwd, { recursive: true }));
  return cwd;
}

function run(cwd: string, ...words: string[]): Promise<Ran> {
  return runCommand(['inspect', ...words], { cwd });
}

describe('unstick inspect --wireshark', () => {
  test('writes the dissector of a format without a source, and says how to use it', async () => {
    const cwd = folder();
    const ran = await run(cwd, '--frames', 'jtt808', '--wireshark', 'jtt808.lua');
    expect(ran).toEqual({
      code: 0,
      stdout: '',
      stderr:
        'unstick_jtt808: tshark -X lua_script:jtt808.lua -d tcp.port==PORT,unstick_jtt808 -r TRACE\n',
    });
    expect(readFileSync(join(cwd, 'jtt808.lua'), 'utf8')).toContain('Proto("unstick_jtt808"');
  });

  test('names the protocol of a description after the file', async () => {
    const cwd = folder();
    const ran = await run(cwd, '--frames', 'u16be@4+6', '--wireshark', 'My Device.lua');
    expect(ran.stderr).toMatch(/^unstick_my_device: /);
    expect(ran.code).toBe(0);
  });

  test('inspects as well where there is a source', async () => {
    const cwd = folder();
    const words = ['--frames', 'u32be', '--hex', '00000001 61', '--wireshark', 'a.lua'];
    const { code, stdout } = await run(cwd, ...words);
    expect(stdout).toContain('1 frame');
    expect(code).toBe(0);
    expect(existsSync(join(cwd, 'a.lua'))).toBe(true);
  });

  test.each([
    ['code', ['--codec', 'x.mjs', '--wireshark', 'a.lua'], /--wireshark needs --frames/],
    ['messages', ['--frames', '{"codec":"messages"}', '--wireshark', 'a.lua'], /JSON header/],
    ['no framing', ['--wireshark', 'a.lua'], /--frames, --codec or --guess/],
    ['a folder', ['--frames', 'u32be', '--wireshark', '.'], /Cannot write/],
    ['--to alone', ['--frames', 'u32be', '--to', ':1', '--wireshark', 'a.lua'], /one source/],
  ])('refuses %s in one line', async (_, words, message) => {
    const cwd = folder();
    const ran = await run(cwd, ...words);
    expect(ran.code).toBe(2);
    expect(ran.stderr).toMatch(message);
    expect(existsSync(join(cwd, 'a.lua'))).toBe(false);
  });
});
