// The demo as its users run it, and its parts: claims, the comparison of ends, the picture.

import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { Claims } from '../support/claims.ts';
import { columnsOf, fit } from '../support/ink.ts';
import { nodeWords } from '../support/node-words.ts';
import { hasPython } from '../support/python.ts';
import { onStage } from '../support/stage.ts';
import type { Stage, StartedProgram } from '../support/stage.ts';
import { compare, endsOf, segmentsOf, stuckStretch } from './stage/ends.ts';
import { draw } from './stage/picture.ts';
import { chooseWords } from './stage/choose-words.ts';
import { wordsEn } from './stage/words-en.ts';
import { wordsZh } from './stage/words-zh.ts';

const env = { ...process.env, NO_COLOR: '1', NODE_OPTIONS: '' };

function run(file: string, ...args: string[]): Promise<{ code: unknown; text: string }> {
  const path = fileURLToPath(new URL(file, import.meta.url));
  return new Promise((resolve) => {
    const command = [...nodeWords(path), ...args];
    execFile(process.execPath, command, { env }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : error.code, text: stdout + stderr });
    });
  });
}

function marked(text: string, mark: string): string[] {
  return text.split('\n').filter((line) => line.startsWith(`  ${mark} `));
}

function blocks(readme: string): string[] {
  const text = readFileSync(new URL(readme, import.meta.url), 'utf8');
  return text.match(/^```[^]*?^```$/gm) ?? [];
}

function bytes(length: number): { length: number; label: string } {
  return { length, label: String(length) };
}

/** Starts a program without a channel for its reports, as a user does from a shell. */
function byHand(stage: Stage, ...args: readonly string[]): StartedProgram {
  return stage.command(process.execPath, ['--import', 'tsx', ...args]);
}

function oneLineAbout(start: string): unknown {
  return expect.stringMatching(new RegExp(`^${start}.+\\n$`));
}

describe('npm run demo, played by npm run example -- sticky', () => {
  test('exits 0 with all eleven claims held, in lines of at most 100 columns, without colour', async () => {
    const { code, text } = await run('../run.ts', 'sticky', '--lang', 'en');
    expect(marked(text, '✘')).toEqual([]);
    expect(marked(text, '✔')).toHaveLength(12); // 11 of the demo, and 1 of scene.ts.
    expect(text).toContain('answer 2 is bytes 1,024 to 2,047 of answer 1');
    expect(text).toContain('300 of 300 answers whole on a quiet loopback');
    expect(text).toContain('delivered as 2 bytes + the rest, the very first message breaks it');
    expect(text).toContain('through unstick: the whole message');
    expect(text).toContain('SHA-256 is the same on both sides');
    expect(text).toContain('All 11 claims held');
    expect(text.split('\n').filter((line) => columnsOf(line) > 100)).toEqual([]);
    expect(text).not.toContain('\u001b');
    expect(code).toBe(0);
  });

  test('measures that the usual cures are none, and that unstick is one', async () => {
    const { code, text } = await run('cures.ts', '--lang', 'zh');
    expect(marked(text, '✘')).toEqual([]);
    const onlyHere = process.platform === 'linux' ? 1 : 0;
    expect(marked(text, '✔')).toHaveLength(7 + onlyHere + (hasPython ? 2 : 0));
    expect(text).toContain('unstick：两种情况下每条消息都完整');
    expect(code).toBe(0);
  });
});

describe('npm run demo -- --web', () => {
  test.each([
    ['en', 'messages came in more than one chunk', 'Open in a browser:'],
    ['zh', '条消息分在不止一块里到达（半包）', '在浏览器里打开：'],
  ])('serves half and sticky messages on a page until Ctrl-C, in %s', async (lang, claim, open) => {
    await onStage(import.meta.url, async (stage) => {
      const demo = stage.start('demo.ts', ['--web', '--lang', lang]);
      const [, url = ''] = await demo.line(new RegExp(`${open} +(http:\\S+)$`));
      const state: unknown = await (await fetch(`${url}state`)).json();
      expect(state).toMatchObject({ source: { pieces: 'chunks' }, summary: { errors: 0 } });
      const page = await (await fetch(url)).text();
      expect(page).toMatch(/^<!doctype html>/);
      demo.child.kill('SIGINT');
      const { code, stdout, stderr } = await demo.ended;
      expect(stdout).toContain(claim);
      expect(marked(stdout, '✔')).toHaveLength(3);
      expect([code, stderr]).toEqual([0, '']);
      await expect(fetch(url)).rejects.toThrow('fetch failed');
    });
  });
});

