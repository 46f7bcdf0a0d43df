// The files for GitHub and the like: the commands in them exist, and their statements are true.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readMarkdown, root, sectionOf } from './markdown.ts';

const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const { scripts, engines }: { scripts: Record<string, string>; engines: { node: string } } =
  JSON.parse(read('package.json'));
const workflows = readdirSync(join(root, '.github/workflows')).map(
  (name) => `.github/workflows/${name}`,
);

describe.each(workflows)('%s', (path) => {
  const text = read(path);

  test('runs scripts that exist', () => {
    const named = [...text.matchAll(/npm run (?:-s )?([\w:-]+)/g)].map(([, name = '']) => name);
    const own = text.includes('npm test') ? ['test', ...named] : named;
    expect(own.filter((name) => scripts[name] === undefined)).toEqual([]);
    const files = [...text.matchAll(/run: (\.ci\/\w+)/g)].map(([, file = '']) => file);
    expect(files.filter((file) => !existsSync(join(root, file)))).toEqual([]);
  });

  test('gives its jobs no right to write to the repository', () => {
    expect(text).toMatch(/^permissions:\n {2}contents: read$/m);
    expect(text).not.toContain('contents: write');
  });
});

describe('CI', () => {
  const text = read('.github/workflows/ci.yml');

  test('runs .ci/run, and the unit tests on each system', () => {
    expect(text).toContain('run: .ci/run');
    expect(text).toContain('system: [ubuntu-latest, macos-latest, windows-latest]');
  });

  test('starts with the oldest Node that package.json promises', () => {
    expect(/node: \[(\d+)/.exec(text)?.[1]).toBe(/\d+/.exec(engines.node)?.[0]);
  });

  test('says that macOS and Windows are untried, as docs/runtimes.md does', () => {
    expect(text).toContain('macOS and Windows are untried');
    expect(sectionOf(readMarkdown('docs/runtimes.md'), 'What is not tried')).toContain(
      'macOS and Windows',
    );
  });
});

test('a release is published with provenance', () => {
  expect(read('.github/workflows/release.yml')).toContain('id-token: write');
  const { publishConfig }: { publishConfig: object } = JSON.parse(read('package.json'));
  expect(publishConfig).toEqual({ access: 'public', provenance: true });
});

test('SECURITY.md names a contact that every user of the package can find', () => {
  expect(sectionOf(readMarkdown('SECURITY.md'), 'Reporting')).toContain('npm owner ls unstick');
});
