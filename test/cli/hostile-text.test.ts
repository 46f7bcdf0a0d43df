// Text from servers, child processes and foreign files is never printed raw: not in the report, the JSON, the
// JUnit file, an error message, or a line of the proxy.

import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { runCommand } from '../support/command.ts';
import type { Ran } from '../support/command.ts';
import {
  expectHarmless,
  HOSTILE,
  HOSTILE_MEGABYTE,
  HOSTILE_TEXTS,
} from '../support/hostile-text.ts';
import { freePort } from '../support/free-port.ts';

function folder(): string {
  const cwd = mkdtempSync(join(tmpdir(), 'unstick-hostile-'));
  onTestFinished(() => rmSync(cwd, { recursive: true }));
  return cwd;
}

/** A server that answers every chunk with the text and a number, so that no two answers are the same. */
async function answering(text: string): Promise<number> {
  let count = 0;
  const server = net.createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.on('data', () => socket.write(`${text}${count++}`));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** `prove` of a child that prints the text on this stream and ends. */
async function proveChild(text: string, stream: 1 | 2, ...words: string[]): Promise<Ran> {
  const cwd = folder();
  writeFileSync(join(cwd, 'says'), text);
  const port = await freePort();
  const spawn = ['--spawn', `cat says >&${stream}; exit 3`, '--send', 'hex:00'];
  return await runCommand(['prove', '--to', `:${port}`, ...spawn, ...words], { cwd });
}

function expectAllHarmless({ stdout, stderr }: Ran): void {
  expectHarmless(stdout);
  expectHarmless(stderr);
}

describe('prove --spawn', () => {
  test.each(Object.entries(HOSTILE_TEXTS))('shows %s of its child as text', async (_, text) => {
    const ran = await proveChild(`${text} END`, 2);
    expect(ran.stdout).toMatch(/^INCONCLUSIVE because the spawned command exited with code 3: "/);
    expect(ran.stdout).toContain('END"');
    expectAllHarmless(ran);
  });

  test('shows a megabyte of it as a few lines of 200 characters', async () => {
    const ran = await proveChild(HOSTILE_MEGABYTE, 1);
    expect(ran.stdout).toContain('INCONCLUSIVE');
    expect(ran.stdout.length).toBeLessThan(1000);
    expectAllHarmless(ran);
  });

  test('has nothing raw in --json and --junit either', async () => {
    const cwd = folder();
    const junit = join(cwd, 'junit.xml');
    const ran = await proveChild(HOSTILE, 2, '--json', '--junit', junit);
    expect(JSON.parse(ran.stdout)).toMatchObject({ verdict: 'INCONCLUSIVE' });
    expectAllHarmless(ran);
    const xml = readFileSync(junit, 'utf8');
    expect(xml).toContain('<error message="INCONCLUSIVE because the spawned command');
    expectHarmless(xml);
  });
});

describe('prove', () => {
  test.each([[], ['--json']])('shows hostile answers as bytes (%s)', async (...words) => {
    const port = await answering(HOSTILE);
    const cwd = folder();
    const send = ['--send', 'hex:00', '--runs', '3', '--time', '3s'];
    const ran = await runCommand(['prove', '--to', `:${port}`, ...send, ...words], { cwd });
    expect(ran.stdout).toMatch(/INCONCLUSIVE/);
    expectAllHarmless(ran);
  });

  test.each([
    ['an op', { v: 1, seed: 1, direction: 'to-server', ops: [HOSTILE] }],
    ['a name', { v: 1, seed: 1, direction: 'to-server', ops: [], [HOSTILE]: 1 }],
    ['a direction', { v: 1, seed: 1, direction: HOSTILE_MEGABYTE, ops: [] }],
    ['a version', { v: HOSTILE, seed: 1, direction: 'to-server', ops: [] }],
  ])('refuses a schedule of somebody with hostile text as %s, in one line', async (_, schedule) => {
    const cwd = folder();
    writeFileSync(join(cwd, 'cuts.json'), JSON.stringify(schedule));
    for (const words of [
      ['prove', '--to', ':9', '--send', 'hex:00', '--replay', 'cuts.json'],
      ['chop', '--listen', ':0', '--to', ':9', '--schedule', 'cuts.json'],
    ]) {
      const ran = await runCommand(words, { cwd });
      expect(ran.code).toBe(3);
      expect(ran.stderr).toContain('ERR_SCHEDULE');
      expect(ran.stderr.trimEnd().split('\n')).toHaveLength(1);
      expectAllHarmless(ran);
    }
  });

  test.each([
    ['--send', `no such ${HOSTILE}`],
    ['--until', HOSTILE],
    ['--frames', HOSTILE],
    ['--to', `${HOSTILE}:x`],
    [`--${HOSTILE.replaceAll(/[\r\n]/g, '')}`, 'x'],
  ])('refuses hostile words of a script for %s, in one line', async (option, word) => {
    const good = { '--to': ':9', '--send': 'hex:00' };
    const words = Object.entries({ ...good, [option]: word }).flat();
    const ran = await runCommand(['prove', ...words], { cwd: folder() });
    expect(ran.code).toBe(option === '--send' ? 3 : 2);
    expect(ran.stderr.trimEnd().split('\n')).toHaveLength(1);
    expectAllHarmless(ran);
  });
});
