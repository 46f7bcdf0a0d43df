// The options of `unstick prove`: --help and docs/proving.md say what the table says.

import { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { EXITS } from '../../src/cli/exit-codes.ts';
import { addProve } from '../../src/cli/prove.ts';
import { describeOption, optionLines } from '../../src/cli/option-table.ts';
import type { OptionRow } from '../../src/cli/option-table.ts';
import { PROVE_OPTIONS } from '../../src/cli/prove-options.ts';
import { resolveProveServerOptions } from '../../src/prove/server/options.ts';
import { readMarkdown } from './markdown.ts';

const rows: readonly (readonly [string, OptionRow])[] = Object.entries(PROVE_OPTIONS);
const program = new Command();
addProve(program);
let help = '';
program.commands[0]?.configureOutput({ writeOut: (text) => (help += text) }).outputHelp();
const words = help.replaceAll(/\s+/g, ' ');
const { text: page } = readMarkdown('docs/proving.md');

test('docs/proving.md has a row for each option, and no other', () => {
  const lines = optionLines(Object.values(PROVE_OPTIONS));
  const table = page.slice(page.indexOf('| Option | Does | Default |')).split('\n\n')[0];
  expect(table?.trimEnd().split('\n').slice(2)).toEqual(lines);
});

describe.each(rows)('--%s', (name, row) => {
  test('stands in --help with its default', () => {
    expect(words).toContain(describeOption(row));
  });

  test('is one option of its name', () => {
    const kebab = name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    expect(row.flags.split(' ')[0]).toBe(`--${kebab}`);
  });
});

function preset(name: keyof typeof PROVE_OPTIONS): string | undefined {
  return PROVE_OPTIONS[name].preset;
}

test('the defaults in words are those of proveServer', () => {
  const send = new Uint8Array(1);
  const { runs, time, pause, patience, until, ready, fresh, fin, connections } =
    resolveProveServerOptions({ to: ':9', send });
  expect([preset('runs'), preset('connections')]).toEqual([String(runs), String(connections)]);
  expect([preset('until'), preset('ready'), preset('fresh'), preset('fin')]).toEqual([
    until,
    ready,
    fresh,
    fin,
  ]);
  const parsed = (name: keyof typeof PROVE_OPTIONS): unknown =>
    PROVE_OPTIONS[name].parse?.(preset(name) ?? '', `--${name}`);
  expect([parsed('time'), parsed('pause'), parsed('patience')]).toEqual([time, pause, patience]);
});

test('the exit codes in --help are those of the table', () => {
  const codes = Object.values(EXITS).map(({ code }) => code);
  const said = /Exit code: ([^.]*)\./.exec(words)?.[1] ?? '';
  expect(said.match(/\d+(?= )/g)?.map(Number)).toEqual(codes);
});
