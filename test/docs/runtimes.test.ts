// docs/runtimes.md against the checks: each row is tried, and each check has its row.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ELSEWHERE, ROWS } from '../../.ci/consumers/rows.mjs';
import { readMarkdown, root, tableRows } from './markdown.ts';

const { text } = readMarkdown('docs/runtimes.md');
const rows = ['Runs on', 'Tool'].flatMap((first) => tableRows(text, [first, 'What', 'Remarks']));

test('every row of docs/runtimes.md is a check, and every check is a row', () => {
  const checked = [...ROWS, ...ELSEWHERE].map(({ name }) => name);
  expect(rows.map(([name = '']) => name).toSorted()).toEqual(checked.toSorted());
});

test.each(ROWS.map((row) => [row.name, row] as const))(
  'the row of %s says that it fails only if it does',
  (name, { fails = false }) => {
    const [, what] = rows.find(([named]) => named === name) ?? [];
    expect(what?.startsWith('fails')).toBe(fails);
  },
);

describe('the checks', () => {
  const script = readFileSync(join(root, '.ci/run'), 'utf8');

  test('run in .ci/run', () => {
    expect(script).toContain('node .ci/consumers/run.mjs');
    expect(script).toMatch(/^step '[^']+' consumers$/m);
  });

  test.each(ELSEWHERE)('of $name run among the interop tests', ({ file }) => {
    expect(existsSync(join(root, file))).toBe(true);
    expect(script).toContain("tests 'npm run test:interop'");
  });
});

test('each entry of the package has a row that says what it needs', () => {
  const { exports }: { exports: Record<string, unknown> } = JSON.parse(
    readFileSync(join(root, 'package.json'), 'utf8'),
  );
  const entries = Object.keys(exports).filter((name) => name !== './package.json');
  const named = tableRows(text, ['Entry', 'Needs']).flatMap(
    ([cell = '']) => cell.match(/unstick[\w/]*/g) ?? [],
  );
  expect(named.toSorted()).toEqual(
    entries.map((name) => name.replace(/^\./, 'unstick')).toSorted(),
  );
});
