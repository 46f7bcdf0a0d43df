// The READMEs: both languages show the same code, and the tests that they name exist.

import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

function textOf(file: string): string {
  return readFileSync(new URL(file, import.meta.url), 'utf8');
}

function blocks(readme: string): string[] {
  return textOf(readme).match(/^```[^]*?^```$/gm) ?? [];
}

test('holds the same code blocks in both languages', () => {
  expect(blocks('README.md').length).toBeGreaterThan(6);
  expect(blocks('README.zh-CN.md')).toEqual(blocks('README.md'));
});

test.each(['README.md', 'README.zh-CN.md'])('%s points at tests that are there', (readme) => {
  const rows = textOf(readme).matchAll(/`([\w/-]+\.test\.ts)`(?: (?:"([^"]+)"|\((\d)\)))?/g);
  const missing = Array.from(rows, ([whole, file = '', words, point]) => {
    const source = existsSync(new URL(file, import.meta.url)) ? textOf(file) : undefined;
    const mark = words ?? (point === undefined ? '' : `(${point})`);
    return source?.includes(mark) === true ? undefined : whole;
  }).filter((one) => one !== undefined);
  expect(missing).toEqual([]);
});
