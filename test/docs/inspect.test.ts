// docs/inspect.md has the options, the exit codes and the first picture of `unstick inspect` as the code has them.

import { Option } from 'commander';
import { expect, test } from 'vitest';
import { INSPECT_OPTIONS } from '../../src/cli/inspect-options.ts';
import { optionLines } from '../../src/cli/option-table.ts';
import { HEAD_NAMES } from '../../src/heads/heads.ts';
import { runCommand } from '../support/command.ts';
import { readMarkdown, root, tableRows } from './markdown.ts';

const { text } = readMarkdown('docs/inspect.md');
const chinese = readMarkdown('docs/inspect.zh-CN.md').text;

test('the options of inspect stand as --help has them', () => {
  const lines = optionLines(Object.values(INSPECT_OPTIONS)).map((line) =>
    // A bar in a cell of a table is escaped.
    line.replaceAll('`|`', '`\\|`'),
  );
  for (const line of lines) {
    expect(text).toContain(line);
  }
  expect(tableRows(text, ['Option', 'Does', 'Default'])).toHaveLength(lines.length);
  for (const [name, { flags }] of Object.entries(INSPECT_OPTIONS)) {
    expect(new Option(flags).attributeName()).toBe(name);
  }
});

test('the first picture is what the command prints', async () => {
  const [, picture = ''] = /```\n(\$ unstick inspect --hex [^]*?)\n```/.exec(text) ?? [];
  const [command = '', ...printed] = picture.split('\n');
  const [, hex = '', frames = ''] = /--hex '([^']+)' --frames (\w+)$/.exec(command) ?? [];
  const { stdout } = await runCommand(['inspect', '--hex', hex, '--frames', frames], { cwd: root });
  expect(stdout).toBe(`${printed.join('\n')}\n`);
  const [, other = ''] = /```\n(\$ unstick inspect --hex [^]*?)\n```/.exec(chinese) ?? [];
  expect(picture.startsWith(other)).toBe(true);
  expect(other).not.toBe('');
});

test('the tree of fields is what the command prints, and all declared heads are named', async () => {
  const [, picture = ''] =
    /```\n(\$ unstick inspect --hex .* --fields\n[^]*?)\n```/.exec(text) ?? [];
  const [command = '', ...printed] = picture.split('\n');
  const [, hex = '', frames = ''] = /--hex '([^']+)' --frames (\w+) --fields$/.exec(command) ?? [];
  const words = ['inspect', '--hex', hex, '--frames', frames, '--fields'];
  const { stdout } = await runCommand(words, { cwd: root });
  expect(printed.length).toBeGreaterThan(3);
  expect(stdout.startsWith(`${printed.join('\n')}\n`)).toBe(true);
  const [named = ''] = /^.* have a declared head\.$/m.exec(text) ?? [];
  expect(named.match(/(?<=`)\w+(?=`)/g)).toEqual([...HEAD_NAMES]);
});

test('the exit codes are those of --help', async () => {
  const { stdout } = await runCommand(['inspect', '--help'], { cwd: root });
  const [codes = ''] = /Exit code: .*?\.(?= )/.exec(stdout.replaceAll(/\s+/g, ' ')) ?? [];
  expect(codes).not.toBe('');
  expect(text).toContain(codes);
  // The Chinese page says each code in its own words.
  const [inChinese = ''] = /^退出码：.*$/m.exec(chinese) ?? [];
  expect(inChinese.match(/\d+(?= )/g)).toEqual(codes.match(/\d+(?= )/g));
});
