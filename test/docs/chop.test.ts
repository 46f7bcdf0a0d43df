// The tables of docs/chop.md and the lists of --help agree with the tables of plans and faults in the code. A
// row that is missing or different there fails.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { env } from 'node:process';
import { Command, Option } from 'commander';
import { expect, test } from 'vitest';
import { FAULTS } from '../../src/chop/faults/faults.ts';
import { addChop, CHOP_OPTIONS } from '../../src/cli/chop.ts';
import { optionLines } from '../../src/cli/option-table.ts';
import { addProve, EXIT_CODES } from '../../src/cli/prove.ts';
import { PLANS } from '../../src/schedule/plans.ts';
import { root } from './markdown.ts';

const file = join(root, 'docs/chop.md');
const command = 'UPDATE_DOCS=1 npx vitest run --project unit test/docs/chop.test.ts';

/** The rows of the faults, as docs/chop.md has them. */
const faultRows = Object.values(FAULTS).map(
  ({ words, does }) => `| ${words.map((word) => `\`${word}\``).join(', ')} | ${does} |`,
);
const planRows = Object.values(PLANS).map(({ word, pieces }) => `| \`${word}\` | ${pieces} |`);

/** The page with the rows of the table under `heading` in place of its own, but for `kept` at its end. */
function withRows(page: string, heading: string, rows: readonly string[], kept = ''): string {
  const [head = '', ...rest] = page.split(
    new RegExp(`(?<=^\\| ${heading} \\|.*\\n(?:\\|---)+\\|\\n)`, 'm'),
  );
  const table = /^(?:\|.*\n)*/.exec(rest.join(''))?.[0] ?? '';
  const last = table.split('\n').filter((row) => kept !== '' && row.includes(kept));
  return (
    head + [...rows, ...last].map((row) => `${row}\n`).join('') + rest.join('').slice(table.length)
  );
}

function helpOf(add: (program: Command) => void): string {
  let text = '';
  const program = new Command().configureOutput({ writeOut: (part) => (text += part) });
  add(program);
  program.commands[0]?.outputHelp();
  return text;
}

test('docs/chop.md lists the options, the plans and the faults as the tables do', () => {
  const page = readFileSync(file, 'utf8');
  const tables = withRows(withRows(page, 'Plan', planRows, 'frame-aware'), 'Fault', faultRows);
  const told = withRows(tables, 'Option', optionLines(Object.values(CHOP_OPTIONS)));
  if (env['UPDATE_DOCS'] === '1') {
    writeFileSync(file, told);
  }
  expect(
    told === page,
    `docs/chop.md is not what the tables say. To write it anew:\n${command}`,
  ).toBe(true);
});

test('a fault that is told nowhere would change the page', () => {
  const page = readFileSync(file, 'utf8');
  const more = [...faultRows, '| `duplicate` | sends it twice |'];
  expect(withRows(page, 'Fault', more)).not.toBe(page);
});

test('--help of chop lists every plan and every fault', () => {
  const help = helpOf(addChop);
  for (const { words } of Object.values(FAULTS)) {
    for (const word of words) {
      expect(help).toContain(word);
    }
  }
  for (const { word } of Object.values(PLANS)) {
    expect(help).toContain(word);
  }
});

test('--help of chop gives every option its default, and names the plan by frames', () => {
  const help = helpOf(addChop).replaceAll(/\s+/g, ' ');
  for (const [name, { flags, does, preset }] of Object.entries(CHOP_OPTIONS)) {
    expect(new Option(flags).attributeName()).toBe(name);
    const told = preset === 'required' ? '(required)' : `(default: ${preset})`;
    expect(help).toContain(`${flags} ${does}`);
    expect(help.slice(help.indexOf(`${flags} ${does}`))).toContain(told);
  }
  expect(help).toContain('frame-aware:FORMAT');
});

test('docs/chop.md has the exit codes of --help', () => {
  const page = readFileSync(file, 'utf8');
  expect(page).toContain(
    /Exit code: .*?\.(?= )/.exec(helpOf(addChop).replaceAll(/\s+/g, ' '))?.[0] ?? 'none',
  );
});

test('--help of prove and docs/proving.md give every verdict its exit code', () => {
  const help = helpOf(addProve);
  const page = readFileSync(join(root, 'docs/proving.md'), 'utf8');
  for (const [verdict, code] of Object.entries(EXIT_CODES)) {
    expect(help).toContain(`${code} ${verdict}`);
    expect(page).toMatch(new RegExp(`^\\| \`${verdict} .*\` \\| ${code} \\|`, 'm'));
  }
});
