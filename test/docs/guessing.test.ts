// docs/guessing.md has the options, the exit codes and the example of `unstick guess` as the code has them.

import { Option } from 'commander';
import { expect, test } from 'vitest';
import { GUESS_OPTIONS } from '../../src/cli/guess-options.ts';
import { optionLines } from '../../src/cli/option-table.ts';
import { runCommand } from '../support/command.ts';
import { readMarkdown, root, tableRows } from './markdown.ts';

const { text } = readMarkdown('docs/guessing.md');
const chinese = readMarkdown('docs/guessing.zh-CN.md').text;

test('the options of guess stand as --help has them', () => {
  const lines = optionLines(Object.values(GUESS_OPTIONS)).map((line) =>
    // A bar in a cell of a table is escaped.
    line.replaceAll('`|`', '`\\|`'),
  );
  for (const line of lines) {
    expect(text).toContain(line);
  }
  expect(tableRows(text, ['Option', 'Does', 'Default'])).toHaveLength(lines.length);
  for (const [name, { flags }] of Object.entries(GUESS_OPTIONS)) {
    expect(new Option(flags).attributeName()).toBe(name);
  }
});

test.each([
  ['English', text],
  ['Chinese', chinese],
])('the example is what the command prints (%s)', async (_, page) => {
  const [, example = ''] = /```\n(\$ unstick guess --hex [^]*?)\n```/.exec(page) ?? [];
  const [command = '', ...printed] = example.split('\n');
  const [, hex = ''] = /--hex '([^']+)'$/.exec(command) ?? [];
  const { stdout, code } = await runCommand(['guess', '--hex', hex], { cwd: root });
  expect(stdout).toBe(`${printed.join('\n')}\n`);
  expect(code).toBe(0);
});

test('the exit codes are those of --help', async () => {
  const { stdout } = await runCommand(['guess', '--help'], { cwd: root });
  const [codes = ''] = /Exit code: .*?\.(?= )/.exec(stdout.replaceAll(/\s+/g, ' ')) ?? [];
  expect(codes).not.toBe('');
  expect(text).toContain(codes);
  // The Chinese page says each code in its own words.
  const [inChinese = ''] = /^退出码：.*$/m.exec(chinese) ?? [];
  expect(inChinese.match(/\d+(?= )/g)).toEqual(codes.match(/\d+(?= )/g));
});
