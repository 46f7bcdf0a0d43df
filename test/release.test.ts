// Releases in repositories that each test makes: what a release writes, commits and tags, and when it is
// refused.

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { readMarkdown, root, sectionOf } from './docs/markdown.ts';

const CHANGELOG = `# Changelog

## 0.2.0 (unreleased)

### Added

- A thing.

## 0.1.0

The first.
`;

const PLACES = {
  repository: { type: 'git', url: 'git+https://forge.example/x.git' },
  homepage: 'https://forge.example/x',
  bugs: { url: 'https://forge.example/x/issues' },
};
const MANIFEST = { name: 'x', version: '0.1.0', ...PLACES };
const LOCK = {
  name: 'x',
  version: '0.1.0',
  packages: { '': { name: 'x', version: '0.1.0' }, 'node_modules/y': { version: '0.1.0' } },
};

class Repository {
  readonly folder = mkdtempSync(join(tmpdir(), 'unstick-release-'));

  constructor(files: Readonly<Record<string, string>> = {}) {
    onTestFinished(() => rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 }));
    const all = {
      'package.json': JSON.stringify(MANIFEST, undefined, 2),
      'package-lock.json': JSON.stringify(LOCK, undefined, 2),
      'CHANGELOG.md': CHANGELOG,
      ...files,
    };
    for (const [name, text] of Object.entries(all)) {
      writeFileSync(join(this.folder, name), text);
    }
    this.git('init', '--quiet');
    this.git('config', 'user.name', 'a maintainer');
    this.git('config', 'user.email', 'maintainer@forge.example');
    this.git('add', '.');
    this.git('commit', '--quiet', '--message', 'first');
  }

  git(...words: readonly string[]): string {
    return execFileSync('git', words, { cwd: this.folder, encoding: 'utf8' }).trim();
  }

  read(name: string): string {
    return readFileSync(join(this.folder, name), 'utf8');
  }

  release(...words: readonly string[]): { status: number | null; stdout: string; stderr: string } {
    const tsx = join(root, 'node_modules/tsx/dist/loader.mjs');
    const all = ['--import', tsx, join(root, '.build/release.ts'), ...words];
    return spawnSync(process.execPath, all, { cwd: this.folder, encoding: 'utf8' });
  }
}

describe('a release', () => {
  test('sets the version, dates the changelog, commits, and tags with the notes', () => {
    const repository = new Repository();
    const { status, stdout } = repository.release('0.2.0');
    expect(status).toBe(0);
    expect(stdout).toContain('git push --follow-tags');
    expect(JSON.parse(repository.read('package.json'))).toEqual({ ...MANIFEST, version: '0.2.0' });
    expect(JSON.parse(repository.read('package-lock.json'))).toEqual({
      ...LOCK,
      version: '0.2.0',
      packages: { ...LOCK.packages, '': { name: 'x', version: '0.2.0' } },
    });
    expect(repository.read('CHANGELOG.md')).toMatch(/^## 0\.2\.0 \(\d{4}-\d\d-\d\d\)$/m);
    expect(repository.git('status', '--porcelain')).toBe('');
    expect(repository.git('log', '-1', '--format=%s')).toBe('chore(release): v0.2.0');
    expect(repository.git('tag', '--list', '--format=%(contents)', 'v0.2.0')).toBe(
      'v0.2.0\n\n### Added\n\n- A thing.',
    );
  });

  test('that is dry shows the notes and changes nothing', () => {
    const repository = new Repository();
    const { status, stdout } = repository.release('0.2.0', '--dry-run');
    expect(status).toBe(0);
    expect(stdout).toContain('### Added\n\n- A thing.');
    expect(repository.git('status', '--porcelain')).toBe('');
    expect(repository.git('tag')).toBe('');
    expect(repository.git('rev-list', '--count', 'HEAD')).toBe('1');
  });
});

describe('nothing is released', () => {
  test.each<[string, Readonly<Record<string, string>>, string, string]>([
    ['of a version that is none', {}, '0.2', '0.2 is not a version'],
    ['of the same version', {}, '0.1.0', 'must be above 0.1.0'],
    ['of an older version', {}, '0.0.9', 'must be above 0.1.0'],
    ['that the changelog does not have', {}, '0.3.0', 'has no "## 0.3.0 (unreleased)"'],
    [
      'that the changelog says nothing of',
      { 'CHANGELOG.md': '## 0.2.0 (unreleased)\n\n## 0.1.0\n' },
      '0.2.0',
      'says nothing about 0.2.0',
    ],
    ...Object.keys(PLACES).flatMap((name) =>
      [undefined, '', 'somewhere', {}, { url: '' }].map(
        (place): [string, Readonly<Record<string, string>>, string, string] => [
          `where ${name} is ${JSON.stringify(place)}`,
          { 'package.json': JSON.stringify({ ...MANIFEST, [name]: place }) },
          '0.2.0',
          `no https address as its ${name}`,
        ],
      ),
    ),
  ])('%s', (_, files, version, said) => {
    const repository = new Repository(files);
    for (const words of [[version], [version, '--dry-run']]) {
      const { status, stderr } = repository.release(...words);
      expect({ status, isTold: stderr.includes(said) }).toEqual({ status: 1, isTold: true });
    }
    expect(repository.git('tag')).toBe('');
    expect(repository.git('status', '--porcelain')).toBe('');
  });

  test('of a tree with changes, nor under a tag that exists', () => {
    const repository = new Repository();
    repository.git('tag', 'v0.2.0');
    writeFileSync(join(repository.folder, 'new.txt'), '');
    const { status, stderr } = repository.release('0.2.0');
    expect(status).toBe(1);
    expect(stderr).toContain('not committed');
    expect(stderr).toContain('The tag v0.2.0 exists.');
  });

  test('without a version', () => {
    const { status, stderr } = new Repository().release();
    expect({ status, stderr }).toEqual({
      status: 2,
      stderr: 'Usage: npm run release -- VERSION [--dry-run], or npm run release -- --check\n',
    });
  });
});

describe('what npm publish asks first', () => {
  test('is fine with what a release has committed', () => {
    const repository = new Repository();
    expect(repository.release('0.2.0').status).toBe(0);
    expect(repository.release('--check')).toMatchObject({ status: 0, stdout: '', stderr: '' });
  });

  test('refuses what no release has made', () => {
    const { status, stderr } = new Repository().release('--check');
    expect(status).toBe(1);
    expect(stderr).toContain('CHANGELOG.md has no date for 0.1.0');
  });

  test('refuses a package that does not say where it lives, and says what to do', () => {
    const manifest = JSON.stringify({ name: 'x', version: '0.1.0' });
    const { status, stderr } = new Repository({ 'package.json': manifest }).release('--check');
    expect(status).toBe(1);
    for (const name of Object.keys(PLACES)) {
      expect(stderr).toContain(`no https address as its ${name}`);
    }
    expect(stderr).toContain('CONTRIBUTING.md, "Before the first release"');
  });

  test('is asked by package.json, and CONTRIBUTING.md has the page that it names', () => {
    const { scripts }: { scripts: Record<string, string> } = JSON.parse(
      readFileSync(join(root, 'package.json'), 'utf8'),
    );
    expect(scripts['prepublishOnly']).toBe('npm run -s release -- --check');
    const page = sectionOf(readMarkdown('CONTRIBUTING.md'), 'Before the first release');
    const unnamed = [...Object.keys(PLACES), 'NPM_TOKEN', 'npm run release'].filter(
      (name) => !page.includes(name),
    );
    expect(unnamed).toEqual([]);
  });
});