describe('the programs, started by hand', () => {
  test.each([
    { file: 'naive/server.ts', client: 'naive/client.ts', commands: ['node --version'] },
    { file: 'almost/server.ts', client: 'almost/client.ts', commands: [] },
    { file: 'almost/server.ts', client: 'almost/unstick-client.ts', commands: [] },
    { file: 'whole/server.ts', client: 'whole/client.ts', commands: ['node --version'] },
  ])('say what they do, and what is wrong: $file, $client', async ({ file, client, commands }) => {
    await onStage(import.meta.url, async (stage) => {
      const server = byHand(stage, file);
      const [, port = ''] = await server.line(/^listening on 127\.0\.0\.1:(\d+)$/);
      const { code, stdout } = await byHand(stage, client, port, ...commands).ended;
      expect(stdout).toContain(process.version);
      expect(code).toBe(0);
      const second = await byHand(stage, file, port).ended;
      expect([second.code, second.stderr]).toEqual([1, oneLineAbout('Cannot listen')]);
      await server.end();
      const late = await byHand(stage, client, port, ...commands).ended;
      expect([late.code, late.stderr]).toEqual([1, oneLineAbout('Connection refused')]);
    });
  });

  test('refuse wrong arguments in one line', async () => {
    await onStage(import.meta.url, async (stage) => {
      const starts = [
        ['naive/server.ts', 'x'],
        ['whole/server.ts', '70000'],
        ['naive/client.ts'],
        ['almost/client.ts', 'x'],
        ['demo.ts', '--lang', 'fr'],
        ['demo.ts', '--lnag', 'zh'],
        ['cures.ts', '--messages', '0'],
      ];
      const endings = await Promise.all(starts.map((args) => byHand(stage, ...args).ended));
      expect(endings.map(({ code }) => code)).toEqual(starts.map(() => 2));
      for (const { stderr } of endings) {
        expect(stderr).toEqual(oneLineAbout(''));
      }
    });
  });
});

describe('Claims', () => {
  test('exits 0 only if every expected claim was made and held', () => {
    const lines: string[] = [];
    const claims = new Claims(2, (line) => lines.push(line));
    expect(claims.exitCode).toBe(1);
    claims.check('one', true);
    expect(claims.exitCode).toBe(1);
    claims.check('two', true);
    expect(claims.exitCode).toBe(0);
    expect(lines).toEqual(['  ✔ one', '  ✔ two']);
  });

  test('exits 1 for one claim that failed, however many held', () => {
    const lines: string[] = [];
    const claims = new Claims(2, (line) => lines.push(line));
    for (const holds of [true, false, true]) {
      claims.check('it', holds);
    }
    expect(claims.held).toBe(2);
    expect(claims.exitCode).toBe(1);
    expect(lines[1]).toBe('  ✘ it');
  });

  test('exits 1 for a claim more than was expected', () => {
    const claims = new Claims(1, () => undefined);
    for (const holds of [true, true]) {
      claims.check('it', holds);
    }
    expect(claims.exitCode).toBe(1);
  });
});

describe('compare', () => {
  test('counts chunks that end inside a message, hold two, or are exactly one', () => {
    const messages = endsOf([10, 10, 10, 10]);
    expect(compare(endsOf([10, 10, 10, 10]), messages)).toEqual({ half: 0, stuck: 0, exact: 4 });
    expect(compare(endsOf([20, 20]), messages)).toEqual({ half: 0, stuck: 2, exact: 0 });
    expect(compare(endsOf([2, 8, 15, 5, 10]), messages)).toEqual({ half: 2, stuck: 1, exact: 1 });
  });
});

describe('segmentsOf', () => {
  test('shows the first chunk that holds two messages, and a message before it', () => {
    const messages = endsOf([10, 10, 10, 10, 10, 10, 10]);
    const chunks = endsOf([10, 4, 6, 10, 8, 12, 20]);
    const { from, to } = stuckStretch(chunks, messages);
    expect([from, to]).toEqual([20, 60]);
    const labels = segmentsOf(chunks, 24, 60).map(({ length, label }) => `${length}: ${label}`);
    expect(labels).toEqual(['6: … 10', '8: 8', '12: 12', '10: 20 …']);
  });
});

describe('draw', () => {
  test('gives one place of the stream the same column in every row', () => {
    const rows = [
      { name: 'messages', segments: [bytes(4), bytes(20), bytes(6)] },
      { name: 'chunks', segments: [bytes(2), bytes(22), bytes(6)] },
    ];
    const [messages = '', chunks = ''] = draw(rows, 80);
    expect(messages.length).toBe(chunks.length);
    expect(messages.length).toBeLessThanOrEqual(80);
    expect(messages.lastIndexOf('┐┌')).toBe(chunks.lastIndexOf('┘└'));
  });

  test('keeps every label, and counts a Chinese character as two columns', () => {
    const rows = [{ name: '消息', segments: [{ length: 1, label: '半包' }, bytes(1000)] }];
    const [line = ''] = draw(rows, 60);
    expect(line).toContain('┌ 半包 ┐┌ 1000 ');
    expect(columnsOf(line)).toBeLessThanOrEqual(60);
  });
});

describe('README', () => {
  test('holds the same code blocks in both languages', () => {
    expect(blocks('README.md').length).toBeGreaterThan(3);
    expect(blocks('README.zh-CN.md')).toEqual(blocks('README.md'));
  });
});

describe('words', () => {
  test('are chosen by --lang, then by the environment, then English', () => {
    expect(chooseWords('zh', { LANG: 'en_US.UTF-8' })).toBe(wordsZh);
    expect(chooseWords('en', { LANG: 'zh_CN.UTF-8' })).toBe(wordsEn);
    expect(chooseWords(undefined, { LANG: 'zh_CN.UTF-8' })).toBe(wordsZh);
    expect(chooseWords(undefined, { LC_ALL: '', LANG: 'zh_CN.UTF-8' })).toBe(wordsZh);
    expect(chooseWords(undefined, { LC_ALL: 'C', LANG: 'zh_CN.UTF-8' })).toBe(wordsEn);
    expect(chooseWords(undefined, {})).toBe(wordsEn);
    expect(() => chooseWords('fr', {})).toThrow('--lang is "fr"; it must be en or zh.');
  });

  test('are cut off where the columns end', () => {
    expect(fit('半包粘包', 5)).toBe('半包…');
    expect(fit('chunk', 5)).toBe('chunk');
  });
});
