// The READMEs of the examples: both languages have the same blocks and tables, and all that they name exists.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { blocksOf } from './readme.ts';
import type { Block } from './readme.ts';

const examples = new URL('..', import.meta.url);
const names = readdirSync(examples).filter((name) =>
  existsSync(new URL(`${name}/scene.ts`, examples)),
);

function read(path: string): string {
  return readFileSync(new URL(path, examples), 'utf8');
}

/** The blocks that name a language. Blocks without a language are drawings, whose words are translated. */
function code(readme: string): Block[] {
  return blocksOf(readme).filter(({ language }) => language !== '');
}

/** The rows of all tables. */
function rows(readme: string): string[] {
  return readme.split('\n').filter((line) => /^\|.*\|$/.test(line));
}

describe('the tables of the examples', () => {
  test('have as many rows in both languages', () => {
    expect(rows(read('README.zh-CN.md'))).toHaveLength(rows(read('README.md')).length);
    expect(rows(read('README.md')).length).toBeGreaterThan(25);
  });

  test('have a row with a command for every example', () => {
    for (const readme of ['README.md', 'README.zh-CN.md']) {
      for (const name of names) {
        const [row] = rows(read(readme)).filter((line) => line.includes(`[${name}](${name})`));
        expect(row).toMatch(name === 'sticky' ? /npm run demo/ : `npm run example -- ${name}\``);
      }
    }
  });
});

describe.each(['.', ...names])('the README of examples/%s', (name) => {
  test('holds the same code in both languages', () => {
    const blocks = code(read(`${name}/README.md`));
    expect(blocks.length).toBeGreaterThan(0);
    expect(code(read(`${name}/README.zh-CN.md`))).toEqual(blocks);
  });

  test('names programs that exist', () => {
    const shell = blocksOf(read(`${name}/README.md`)).filter(({ language }) => language === 'sh');
    const named = shell.flatMap(({ text }) => text.match(/examples\/[\w./-]+\.(?:ts|py)/g) ?? []);
    expect(named.filter((path) => !existsSync(new URL(`../${path}`, examples)))).toEqual([]);
  });
});
