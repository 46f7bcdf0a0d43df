// The manifest of the servers with a known truth is complete. What it says is checked by check.mjs, which
// takes minutes.

import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

interface Target {
  readonly name: string;
  readonly language: string;
  readonly kind: string;
  readonly want: string;
  readonly why: string;
  readonly build?: string;
  readonly spawn: string;
  readonly send: readonly unknown[];
  readonly breaks?: object;
}

const FOLDER = fileURLToPath(new URL('.', import.meta.url));
const TARGETS = JSON.parse(readFileSync(`${FOLDER}manifest.json`, 'utf8')) as readonly Target[];
const BROKEN = ['BROKEN', 'NOT_SAFE'];
const RIGHT = ['SAFE', 'INCONCLUSIVE', 'NOT_BROKEN'];

function sourceOf(target: Target): string {
  const words = (target.build ?? target.spawn).split(' ');
  return words.find((word) => word.startsWith('{dir}/'))?.replace('{dir}/', FOLDER) ?? '';
}

describe('the manifest of servers with a known truth', () => {
  test.each([
    ['broken', BROKEN],
    ['right', ['SAFE']],
  ])('has at least 40 servers that are %s', (_, wants) => {
    expect(TARGETS.filter(({ want }) => wants.includes(want)).length).toBeGreaterThanOrEqual(40);
  });

  test('names each target once', () => {
    expect(new Set(TARGETS.map(({ name }) => name)).size).toBe(TARGETS.length);
  });

  test('has an entry for every server of the folder', () => {
    const files = readdirSync(`${FOLDER}servers`).filter((file) => !file.startsWith('serve.'));
    const used = new Set(
      TARGETS.map((target) => sourceOf(target).replace(`${FOLDER}servers/`, '')),
    );
    expect(files.filter((file) => !used.has(file))).toEqual([]);
  });

  test.each(TARGETS)('argues the truth of $name, and its source says the same', (target) => {
    expect([...BROKEN, ...RIGHT]).toContain(target.want);
    expect(target.why).toMatch(/\w.*\.$/);
    expect(target.kind).not.toBe('');
    expect(target.send.length).toBeGreaterThan(0);
    expect(existsSync(sourceOf(target))).toBe(true);
    const isBroken = BROKEN.includes(target.want);
    expect(readFileSync(sourceOf(target), 'utf8')).toMatch(isBroken ? /BROKEN/ : /RIGHT/);
    expect(target.breaks !== undefined).toBe(isBroken);
  });
});
