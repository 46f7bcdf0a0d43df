// docs/dialogues.md has each proof and each option of `unstick record` as the code has it.

import { Option } from 'commander';
import { expect, test } from 'vitest';
import { optionLines } from '../../src/cli/option-table.ts';
import { RECORD_OPTIONS } from '../../src/cli/record.ts';
import { parseDialogue } from '../../src/prove/dialogue/parse.ts';
import { PROOFS } from '../../src/prove/dialogue/proofs.ts';
import { readMarkdown, tableRows } from './markdown.ts';

const { text } = readMarkdown('docs/dialogues.md');

test('the options of record stand as --help has them', () => {
  const lines = optionLines(Object.values(RECORD_OPTIONS));
  for (const line of lines) {
    expect(text).toContain(line);
  }
  expect(tableRows(text, ['Option', 'Does', 'Default'])).toHaveLength(lines.length);
  for (const [name, { flags }] of Object.entries(RECORD_OPTIONS)) {
    expect(new Option(flags).attributeName()).toBe(name);
  }
});

test('each proof stands with what it needs and gives', () => {
  const rows = Object.entries(PROOFS).map(([name, { needs, says }]) => [
    `\`${name}\``,
    needs.map((need) => `\`${need}\``).join(', '),
    says,
  ]);
  expect(tableRows(text, ['Proof', 'Needs', 'Gives'])).toEqual(rows);
});

test('the recorded dialogue is one', () => {
  const recorded = /```json\n(\{[^]*?\n\})\n```/.exec(text)?.[1] ?? '';
  expect(parseDialogue(recorded).steps).toHaveLength(6);
});
