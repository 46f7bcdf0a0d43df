// The two READMEs: short enough to be read, the program early, and the same code in both languages.
// Their commands are known ones; test/interop/readme-commands.test.ts runs them.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { documents, readMarkdown, root } from './markdown.ts';
import { programsOfDocuments } from './programs.ts';

const english = readMarkdown('README.md');
const chinese = readMarkdown('README.zh-CN.md');

/** Blocks that name a language. Those that name none are drawings, with words of their own. */
function code({ blocks }: typeof english): string[] {
  return blocks.filter(({ info }) => info !== '').map(({ info, text }) => `${info}\n${text}`);
}

describe('the README', () => {
  test('has at most 200 lines in either language', () => {
    for (const { text } of [english, chinese]) {
      expect(text.trimEnd().split('\n').length).toBeLessThanOrEqual(200);
    }
  });

  test('shows a program with its output before line 30', () => {
    const [first] = programsOfDocuments().filter(({ block }) =>
      block.place.startsWith('README.md'),
    );
    const lines = english.text.split('\n');
    const output = first?.output ?? '';
    expect(output).not.toBe('');
    expect(lines.slice(0, 29).join('\n')).toContain(`${output}\n\`\`\``);
  });

  test('holds the same code in both languages', () => {
    expect(code(chinese)).toEqual(code(english));
    expect(code(english).length).toBeGreaterThan(4);
  });

  test('draws as many pictures in both languages', () => {
    const pictures = ({ blocks }: typeof english): number =>
      blocks.filter(({ info }) => info === '').length;
    expect(pictures(chinese)).toBe(pictures(english));
  });

  test('links to the documents under docs/', () => {
    const missing = documents()
      .filter((path) => path.startsWith('docs/'))
      .filter((path) => !english.text.includes(`(${path}`) || !chinese.text.includes(`(${path}`));
    expect(missing).toEqual([]);
  });
});

describe('a command of the README', () => {
  const commands = english.blocks
    .filter(({ info }) => info === 'sh')
    .flatMap(({ text }) => text.split('\n'));

  test('is npx unstick, or a script of package.json', () => {
    const { scripts }: { readonly scripts: Readonly<Record<string, string>> } = JSON.parse(
      readFileSync(join(root, 'package.json'), 'utf8'),
    );
    const known = ['npx unstick prove', 'npm ci', 'npm test'].concat(
      Object.keys(scripts).flatMap((name) => [`npm run ${name}`, `npm run -s ${name}`]),
    );
    const unknown = commands
      .flatMap((line) => line.split(' && '))
      .filter((command) => !known.some((words) => `${command} `.startsWith(`${words} `)));
    expect(unknown).toEqual([]);
  });
});
